//! What is guessed, and what a guess claims to be.

use secrecy::{ExposeSecret, SecretString};
use store::PersonId;

use crate::vault::Vault;

/// A kind of secret that somebody could guess. Each has limits of its own: wrong tokens of a program keep nobody at the
/// same address from signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum GuessedSecret {
    /// A password, at sign-in.
    Password,
    /// A person's own password, while signed in.
    OldPassword,
    /// A code of a second factor. It has six digits, so its limits are stricter.
    SecondFactor,
    /// A recovery code.
    RecoveryCode,
    /// The secret of a one-time link.
    OneTimeLink,
    /// A token of the feed.
    FeedToken,
    /// What the provider's page sends a browser back with.
    ProviderCode,
}

impl GuessedSecret {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

/// What is claimed with a guess, as a keyed hash, whether the portal knows it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Account([u8; 16]);

impl Account {
    /// The account that somebody claims by an e-mail.
    pub fn email(vault: &Vault, email: &str) -> Self {
        Self::of(vault, "email", email.as_bytes())
    }

    /// The account of a person who is known already.
    pub fn person(vault: &Vault, person: PersonId) -> Self {
        Self::of(vault, "person", person.to_string().as_bytes())
    }

    /// A secret that names its own account, such as a token or a link: the same wrong one again and again counts as one
    /// account, and leaves room for others in its network.
    pub fn token(vault: &Vault, token: &SecretString) -> Self {
        Self::of(vault, "token", token.expose_secret().as_bytes())
    }

    fn of(vault: &Vault, kind: &str, text: &[u8]) -> Self {
        let hash = vault.keyed_hash("account of an attempt", [kind.as_bytes(), text]);
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self(half)
    }
}
