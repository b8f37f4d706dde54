//! Secrets that nobody chooses, for links and tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::vault::VaultError;

/// 256 random bits as text that needs no escaping in a URL, after `prefix`. So many bits need neither a salt nor a slow
/// hash.
///
/// # Errors
/// `NoRandomness`.
pub(crate) fn random_secret(prefix: &str) -> Result<SecretString, VaultError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    OsRng.try_fill_bytes(bytes.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice())).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::random_secret;

    #[test]
    fn secrets_differ_and_need_no_escaping() {
        let [one, other] = [random_secret("p-").unwrap(), random_secret("p-").unwrap()];
        assert_ne!(one.expose_secret(), other.expose_secret());
        let bits = one.expose_secret().strip_prefix("p-").unwrap();
        assert_eq!(bits.len(), 43);
        assert!(bits.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{bits}");
    }
}
