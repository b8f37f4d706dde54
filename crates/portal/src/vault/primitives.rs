//! The cryptography of the vault: random bytes, XChaCha20-Poly1305 and HMAC-SHA-256.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use sha2::Sha256;
use store::LockedKey;
use zeroize::Zeroizing;

use super::error::VaultError;

const NONCE: usize = 24;

pub(super) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], VaultError> {
    let mut bytes = [0; LENGTH];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

/// Returns the nonce and the ciphertext.
pub(super) fn seal(key: &LockedKey, associated: &str, clear: &[u8]) -> Result<(Vec<u8>, Vec<u8>), VaultError> {
    let nonce = random::<NONCE>()?;
    let payload = Payload { msg: clear, aad: associated.as_bytes() };
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| VaultError::Damaged)?;
    Ok((nonce.to_vec(), sealed))
}

pub(super) fn open(
    key: &LockedKey,
    associated: &str,
    nonce: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if nonce.len() != NONCE {
        return Err(VaultError::Damaged);
    }
    let payload = Payload { msg: sealed, aad: associated.as_bytes() };
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    cipher.decrypt(XNonce::from_slice(nonce), payload).map(Zeroizing::new).map_err(|_| VaultError::Damaged)
}

pub(super) fn hmac<'a>(key: &LockedKey, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mac = parts.into_iter().fold(keyed(key.bytes()), |mac, part| mac.chain_update(part));
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes every key")
}
