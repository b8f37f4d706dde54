//! The master keys: read from a file that is not in the data folder, newest first. They seal data keys and nothing else.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use store::{DataKey, KeyPurpose, KeyState, LockedKey, private_file::read_secret};
use zeroize::Zeroizing;

use super::{
    error::VaultError,
    primitives::{open, random, seal},
};

/// The most keys in a file: a new one and those that it replaces.
const MOST: usize = 8;

/// The master keys in a file, newest first.
#[derive(Debug)]
pub struct MasterKeys(Vec<MasterKey>);

#[derive(Debug)]
struct MasterKey {
    id: String,
    key: LockedKey,
}

impl MasterKeys {
    /// Reads the keys: one on each line, 32 bytes in base64, as [`crate::vault::Vault::new_key`] makes them.
    ///
    /// # Errors
    /// `KeyFile` if the file cannot be read or others can read it, `NotAKey` if a line is not a key.
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        let shown = path.display().to_string();
        let text = read_secret(path).map_err(|cause| VaultError::KeyFile { path: shown.clone(), cause })?;
        Self::from_text(&text).ok_or(VaultError::NotAKey { path: shown })
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<MasterKey> = lines.map(MasterKey::from_line).collect::<Option<_>>()?;
        (!keys.is_empty() && keys.len() <= MOST).then_some(Self(keys))
    }

    /// The id of the newest key. It does not reveal the key.
    #[must_use]
    pub fn newest(&self) -> &str {
        &self.0[0].id
    }

    /// The ids of all keys, newest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    /// Data keys for a new database: one for each purpose, sealed with the newest master key.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn new_data_keys(&self, now: i64) -> Result<Vec<DataKey>, VaultError> {
        KeyPurpose::ALL.iter().map(|purpose| self.new_data_key(*purpose, KeyState::Current, now)).collect()
    }

    pub(crate) fn new_data_key(
        &self,
        purpose: KeyPurpose,
        state: KeyState,
        created_at: i64,
    ) -> Result<DataKey, VaultError> {
        let (id, key) = (hex::encode(random::<6>()?), Zeroizing::new(random::<32>()?));
        self.0[0].seal(DataKey { id, purpose, state, created_at, ..DataKey::default() }, key.as_slice())
    }

    /// The same data key in another state, sealed with the same master key as before.
    ///
    /// # Errors
    /// As [`crate::vault::Vault::open`].
    pub(crate) fn with_state(&self, sealed: &DataKey, state: KeyState) -> Result<DataKey, VaultError> {
        let (master, key) = self.open(sealed)?;
        master.seal(DataKey { state, ..sealed.clone() }, &key)
    }

    /// The same data key, sealed with the newest master key.
    ///
    /// # Errors
    /// As [`crate::vault::Vault::open`].
    pub(crate) fn sealed_with_newest(&self, sealed: &DataKey) -> Result<DataKey, VaultError> {
        let (_, key) = self.open(sealed)?;
        self.0[0].seal(sealed.clone(), &key)
    }

    pub(super) fn open_key(&self, sealed: &DataKey) -> Result<LockedKey, VaultError> {
        let (_, clear) = self.open(sealed)?;
        let mut key: [u8; 32] = clear.as_slice().try_into().map_err(|_| VaultError::Damaged)?;
        Ok(LockedKey::new(&mut key))
    }

    fn open(&self, sealed: &DataKey) -> Result<(&MasterKey, Zeroizing<Vec<u8>>), VaultError> {
        let master = self.0.iter().find(|master| master.id == sealed.key_id).ok_or_else(|| VaultError::WrongKey {
            sealed_with: sealed.key_id.clone(),
            given: self.ids().collect::<Vec<_>>().join(" and "),
        })?;
        Ok((master, open(&master.key, &associated(sealed), &sealed.nonce, &sealed.sealed)?))
    }
}

impl MasterKey {
    fn from_line(line: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(line).ok()?);
        let mut key: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
        let id = Sha256::new().chain_update("partner-portal key id\0").chain_update(key.as_slice()).finalize();
        Some(Self { id: hex::encode(&id[..6]), key: LockedKey::new(&mut key) })
    }

    fn seal(&self, data_key: DataKey, clear: &[u8]) -> Result<DataKey, VaultError> {
        let data_key = DataKey { key_id: self.id.clone(), ..data_key };
        let (nonce, sealed) = seal(&self.key, &associated(&data_key), clear)?;
        Ok(DataKey { nonce, sealed, ..data_key })
    }
}

/// The associated data: everything else in the row, so that none of it can be changed.
fn associated(key: &DataKey) -> String {
    let DataKey { id, purpose, state, key_id, created_at, .. } = key;
    format!("partner-portal data key v1 {id} {purpose} {state} {key_id} {created_at}")
}

#[cfg(test)]
mod tests {
    use store::{KeyPurpose, KeyState};

    use super::MasterKeys;
    use crate::vault::{Vault, VaultError};

    #[test]
    fn an_invalid_key_file_is_refused() {
        let key = Vault::new_key().unwrap();
        for text in ["", "\n", "short", "AAAA", "not base64 at all!", &format!("{}\nshort\n", key.as_str())] {
            assert!(MasterKeys::from_text(text).is_none(), "{text}");
        }
        assert!(MasterKeys::from_text(&format!("{}\n", key.as_str()).repeat(9)).is_none());
    }

    #[test]
    fn a_file_can_hold_the_new_key_and_the_one_that_it_replaces() {
        let [old, new] = [Vault::new_key().unwrap(), Vault::new_key().unwrap()];
        let before = MasterKeys::from_text(&old).unwrap();
        let sealed = before.new_data_keys(7).unwrap();
        let both = MasterKeys::from_text(&format!("{}\r\n\n {} \n", new.as_str(), old.as_str())).unwrap();
        assert_eq!(both.ids().count(), 2);
        assert_ne!(both.newest(), before.newest());
        for key in &sealed {
            let moved = both.sealed_with_newest(key).unwrap();
            assert_eq!(before.open_key(key).unwrap().bytes(), both.open_key(&moved).unwrap().bytes());
            assert!(matches!(before.open_key(&moved), Err(VaultError::WrongKey { .. })));
        }
    }

    #[test]
    fn nothing_in_the_row_of_a_data_key_can_be_changed() {
        let masters = MasterKeys::from_text(&Vault::new_key().unwrap()).unwrap();
        let key = masters.new_data_key(KeyPurpose::Row, KeyState::Old, 7).unwrap();
        assert!(masters.open_key(&key).is_ok());
        let changes: [fn(&mut store::DataKey); 6] = [
            |key| key.id.push('0'),
            |key| key.purpose = KeyPurpose::Seal,
            |key| key.state = KeyState::Current,
            |key| key.created_at = 8,
            |key| key.nonce[0] ^= 1,
            |key| key.sealed[0] ^= 1,
        ];
        for change in changes {
            let mut changed = key.clone();
            change(&mut changed);
            assert!(matches!(masters.open_key(&changed), Err(VaultError::Damaged)), "{changed:?}");
        }
    }
}
