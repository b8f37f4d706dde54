//! Checking what a person gives as their second factor. A code works once, also when it is sent twice at once: that it was
//! used is written before anything rests on it.

use secrecy::{ExposeSecret, SecretString};
use store::{FactorKind, Person};

use super::{recovery_codes, subject, totp::TotpKey};
use crate::{
    Actor, FactorProblem, Origin, Portal, Problem, Result,
    accounts::{
        attempts::{Account, Guess, GuessedSecret},
        hasher::Turn,
    },
    actor::signing_in,
    audit::{Action, Draft, EntryActor, Outcome},
    gathering::{Group, Who},
};

/// What somebody gives to prove who they are.
#[derive(Debug)]
pub enum Given {
    /// A code of an authenticator app, or a recovery code.
    Code(SecretString),
    /// A browser's answer to a challenge, as JSON.
    Passkey {
        /// The challenge's id.
        challenge: String,
        /// The answer.
        answer: String,
    },
    /// The password, for people without a second factor.
    Password(SecretString),
}

/// Who gives it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Giver<'a> {
    /// Somebody who is signing in.
    SigningIn(&'a Origin),
    /// Somebody who is signed in.
    SignedIn(&'a Actor),
}

impl Giver<'_> {
    /// The person in log entries.
    fn entry_actor(self, person: &Person) -> EntryActor {
        match self {
            Self::SigningIn(origin) => signing_in(person, origin),
            Self::SignedIn(actor) => actor.entry_actor(),
        }
    }
}

impl Portal {
    /// Checks a person's second factor and uses it up.
    ///
    /// # Errors
    /// `Invalid` if it is wrong or was used, `TooManyAttempts` after too many wrong ones.
    pub(super) async fn check_factor(&self, person: &Person, giver: Giver<'_>, given: Given) -> Result<()> {
        let secret = match &given {
            Given::Code(code) if recovery_codes::typed_code(code.expose_secret()).is_some() => {
                GuessedSecret::RecoveryCode
            }
            _ => GuessedSecret::SecondFactor,
        };
        let guess = match giver {
            Giver::SigningIn(origin) => {
                Guess::signed_out(secret, Account::person(&self.vault, person.id), Some(person), origin)
            }
            Giver::SignedIn(actor) => Guess::signed_in(secret, &self.vault, actor),
        };
        let attempt = self.attempt(guess)?;
        let actor = giver.entry_actor(person);
        let (is_right, field, problem) = match given {
            Given::Code(code) => {
                (self.check_code(person, actor.clone(), &code).await?, "code", FactorProblem::WrongCode)
            }
            Given::Passkey { challenge, answer } => {
                let is_right = self.check_passkey(person, &challenge, &answer).await?;
                (is_right, "passkey", FactorProblem::PasskeyRefused)
            }
            Given::Password(_) => (false, "code", FactorProblem::WrongCode),
        };
        if is_right {
            attempt.give_back();
            return Ok(());
        }
        self.note_refused(person, actor);
        Err(problem.of(field))
    }

    async fn check_code(&self, person: &Person, actor: EntryActor, typed: &SecretString) -> Result<bool> {
        if let Some(code) = recovery_codes::typed_code(typed.expose_secret()) {
            // Nobody waits for the writer, and nothing is written, for a code that is wrong.
            let known = store::recovery_codes::of_person(&mut self.store.read().await?, person.id).await?;
            if person.factors.is_empty() || !known.contains(&recovery_codes::hash(&self.vault, person.id, &code)) {
                return Ok(false);
            }
            let mut tx = self.store.write().await?;
            let is_used_up = recovery_codes::use_up(&mut tx, &self.vault, actor, person, &code).await?;
            tx.commit().await?;
            return Ok(is_used_up);
        }
        let code: String = typed.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
        let now = self.now();
        let factors = store::factors::of_person(&mut self.store.read().await?, person).await?;
        for stored in factors.iter().filter(|stored| stored.factor.kind == FactorKind::Totp) {
            let key = TotpKey::stored(self.vault.open_for(&subject(stored.factor.id), &stored.sealed)?);
            if let Some(step) = key.step_of(&code, now, stored.used_up_to)? {
                let mut tx = self.store.write().await?;
                let is_first = store::factors::advance(&mut tx, stored, step, now).await?;
                tx.commit().await?;
                return Ok(is_first);
            }
        }
        Ok(false)
    }

    /// Checks the password of a person who is signed in and has no second factor.
    pub(super) async fn check_password_again(
        &self,
        actor: &Actor,
        person: &Person,
        password: SecretString,
    ) -> Result<()> {
        let attempt = self.attempt(Guess::signed_in(GuessedSecret::OldPassword, &self.vault, actor))?;
        let stored = store::people::password_hash(&mut self.store.read().await?, person.id).await?;
        if self.hasher.verify(Turn::of_person(person.id), password, stored).await? {
            attempt.give_back();
            return Ok(());
        }
        self.note_refused(person, actor.entry_actor());
        Err(Problem::WrongPassword.of("password"))
    }

    fn note_refused(&self, person: &Person, actor: EntryActor) {
        let mut draft = Draft::recorded(actor, Action::FactorRefuse).target(person.target());
        draft.outcome = Some(Outcome::Rejected);
        self.gatherer.count(Group { who: Who::Person(person.id), action: Action::FactorRefuse, team: None }, draft);
    }
}
