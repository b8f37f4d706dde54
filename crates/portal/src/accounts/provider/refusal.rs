//! Why nobody is signed in by the provider, as codes.

use store::StoreError;

use crate::{Error, vault::VaultError};

/// Why nobody is signed in by the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ProviderRefusal {
    /// The portal has no provider.
    None,
    /// The provider does not answer.
    Down,
    /// The provider's answer cannot be understood.
    Unreadable,
    /// Too many calls to the provider are under way.
    Busy,
    /// The sign-in did not begin in this browser, took more than ten minutes, or was used before.
    Expired,
    /// The person or the provider cancelled it.
    Cancelled,
    /// The answer is another provider's.
    WrongIssuer,
    /// The provider does not take the code.
    Code,
    /// The ID token is not one for this sign-in.
    Token,
    /// The provider sends no groups, although roles depend on them.
    NoGroups,
    /// None of the person's groups gives them a role.
    NoGroup,
    /// The provider sends no email address.
    NoEmail,
    /// The provider does not vouch for the email address.
    EmailNotVerified,
    /// Somebody with this email address signs in with a password, or has another account at the provider.
    EmailTaken,
    /// The person has no account here.
    NoAccount,
    /// The person's account is disabled.
    Disabled,
    /// Somebody else than the person of the session signed in at the provider.
    SomebodyElse,
    /// The provider did not ask the person to sign in again, or asked for less than before.
    NotFresh,
}

impl ProviderRefusal {
    /// All of them.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Its stable name.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Why nobody is signed in by the provider, or why the portal could not find out.
#[derive(Debug)]
pub enum ProviderError {
    /// Nobody is signed in.
    Refused(ProviderRefusal),
    /// The portal itself refuses or fails.
    Portal(Error),
}

impl From<ProviderRefusal> for ProviderError {
    fn from(refusal: ProviderRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for ProviderError {
    fn from(error: Error) -> Self {
        Self::Portal(error)
    }
}

impl From<StoreError> for ProviderError {
    fn from(error: StoreError) -> Self {
        Self::Portal(error.into())
    }
}

impl From<VaultError> for ProviderError {
    fn from(error: VaultError) -> Self {
        Self::Portal(error.into())
    }
}
