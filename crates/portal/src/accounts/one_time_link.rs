//! Making the secret of a one-time link. Only its hash is stored.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::{InvitationFor, Write};
use time::{Duration, OffsetDateTime};

use crate::{Result, random_secret::random_secret};

/// How long a link is valid.
const VALID_FOR: Duration = Duration::days(7);

/// The secret in a one-time link.
pub type Secret = SecretString;

/// Makes a link and invalidates every earlier link for the same purpose.
pub(super) async fn issue(tx: &mut Write, purpose: InvitationFor) -> Result<Secret> {
    let secret = random_secret("")?;
    let now = OffsetDateTime::now_utc();
    store::invitations::remove(tx, purpose).await?;
    store::invitations::insert(tx, &hash(&secret), purpose, now, now + VALID_FOR).await?;
    Ok(secret)
}

pub(super) fn hash(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose_secret().as_bytes()).into()
}
