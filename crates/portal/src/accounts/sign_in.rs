//! Signing in with e-mail and password.

use secrecy::SecretString;

use super::{
    FirstStep, Proof,
    attempts::{Account, Guess, GuessedSecret},
    hasher::Turn,
    people::normal_email,
};
use crate::{
    Origin, PersonId, Portal, Problem, Result,
    actor::signed_out,
    audit::{Action, Draft, Outcome},
    gathering::{Group, Who},
};

impl Portal {
    /// Checks a person's password, the first step of signing in. A wrong e-mail, a wrong password and a disabled person get the same answer after the
    /// same time.
    ///
    /// # Errors
    /// `Invalid` if they do not match, `TooManyAttempts` after too many failed attempts.
    pub async fn sign_in(&self, email: &str, password: SecretString, origin: &Origin) -> Result<FirstStep> {
        let typed = email;
        let email = normal_email(typed);
        let person = match &email {
            Some(email) => store::people::by_email(&mut self.store.read().await?, email).await?,
            None => None,
        };
        let account = Account::email(&self.vault, email.as_deref().unwrap_or(typed));
        let guess = Guess::signed_out(GuessedSecret::Password, account, person.as_ref(), origin);
        let attempt = self.attempt(guess)?;
        // Somebody who may not sign in is looked up all the same, so that the answer takes the same time.
        let may_sign_in = person.as_ref().filter(|person| person.disabled_at.is_none()).map(|person| person.id);
        let id = may_sign_in.unwrap_or_else(PersonId::new);
        // Read before the password, so that the proof is void if the password or the person changes meanwhile.
        let as_of = store::people::recorded_in(&mut self.store.read().await?, id).await?;
        let stored = store::people::password_hash(&mut self.store.read().await?, id).await?;
        let turn = match &person {
            Some(person) if origin.knows(person.id) => Turn::of_known(Some(person.id), origin),
            _ => Turn::of_stranger(origin),
        };
        let matches = match self.hasher.verify(turn, password, stored).await {
            Ok(matches) => matches,
            Err(error) => {
                // Nothing was checked.
                attempt.give_back();
                return Err(error);
            }
        };
        match (person, as_of) {
            (Some(person), Some(as_of)) if matches => {
                attempt.give_back();
                let proof = Proof::by_password(person.id, as_of);
                Ok(FirstStep::of(person, proof))
            }
            (person, _) => {
                // What was typed as the e-mail is not recorded: it may be a password.
                let mut draft = Draft::recorded(signed_out(origin), Action::SessionRefuse);
                draft.outcome = Some(Outcome::Rejected);
                draft.targets.extend(person.as_ref().map(|person| person.target()));
                let who = Who::signed_out(person.as_ref().map(|person| person.id), origin.ip);
                self.gatherer.count(Group { who, action: Action::SessionRefuse, team: None }, draft);
                Err(Problem::SignInRefused.of("password"))
            }
        }
    }
}
