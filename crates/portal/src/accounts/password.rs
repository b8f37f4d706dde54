//! Passwords: which are allowed, and their Argon2id hashes.
//! A hash takes 19 MiB and tens of milliseconds, so few are made at once, on threads for blocking work.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Problem};

/// The fewest characters: fewer do not withstand guessing.
const SHORTEST: usize = 12;
/// The most characters: nobody types more.
const LONGEST: usize = 256;

/// A password that can be set: 12 to 256 characters.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl TryFrom<SecretString> for Password {
    type Error = Problem;

    fn try_from(text: SecretString) -> Result<Self, Problem> {
        match text.expose_secret().chars().count() {
            0..SHORTEST => Err(Problem::PasswordTooShort { least: SHORTEST }),
            SHORTEST..=LONGEST => Ok(Self(text)),
            _ => Err(Problem::PasswordTooLong { most: LONGEST }),
        }
    }
}

/// Hashes and checks passwords, at most two at once.
#[derive(Debug)]
pub(crate) struct Hasher {
    places: Semaphore,
    /// The hash that is checked if there is no such person, so that the answer takes the same time.
    decoy: String,
}

impl Hasher {
    pub fn new() -> Result<Self, Error> {
        Ok(Self { places: Semaphore::new(2), decoy: hash("a decoy that no password matches")? })
    }

    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        let _place = self.places.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        tokio::task::spawn_blocking(move || hash(password.0.expose_secret()))
            .await
            .map_err(|error| Error::Internal(error.to_string()))?
    }

    /// Whether `typed` matches the stored hash. If nothing is stored it does not, and the answer takes the same time.
    pub async fn verify(&self, typed: SecretString, stored: Option<String>) -> Result<bool, Error> {
        let _place = self.places.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let matches = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&stored).map_err(|error| Error::Internal(error.to_string()))?;
            Ok::<_, Error>(Argon2::default().verify_password(typed.expose_secret().as_bytes(), &hash).is_ok())
        })
        .await
        .map_err(|error| Error::Internal(error.to_string()))??;
        Ok(known && matches)
    }
}

fn hash(text: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(text.as_bytes(), &SaltString::generate(&mut OsRng))
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{Hasher, Password};
    use crate::Problem;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn a_password_matches_only_its_own_hash_and_never_the_decoy() {
        let hasher = Hasher::new().unwrap();
        let password = Password::try_from(secret("correct horse battery")).unwrap();
        let stored = hasher.hash(password).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(hasher.verify(secret("correct horse battery"), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify(secret("correct horse batterz"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(secret("a decoy that no password matches"), None).await.unwrap());
    }

    #[test]
    fn a_password_has_12_to_256_characters() {
        assert_eq!(Password::try_from(secret("short")).err(), Some(Problem::PasswordTooShort { least: 12 }));
        assert_eq!(Password::try_from(secret(&"x".repeat(257))).err(), Some(Problem::PasswordTooLong { most: 256 }));
    }
}
