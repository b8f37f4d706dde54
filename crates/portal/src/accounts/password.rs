//! Passwords: which are allowed, and their Argon2id hashes.
//! They are compared in one spelling of Unicode, since keyboards and systems differ in how they write é or a space.
//! A hash takes 19 MiB and tens of milliseconds, so few are made at once, on threads for blocking work.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::{Error, Problem};

/// How many attempts may fail in a minute, per account and address, or per address if the account is unknown. Further
/// attempts are refused without checking the password.
pub(super) const MOST_FAILURES: u32 = 20;
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
        let text = normalized(&text);
        match text.expose_secret().chars().count() {
            0..SHORTEST => Err(Problem::PasswordTooShort { least: SHORTEST }),
            SHORTEST..=LONGEST => Ok(Self(text)),
            _ => Err(Problem::PasswordTooLong { most: LONGEST }),
        }
    }
}

/// A password in the one spelling in which it is hashed: as OpaqueString of RFC 8265, with composed characters (NFC) and
/// every space the ASCII one.
fn normalized(text: &SecretString) -> SecretString {
    let space = |c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        c => c,
    };
    text.expose_secret().chars().map(space).nfc().collect::<String>().into()
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
        let typed = normalized(&typed);
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

    #[tokio::test]
    async fn a_password_works_in_every_spelling_of_its_characters() {
        let hasher = Hasher::new().unwrap();
        let (composed, decomposed) = ("caf\u{e9} au lait dehors", "cafe\u{301} au lait\u{a0}dehors");
        for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
            let stored = hasher.hash(Password::try_from(secret(set)).unwrap()).await.unwrap();
            for typed in [set, typed] {
                assert!(hasher.verify(secret(typed), Some(stored.clone())).await.unwrap(), "{set} {typed}");
            }
            assert!(!hasher.verify(secret("cafe au lait dehors"), Some(stored)).await.unwrap());
        }
    }

    #[test]
    fn characters_are_counted_as_composed() {
        assert!(Password::try_from(secret(&"e\u{301}".repeat(256))).is_ok());
        let short = Password::try_from(secret(&"e\u{301}".repeat(11)));
        assert_eq!(short.err(), Some(Problem::PasswordTooShort { least: 12 }));
    }

    #[test]
    fn a_password_has_12_to_256_characters() {
        assert_eq!(Password::try_from(secret("short")).err(), Some(Problem::PasswordTooShort { least: 12 }));
        assert_eq!(Password::try_from(secret(&"x".repeat(257))).err(), Some(Problem::PasswordTooLong { most: 256 }));
    }
}
