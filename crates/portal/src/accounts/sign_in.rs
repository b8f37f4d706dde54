//! Signing in with e-mail and password.

use secrecy::SecretString;

use super::{Proof, hasher::Turn, password::MOST_FAILURES, people::normal_email};
use crate::{
    Error, Origin, Portal, Problem, Result,
    actor::signed_out,
    audit::{Action, Draft, Outcome},
    gathering::{Group, Who},
};

impl Portal {
    /// Checks a person's password. A wrong e-mail, a wrong password and a disabled person get the same answer after the
    /// same time.
    ///
    /// # Errors
    /// `Invalid` if they do not match, `TooManyAttempts` after too many failed attempts.
    pub async fn sign_in(&self, email: &str, password: SecretString, origin: &Origin) -> Result<Proof> {
        let email = normal_email(email);
        let person = match &email {
            Some(email) => store::people::by_email(&mut self.store.read().await?, email).await?,
            None => None,
        };
        let who = Who::signed_out(person.as_ref().map(|person| person.id), origin.ip);
        let group = Group { who, action: Action::SessionRefuse, team: None };
        let Some(_attempt) = self.gatherer.attempt(group, MOST_FAILURES) else { return Err(Error::TooManyAttempts) };
        let stored = match &person {
            Some(person) if person.disabled_at.is_none() => {
                store::people::password_hash(&mut self.store.read().await?, person.id).await?
            }
            _ => None,
        };
        let turn = match &person {
            Some(person) if origin.last_person == Some(person.id) => Turn::of_known(Some(person.id), origin),
            _ => Turn::of_stranger(origin),
        };
        let matches = self.hasher.verify(turn, password, stored).await?;
        match person {
            Some(person) if matches => Ok(Proof::by_password(person.id)),
            person => {
                // What was typed as the e-mail is not recorded: it may be a password.
                let mut draft = Draft::recorded(signed_out(origin), Action::SessionRefuse);
                draft.outcome = Some(Outcome::Rejected);
                draft.targets.extend(person.as_ref().map(|person| person.target()));
                self.gatherer.count(group, draft);
                Err(Problem::SignInRefused.of("password"))
            }
        }
    }
}
