//! Sealing and opening secrets, and keyed hashes. The only place that has both the keys and a secret in clear text.
//!
//! A master key, from a file outside the data folder, seals data keys, which are in the database; data keys do
//! everything else. So the master key can be replaced while the portal serves, and the data keys with it (`docs/`
//! `key-rotation.md`).

mod data_keys;
mod error;
mod master_keys;
mod primitives;

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::Mac;
use secrecy::{ExposeSecret, SecretString};
use store::{BadRow, DataKey, RowKey, Sealed};
use zeroize::Zeroizing;

use self::{
    data_keys::DataKeys,
    primitives::{hmac, keyed, open, random, seal},
};
pub use self::{error::VaultError, master_keys::MasterKeys};
use crate::TeamId;

/// The master keys, and the data keys that they open.
#[derive(Debug)]
pub struct Vault {
    masters: MasterKeys,
    keys: RwLock<Arc<DataKeys>>,
}

impl Vault {
    /// The vault of a database with these data keys.
    ///
    /// # Errors
    /// `WrongKey` if none of the master keys sealed one of them, `Damaged` if it was changed, `MissingKey` if one is
    /// missing.
    pub fn open(masters: MasterKeys, sealed: &[DataKey]) -> Result<Self, VaultError> {
        let keys = RwLock::new(Arc::new(DataKeys::open(&masters, sealed)?));
        Ok(Self { masters, keys })
    }

    /// A new master key, as text for a key file.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn new_key() -> Result<Zeroizing<String>, VaultError> {
        let key = Zeroizing::new(random::<32>()?);
        Ok(Zeroizing::new(STANDARD.encode(key.as_slice())))
    }

    /// Checks that this file has a master key in it, and that nobody else can read it.
    ///
    /// # Errors
    /// See [`MasterKeys::from_file`].
    pub fn check_file(path: &Path) -> Result<(), VaultError> {
        MasterKeys::from_file(path).map(drop)
    }

    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        let text = Self::new_key().expect("random bytes");
        let masters = MasterKeys::from_text(&text).expect("a key");
        let sealed = masters.new_data_keys(0).expect("random bytes");
        Self::open(masters, &sealed).expect("its own keys")
    }

    /// The master keys.
    pub(crate) fn masters(&self) -> &MasterKeys {
        &self.masters
    }

    /// Uses these data keys from now on, and returns the row keys among them.
    ///
    /// # Errors
    /// As [`Vault::open`]. The vault keeps the keys that it has.
    pub fn follow(
        &self,
        sealed: &[DataKey],
        alarm: impl Fn(&BadRow) + Send + Sync + 'static,
    ) -> Result<RowKey, VaultError> {
        let opened = Arc::new(DataKeys::open(&self.masters, sealed)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&opened);
        Ok(opened.row_key(alarm))
    }

    fn keys(&self) -> Arc<DataKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The id of the data key that secrets are sealed with.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.keys().seal[0].0.clone()
    }

    /// Seals a team's token.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn seal(&self, team: TeamId, token: &SecretString) -> Result<Sealed, VaultError> {
        self.seal_for(&of_team(team), token)
    }

    /// Opens a team's token.
    ///
    /// # Errors
    /// As [`Vault::open_for`].
    pub fn open_token(&self, team: TeamId, sealed: &Sealed) -> Result<SecretString, VaultError> {
        self.open_for(&of_team(team), sealed)
    }

    /// Seals a secret for what `subject` names. It can be opened for the same subject only.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn seal_for(&self, subject: &str, secret: &SecretString) -> Result<Sealed, VaultError> {
        let keys = self.keys();
        let (key_id, key) = &keys.seal[0];
        let (nonce, bytes) = seal(key, &associated(subject, key_id), secret.expose_secret().as_bytes())?;
        Ok(Sealed { key_id: key_id.clone(), nonce, bytes })
    }

    /// Opens what [`Vault::seal_for`] sealed.
    ///
    /// # Errors
    /// `Damaged` if it was changed, is for another subject, or its key was replaced.
    pub fn open_for(&self, subject: &str, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let keys = self.keys();
        let key = keys.seal.iter().find(|(id, _)| *id == sealed.key_id).ok_or(VaultError::Damaged)?;
        let clear = open(&key.1, &associated(subject, &sealed.key_id), &sealed.nonce, &sealed.bytes)?;
        std::str::from_utf8(&clear).map(SecretString::from).map_err(|_| VaultError::Damaged)
    }

    /// Identifies a token without revealing it: 12 hexadecimal digits of a keyed hash.
    #[must_use]
    pub fn fingerprint(&self, token: &SecretString) -> String {
        hex::encode(&hmac(&self.keys().fingerprints, [token.expose_secret().as_bytes()])[..6])
    }

    /// HMAC-SHA-256 of `parts` under a key for this purpose alone. Each part's length is hashed with it, so that no two
    /// lists of parts look alike. The hash stays the same when keys are rotated.
    #[must_use]
    pub fn keyed_hash<'a>(&self, purpose: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        let key = Zeroizing::new(hmac(&self.keys().keyed_hashes, [purpose.as_bytes()]));
        let mut mac = keyed(key.as_slice());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn of_team(team: TeamId) -> String {
    format!("token v1 {team}")
}

/// The associated data. A sealed secret cannot be opened for another subject or with another key.
fn associated(subject: &str, key_id: &str) -> String {
    format!("partner-portal {subject} {key_id}")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{Vault, VaultError};
    use crate::TeamId;

    fn vault() -> Vault {
        Vault::for_test()
    }

    #[test]
    fn a_sealed_token_can_be_opened_only_for_its_team_and_with_its_key() {
        let (vault, team) = (vault(), TeamId::new());
        let sealed = vault.seal(team, &"wrka-secret".into()).unwrap();
        assert_eq!(vault.open_token(team, &sealed).unwrap().expose_secret(), "wrka-secret");
        assert!(matches!(vault.open_token(TeamId::new(), &sealed), Err(VaultError::Damaged)));
        assert!(matches!(self::vault().open_token(team, &sealed), Err(VaultError::Damaged)));
        let mut changed = sealed.clone();
        changed.bytes[0] ^= 1;
        assert!(matches!(vault.open_token(team, &changed), Err(VaultError::Damaged)));
        assert!(!sealed.bytes.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn different_tokens_have_different_fingerprints() {
        let vault = vault();
        assert_eq!(vault.fingerprint(&"a".into()), vault.fingerprint(&"a".into()));
        assert_ne!(vault.fingerprint(&"a".into()), vault.fingerprint(&"b".into()));
        assert_ne!(vault.fingerprint(&"a".into()), self::vault().fingerprint(&"a".into()));
    }

    #[test]
    fn keyed_hashes_differ_by_key_purpose_and_parts() {
        let vault = vault();
        let hash = |purpose: &str, parts: &[&str]| vault.keyed_hash(purpose, parts.iter().map(|part| part.as_bytes()));
        assert_eq!(hash("row", &["ab", "c"]), hash("row", &["ab", "c"]));
        for (purpose, parts) in [("session", &["ab", "c"][..]), ("row", &["a", "bc"]), ("row", &["abc"]), ("row", &[])]
        {
            assert_ne!(hash("row", &["ab", "c"]), hash(purpose, parts), "{purpose} {parts:?}");
        }
        assert_ne!(hash("row", &["ab", "c"]), self::vault().keyed_hash("row", ["ab".as_bytes(), b"c"]));
    }
}
