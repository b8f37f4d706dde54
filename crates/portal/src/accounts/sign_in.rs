//! Signing in with e-mail and password.

use secrecy::SecretString;

use store::StoreError;

use super::{Proof, people::normal_email};
use crate::{Error, Origin, Portal, Problem, Result};

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
        let account = person.as_ref().map(|person| person.id);
        if self.refused.are_too_many(account, origin.ip) {
            return Err(Error::TooManyAttempts);
        }
        let stored = match &person {
            Some(person) if person.disabled_at.is_none() => {
                store::people::password_hash(&mut self.store.read().await?, person.id).await?
            }
            _ => None,
        };
        let matches = self.hasher.verify(password, stored).await?;
        match person {
            Some(person) if matches => Ok(Proof { person: person.id }),
            person => {
                self.refused.note(person.as_ref(), origin);
                Err(Problem::SignInRefused.of("password"))
            }
        }
    }

    /// Appends the failed sign-ins whose minute is over, or all of them.
    pub(crate) async fn append_refused_sign_ins(&self, everything: bool) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for draft in self.refused.take(everything) {
            if let Err(error) = self.record(draft).await {
                outcome = Err(error);
            }
        }
        outcome
    }
}
