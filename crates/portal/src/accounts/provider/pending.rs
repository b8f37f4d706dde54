//! A sign-in between the portal and the provider: what the browser keeps of it, in a sealed cookie, and what is derived
//! from that. The portal keeps nothing until the browser comes back, so nobody can fill its memory by setting out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use store::Sealed;
use time::{Duration, OffsetDateTime};

use crate::{
    PersonId,
    random_secret::random_secret,
    vault::{Vault, VaultError},
};

/// How long a person may take at the provider.
pub const PENDING_LENGTH: Duration = Duration::minutes(10);
/// The longest path to return to, in bytes. A longer one is forgotten.
const LONGEST_NEXT: usize = 1024;
const SUBJECT: &str = "sign-in at the provider v1";
const NONCE: usize = 24;

/// A sign-in that has begun in one browser.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    secret: SecretString,
    /// Whose session is to be confirmed, if that is why they set out.
    pub confirms: Option<PersonId>,
    /// Where the person wanted to go.
    pub next: String,
    ends_at: OffsetDateTime,
}

impl Pending {
    pub fn new(next: &str, confirms: Option<PersonId>, now: OffsetDateTime) -> Result<Self, VaultError> {
        let next = if next.len() > LONGEST_NEXT { "" } else { next };
        Ok(Self { secret: random_secret("")?, confirms, next: next.to_owned(), ends_at: now + PENDING_LENGTH })
    }

    /// The cookie's value.
    pub fn cookie(&self, vault: &Vault) -> Result<String, VaultError> {
        let confirms = self.confirms.map(|person| person.to_string()).unwrap_or_default();
        let (ends_at, secret) = (self.ends_at.unix_timestamp(), self.secret.expose_secret());
        let text = format!("{ends_at} {secret} {confirms} {}", self.next);
        let sealed = vault.seal_for(SUBJECT, &SecretString::from(text))?;
        let bytes = [sealed.nonce, sealed.bytes].concat();
        Ok(format!("{}.{}", sealed.key_id, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The sign-in in a cookie, if this portal began it less than ten minutes ago.
    pub fn read(vault: &Vault, cookie: &str, now: OffsetDateTime) -> Option<Self> {
        let (key_id, bytes) = cookie.split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let (nonce, bytes) = bytes.split_at_checked(NONCE)?;
        let sealed = Sealed { key_id: key_id.to_owned(), nonce: nonce.to_vec(), bytes: bytes.to_vec() };
        let opened = vault.open_for(SUBJECT, &sealed).ok()?;
        let mut parts = opened.expose_secret().splitn(4, ' ');
        let (ends_at, secret, confirms, next) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let confirms = if confirms.is_empty() { None } else { Some(confirms.parse().ok()?) };
        let ends_at = OffsetDateTime::from_unix_timestamp(ends_at.parse().ok()?).ok()?;
        (now < ends_at).then(|| Self { secret: secret.into(), confirms, next: next.to_owned(), ends_at })
    }

    /// When it began, to the second.
    pub fn begun_at(&self) -> OffsetDateTime {
        self.ends_at - PENDING_LENGTH
    }

    /// The `state` that the provider sends back, which proves that the same browser set out.
    pub fn state(&self, vault: &Vault) -> String {
        self.derived(vault, "state")
    }

    /// The `nonce` that the ID token must hold.
    pub fn nonce(&self, vault: &Vault) -> String {
        self.derived(vault, "nonce")
    }

    /// The PKCE verifier. Only its hash leaves the portal before the code is exchanged.
    pub fn verifier(&self, vault: &Vault) -> String {
        self.derived(vault, "verifier")
    }

    /// What tells it from every other one.
    pub fn id(&self, vault: &Vault) -> [u8; 32] {
        vault.keyed_hash("sign-in at the provider", [b"id", self.secret.expose_secret().as_bytes()])
    }

    fn derived(&self, vault: &Vault, part: &str) -> String {
        let parts = [part.as_bytes(), self.secret.expose_secret().as_bytes()];
        URL_SAFE_NO_PAD.encode(vault.keyed_hash("sign-in at the provider", parts))
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime};

    use super::{PENDING_LENGTH, Pending};
    use crate::{PersonId, vault::Vault};

    #[test]
    fn a_cookie_holds_a_sign_in_for_ten_minutes_and_nobody_else_can_make_one() {
        let (vault, now, person) = (Vault::for_test(), OffsetDateTime::now_utc(), PersonId::new());
        let pending = Pending::new("/teams/a b/connections?q=1", Some(person), now).unwrap();
        let cookie = pending.cookie(&vault).unwrap();
        let read = Pending::read(&vault, &cookie, now + PENDING_LENGTH - Duration::seconds(2)).expect("a sign-in");
        assert_eq!((read.next.as_str(), read.confirms), ("/teams/a b/connections?q=1", Some(person)));
        assert_eq!(read.begun_at().unix_timestamp(), now.unix_timestamp());
        assert_eq!(read.state(&vault), pending.state(&vault));
        assert!(Pending::read(&vault, &cookie, now + PENDING_LENGTH).is_none());
        for forged in [
            "",
            ".",
            "a.b",
            &cookie[1..],
            &format!("{cookie}A"),
            &Pending::new("", None, now).unwrap().cookie(&Vault::for_test()).unwrap(),
        ] {
            assert!(Pending::read(&vault, forged, now).is_none(), "{forged}");
        }
    }

    #[test]
    fn state_nonce_and_verifier_differ_and_say_nothing_of_each_other() {
        let (vault, now) = (Vault::for_test(), OffsetDateTime::now_utc());
        let (one, other) = (Pending::new("/", None, now).unwrap(), Pending::new("/", None, now).unwrap());
        let parts =
            [&one, &other].map(|pending| [pending.state(&vault), pending.nonce(&vault), pending.verifier(&vault)]);
        let mut all: Vec<&String> = parts.iter().flatten().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        // RFC 7636 asks for 43 to 128 characters.
        assert!(all.iter().all(|part| part.len() == 43));
        assert!(Pending::new(&"x".repeat(5_000), None, now).unwrap().next.is_empty());
    }
}
