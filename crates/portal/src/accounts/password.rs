//! Passwords: which are allowed. `hasher` makes their hashes.
//! They are compared in one spelling of Unicode, since keyboards and systems differ in how they write é or a space.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::Problem;

/// The fewest characters: fewer do not withstand guessing.
const SHORTEST: usize = 12;
/// The most characters.
const LONGEST: usize = 128;

/// A password of 12 to 128 characters. Whether it can be chosen depends on who chooses it: see `password_rules`.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// The text, in the spelling in which it is hashed.
    pub(super) fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

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

impl Password {
    /// The text that is hashed.
    pub(super) fn into_text(self) -> SecretString {
        self.0
    }
}

/// A password in the one spelling in which it is hashed: as OpaqueString of RFC 8265, with composed characters (NFC) and
/// every space the ASCII one.
pub(super) fn normalized(text: &SecretString) -> SecretString {
    let space = |c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        c => c,
    };
    text.expose_secret().chars().map(space).nfc().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::Password;
    use crate::Problem;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn characters_are_counted_as_composed() {
        assert!(Password::try_from(secret(&"e\u{301}".repeat(128))).is_ok());
        let short = Password::try_from(secret(&"e\u{301}".repeat(11)));
        assert_eq!(short.err(), Some(Problem::PasswordTooShort { least: 12 }));
    }

    #[test]
    fn a_password_has_12_to_128_characters() {
        assert_eq!(Password::try_from(secret("short")).err(), Some(Problem::PasswordTooShort { least: 12 }));
        assert_eq!(Password::try_from(secret(&"x".repeat(129))).err(), Some(Problem::PasswordTooLong { most: 128 }));
    }
}
