//! Signing in with e-mail and password.

use secrecy::SecretString;

use super::{SessionKey, people::normal_email};
use crate::{
    Actor, Error, FieldProblems, Origin, Portal, Result,
    store::{self, StoreError},
};

impl Portal {
    /// Signs a person in: checks the password and begins the session of `key`.
    /// A wrong e-mail, a wrong password and a disabled person get the same answer after the same time.
    ///
    /// # Errors
    /// `Invalid` when they do not match, `TooManyAttempts` after too many that did not, `LogUnavailable` when the
    /// session's entry cannot be written: nobody comes in unseen.
    pub async fn sign_in(
        &self,
        email: &str,
        password: SecretString,
        key: &SessionKey,
        origin: &Origin,
    ) -> Result<Actor> {
        let email = normal_email(email);
        let person = match &email {
            Some(email) => store::people::by_email(&mut *self.store.read().await?, email).await?,
            None => None,
        };
        let account = person.as_ref().map(|person| person.id);
        if self.refused.are_too_many(account, origin.ip) {
            return Err(Error::TooManyAttempts);
        }
        let stored = match &person {
            Some(person) if person.disabled_at.is_none() => {
                store::people::password_hash(&mut *self.store.read().await?, person.id).await?
            }
            _ => None,
        };
        let matches = self.hasher.verify(password, stored).await?;
        match person {
            Some(person) if matches => {
                let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
                let actor = self.begin_session(&mut tx, key, &person, origin).await?;
                tx.commit().await.map_err(|error| Error::LogUnavailable(StoreError::from(error)))?;
                Ok(actor)
            }
            person => {
                self.refused.note(person.as_ref(), origin);
                Err(Error::Invalid(FieldProblems::from([("password", "E-mail and password do not match.")])))
            }
        }
    }
}
