//! The ID token that a browser keeps for signing out at the provider, in a sealed cookie. It gives no access here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use store::Sealed;

use crate::vault::{Vault, VaultError};

/// The longest token that is kept, in bytes: browsers take cookies of up to 4,096. Without it the provider asks the person
/// whether to sign out.
const LONGEST: usize = 2_600;
const SUBJECT: &str = "hint of a sign-out v1";
const NONCE: usize = 24;

pub(super) fn seal(vault: &Vault, token: &SecretString) -> Result<Option<String>, VaultError> {
    if token.expose_secret().len() > LONGEST {
        return Ok(None);
    }
    let sealed = vault.seal_for(SUBJECT, token)?;
    Ok(Some(format!("{}.{}", sealed.key_id, URL_SAFE_NO_PAD.encode([sealed.nonce, sealed.bytes].concat()))))
}

pub(super) fn open(vault: &Vault, cookie: &str) -> Option<SecretString> {
    let (key_id, bytes) = cookie.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
    let (nonce, bytes) = bytes.split_at_checked(NONCE)?;
    vault.open_for(SUBJECT, &Sealed { key_id: key_id.to_owned(), nonce: nonce.to_vec(), bytes: bytes.to_vec() }).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{LONGEST, open, seal};
    use crate::vault::Vault;

    #[test]
    fn the_longest_token_fits_into_a_cookie_and_a_longer_one_is_not_kept() {
        let vault = Vault::for_test();
        let token = "x".repeat(LONGEST);
        let cookie = seal(&vault, &token.clone().into()).unwrap().expect("a cookie");
        assert!(cookie.len() < 4_096 - 200, "{}", cookie.len());
        assert_eq!(open(&vault, &cookie).expect("a token").expose_secret(), token);
        assert!(open(&Vault::for_test(), &cookie).is_none());
        assert!(open(&vault, "").is_none());
        assert_eq!(seal(&vault, &format!("{token}x").into()).unwrap(), None);
    }
}
