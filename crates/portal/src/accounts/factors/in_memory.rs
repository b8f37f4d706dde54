//! What a portal keeps in memory of factors that are being set up or given.

use store::clock::Clock;

use super::{challenges::Passkeys, pending_keys::PendingKeys};

/// Challenges for passkeys, and keys of authenticator apps that are not confirmed yet.
pub(crate) struct FactorSetup {
    pub(super) passkeys: Passkeys,
    pub(super) pending_keys: PendingKeys,
}

impl FactorSetup {
    /// For a portal at this address.
    pub fn at(public_url: Option<&str>, clock: Clock) -> Self {
        Self { passkeys: Passkeys::at(public_url, clock), pending_keys: PendingKeys::default() }
    }
}
