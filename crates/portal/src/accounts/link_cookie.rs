//! The cookie that a one-time link is exchanged for, so that its secret is in the URL of the first request only: in no
//! later URL, in no `Referer`, in no history entry. It holds the sealed secret. Making one uses nothing up, so programs
//! that open the links in e-mails do no harm.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use store::Sealed;
use time::{Duration, OffsetDateTime};

use super::one_time_link::Secret;
use crate::{Portal, vault::Vault};

/// How long the cookie is good. After that, the link has to be opened again.
pub const LINK_COOKIE_LENGTH: Duration = Duration::hours(1);
/// The longest secret that is exchanged, in bytes. A link's own secret is shorter.
const LONGEST_SECRET: usize = 128;
const SUBJECT: &str = "one-time link v1";
const NONCE: usize = 24;

impl Portal {
    /// The value of the cookie for a link's secret, valid or not. `None` for what cannot be a link's secret.
    #[must_use]
    pub fn link_cookie(&self, secret: &Secret) -> Option<String> {
        write(&self.vault, secret, self.now())
    }

    /// The secret in a cookie, if this portal made it within the last hour.
    #[must_use]
    pub fn link_in_cookie(&self, value: &str) -> Option<Secret> {
        read(&self.vault, value, self.now())
    }
}

fn write(vault: &Vault, secret: &Secret, now: OffsetDateTime) -> Option<String> {
    let secret = secret.expose_secret();
    if secret.is_empty() || secret.len() > LONGEST_SECRET {
        return None;
    }
    let ends_at = (now + LINK_COOKIE_LENGTH).unix_timestamp();
    let sealed = vault.seal_for(SUBJECT, &SecretString::from(format!("{ends_at} {secret}"))).ok()?;
    let bytes = [sealed.nonce, sealed.bytes].concat();
    Some(format!("{}.{}", sealed.key_id, URL_SAFE_NO_PAD.encode(bytes)))
}

fn read(vault: &Vault, value: &str, now: OffsetDateTime) -> Option<Secret> {
    let (key_id, bytes) = value.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
    let (nonce, bytes) = bytes.split_at_checked(NONCE)?;
    let sealed = Sealed { key_id: key_id.to_owned(), nonce: nonce.to_vec(), bytes: bytes.to_vec() };
    let opened = vault.open_for(SUBJECT, &sealed).ok()?;
    let (ends_at, secret) = opened.expose_secret().split_once(' ')?;
    (now.unix_timestamp() < ends_at.parse().ok()?).then(|| secret.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use time::{Duration, OffsetDateTime};

    use super::{LINK_COOKIE_LENGTH, read, write};
    use crate::vault::Vault;

    #[test]
    fn a_cookie_gives_the_secret_back_for_an_hour_and_does_not_show_it() {
        let (vault, now) = (Vault::for_test(), OffsetDateTime::now_utc());
        let cookie = write(&vault, &"abc-123_secret".into(), now).unwrap();
        assert!(!cookie.contains("secret"), "{cookie}");
        let almost = now + LINK_COOKIE_LENGTH - Duration::seconds(2);
        assert_eq!(read(&vault, &cookie, almost).unwrap().expose_secret(), "abc-123_secret");
        assert!(read(&vault, &cookie, now + LINK_COOKIE_LENGTH).is_none());
        assert!(read(&Vault::for_test(), &cookie, now).is_none());
    }

    #[test]
    fn a_changed_cookie_holds_nothing() {
        let (vault, now) = (Vault::for_test(), OffsetDateTime::now_utc());
        let cookie = write(&vault, &"secret".into(), now).unwrap();
        let changed =
            [cookie.replace('.', ""), cookie[1..].to_owned(), format!("{cookie}A"), String::new(), ".".into()];
        for value in changed {
            assert!(read(&vault, &value, now).is_none(), "{value}");
        }
        assert!(write(&vault, &"".into(), now).is_none());
        assert!(write(&vault, &"x".repeat(129).into(), now).is_none());
    }
}
