//! The opened data keys, each for one purpose.

use std::sync::Arc;

use store::{BadRow, DataKey, KeyPurpose, KeyState, LockedKey, RowKey};

use super::{error::VaultError, master_keys::MasterKeys, primitives::hmac};

/// The opened data keys. Of each purpose, the current one comes first.
#[derive(Debug)]
pub(super) struct DataKeys {
    /// Derived from the hash key.
    pub fingerprints: LockedKey,
    /// Derived from the hash key.
    pub keyed_hashes: LockedKey,
    /// With their ids.
    pub seal: Vec<(String, LockedKey)>,
    row: Vec<Arc<LockedKey>>,
}

impl DataKeys {
    pub fn open(masters: &MasterKeys, sealed: &[DataKey]) -> Result<Self, VaultError> {
        let hash = &of_purpose(masters, sealed, KeyPurpose::Hash)?[0].1;
        let derived = |purpose: &str| LockedKey::new(&mut hmac(hash, [purpose.as_bytes()]));
        Ok(Self {
            fingerprints: derived("partner-portal token fingerprint"),
            keyed_hashes: derived("partner-portal keyed hashes"),
            seal: of_purpose(masters, sealed, KeyPurpose::Seal)?,
            row: of_purpose(masters, sealed, KeyPurpose::Row)?.into_iter().map(|(_, key)| Arc::new(key)).collect(),
        })
    }

    pub fn row_key(&self, alarm: impl Fn(&BadRow) + Send + Sync + 'static) -> RowKey {
        RowKey::new(Arc::clone(&self.row[0]), self.row[1..].iter().cloned(), alarm)
    }
}

/// The keys for a purpose, the current one first.
fn of_purpose(
    masters: &MasterKeys,
    sealed: &[DataKey],
    purpose: KeyPurpose,
) -> Result<Vec<(String, LockedKey)>, VaultError> {
    let mut of_it: Vec<&DataKey> = sealed.iter().filter(|key| key.purpose == purpose).collect();
    of_it.sort_by_key(|key| key.state != KeyState::Current);
    if of_it.iter().filter(|key| key.state == KeyState::Current).count() != 1 {
        return Err(VaultError::MissingKey(purpose));
    }
    of_it.into_iter().map(|key| Ok((key.id.clone(), masters.open_key(key)?))).collect()
}
