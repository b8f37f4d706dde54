//! Keys of authenticator apps that were shown and not confirmed yet. They are in memory only, for half an hour.

use std::time::Duration;

use moka::sync::Cache;

use super::totp::TotpKey;
use crate::PersonId;

/// The key that each person is setting up.
#[derive(Clone, Debug)]
pub(crate) struct PendingKeys(Cache<PersonId, TotpKey>);

impl Default for PendingKeys {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(1_800)).build())
    }
}

impl PendingKeys {
    pub(super) fn get(&self, person: PersonId) -> Option<TotpKey> {
        self.0.get(&person)
    }

    pub(super) fn keep(&self, person: PersonId, key: TotpKey) {
        self.0.insert(person, key);
    }

    pub(super) fn remove(&self, person: PersonId) {
        self.0.invalidate(&person);
    }
}
