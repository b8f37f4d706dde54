//! Making the secret of a one-time link. Only its keyed hash is stored.

use secrecy::{ExposeSecret, SecretString};
use store::{Entry, InvitationFor, Link, Release, Write};
use time::{Duration, OffsetDateTime};

use crate::{Portal, Result, random_secret::random_secret, vault::Vault};

/// How long a link is valid.
pub(super) const VALID_FOR: Duration = Duration::days(7);

/// The secret in a one-time link.
pub type Secret = SecretString;

/// What a link replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resets {
    /// The password.
    Password,
    /// The password, and every second factor is removed.
    PasswordAndFactors,
}

impl Resets {
    /// How entries name it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordAndFactors => "password and factors",
        }
    }
}

/// Makes a link and invalidates every earlier link for the same purpose. `told` is the entry that records it; the link
/// for the set-up has none.
pub(super) async fn issue(
    portal: &Portal,
    tx: &mut Write,
    purpose: InvitationFor,
    expires_at: OffsetDateTime,
    told: Option<&Entry>,
    release: Release,
    resets: Resets,
) -> Result<Secret> {
    let secret = random_secret("")?;
    let now = tx.now();
    store::invitations::remove(tx, purpose).await?;
    let secret_hash = hash(&portal.vault, &secret);
    let recovers = resets == Resets::PasswordAndFactors;
    let link = Link { secret_hash, purpose, made_in: told.map(|told| told.operation_id), release, recovers };
    store::invitations::insert(tx, &link, told, now, expires_at).await?;
    Ok(secret)
}

pub(super) fn hash(vault: &Vault, secret: &Secret) -> [u8; 32] {
    vault.keyed_hash("one-time link", [secret.expose_secret().as_bytes()])
}
