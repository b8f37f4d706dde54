//! Sealing and opening the teams' tokens. The only place that has both the master key and a token in clear text.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::{
    Sealed,
    private_file::{SecretFileError, read_secret},
};
use zeroize::Zeroizing;

use crate::TeamId;

const NONCE: usize = 24;

/// Why the vault cannot seal or open a token. No message has a secret in it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file cannot be read, or others can read it as well.
    #[error("cannot use the master key file {path}: {cause}")]
    KeyFile {
        /// The file.
        path: String,
        /// The cause.
        cause: SecretFileError,
    },
    /// The key file has no key in it.
    #[error("the master key file {path} has no key in it; `partner-portal keygen` prints one")]
    NotAKey {
        /// The file.
        path: String,
    },
    /// The token was sealed with another key.
    #[error("the tokens were sealed with master key {sealed_with}, but PORTAL_MASTER_KEY_FILE has key {given}")]
    WrongKey {
        /// The id of the key that sealed the tokens.
        sealed_with: String,
        /// The id of the key in the file.
        given: String,
    },
    /// The sealed token was changed or belongs to another team.
    #[error("a sealed token cannot be opened")]
    Damaged,
    /// The system provides no random bytes.
    #[error("the system provides no random bytes")]
    NoRandomness,
}

/// The master key and the keys derived from it.
pub struct Vault {
    cipher: XChaCha20Poly1305,
    fingerprints: Zeroizing<[u8; 32]>,
    keyed_hashes: Zeroizing<[u8; 32]>,
    key_id: String,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// Reads the master key: 32 bytes in base64, as [`Vault::new_key`] makes them.
    ///
    /// # Errors
    /// `KeyFile` if the file cannot be read, `NotAKey` if it has no key in it.
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        let shown = path.display().to_string();
        let text = read_secret(path).map_err(|cause| VaultError::KeyFile { path: shown.clone(), cause })?;
        Self::from_text(&text).ok_or(VaultError::NotAKey { path: shown })
    }

    fn from_text(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
        let derived = |purpose: &str| -> [u8; 32] {
            Sha256::new().chain_update(purpose).chain_update([0]).chain_update(key.as_slice()).finalize().into()
        };
        Some(Self {
            cipher: XChaCha20Poly1305::new(key.as_slice().into()),
            fingerprints: Zeroizing::new(derived("partner-portal token fingerprint")),
            keyed_hashes: Zeroizing::new(derived("partner-portal keyed hashes")),
            key_id: hex::encode(&derived("partner-portal key id")[..6]),
        })
    }

    /// A new master key, as text for a key file.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn new_key() -> Result<Zeroizing<String>, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(key.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
        Ok(Zeroizing::new(STANDARD.encode(key.as_slice())))
    }

    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self::from_text(&Self::new_key().expect("random bytes")).expect("a key")
    }

    /// Identifies the key without revealing it.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
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
    /// `WrongKey` if another key sealed it, `Damaged` if it was changed or belongs to another team.
    pub fn open(&self, team: TeamId, sealed: &Sealed) -> Result<SecretString, VaultError> {
        self.open_for(&of_team(team), sealed)
    }

    /// Seals a secret for what `subject` names. It can be opened for the same subject only.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn seal_for(&self, subject: &str, secret: &SecretString) -> Result<Sealed, VaultError> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let aad = associated(subject, &self.key_id);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: aad.as_bytes() };
        let bytes = self.cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| VaultError::Damaged)?;
        Ok(Sealed { key_id: self.key_id.clone(), nonce: nonce.to_vec(), bytes })
    }

    /// Opens what [`Vault::seal_for`] sealed.
    ///
    /// # Errors
    /// `WrongKey` if another key sealed it, `Damaged` if it was changed or is for another subject.
    pub fn open_for(&self, subject: &str, sealed: &Sealed) -> Result<SecretString, VaultError> {
        self.check(&sealed.key_id)?;
        if sealed.nonce.len() != NONCE {
            return Err(VaultError::Damaged);
        }
        let aad = associated(subject, &sealed.key_id);
        let payload = Payload { msg: &sealed.bytes, aad: aad.as_bytes() };
        let clear = self
            .cipher
            .decrypt(XNonce::from_slice(&sealed.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Damaged)?;
        std::str::from_utf8(&clear).map(SecretString::from).map_err(|_| VaultError::Damaged)
    }

    /// # Errors
    /// `WrongKey` if `key_id` is not this vault's.
    pub(crate) fn check(&self, key_id: &str) -> Result<(), VaultError> {
        if key_id == self.key_id {
            Ok(())
        } else {
            Err(VaultError::WrongKey { sealed_with: key_id.to_owned(), given: self.key_id.clone() })
        }
    }

    /// Identifies a token without revealing it: 12 hexadecimal digits of a keyed hash.
    #[must_use]
    pub fn fingerprint(&self, token: &SecretString) -> String {
        hex::encode(&hmac(&self.fingerprints, [token.expose_secret().as_bytes()])[..6])
    }

    /// HMAC-SHA-256 of `parts` under a key for this purpose alone. Each part's length is hashed with it, so that no two
    /// lists of parts look alike.
    #[must_use]
    pub fn keyed_hash<'a>(&self, purpose: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        let key = Zeroizing::new(hmac(&self.keyed_hashes, [purpose.as_bytes()]));
        let mut mac = keyed(&key);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn hmac<'a>(key: &[u8; 32], parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mac = parts.into_iter().fold(keyed(key), |mac, part| mac.chain_update(part));
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("a key of 32 bytes")
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
        assert_eq!(vault.open(team, &sealed).unwrap().expose_secret(), "wrka-secret");
        assert!(matches!(vault.open(TeamId::new(), &sealed), Err(VaultError::Damaged)));
        assert!(matches!(self::vault().open(team, &sealed), Err(VaultError::WrongKey { .. })));
        let mut changed = sealed.clone();
        changed.bytes[0] ^= 1;
        assert!(matches!(vault.open(team, &changed), Err(VaultError::Damaged)));
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

    #[test]
    fn an_invalid_key_is_refused() {
        for text in ["", "short", "AAAA", "not base64 at all!"] {
            assert!(Vault::from_text(text).is_none(), "{text}");
        }
    }
}
