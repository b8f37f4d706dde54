//! The codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds, HMAC-SHA-1. Apps know nothing else
//! for certain. A clock may be wrong by one step.

use qrcode::{EcLevel, QrCode, render::svg};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use totp_rs::{Builder, Secret, Totp};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::{Error, Result, vault::VaultError};

/// How long a code is shown, in seconds.
const STEP: u64 = 30;
/// By how many steps a clock may be wrong.
const SKEW: u64 = 1;
/// The length of a key in bytes, as RFC 4226 recommends.
const KEY: usize = 20;
/// How the portal is named in the app.
const ISSUER: &str = "Partner Portal";

/// A key that an app and the portal share, in base32.
#[derive(Clone, Debug)]
pub(super) struct TotpKey(SecretString);

impl TotpKey {
    /// A new key.
    pub fn new() -> Result<Self> {
        let mut key = Zeroizing::new([0_u8; KEY]);
        OsRng.try_fill_bytes(key.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
        Ok(Self(Secret::from(*key).to_base32().into()))
    }

    /// A key as it was sealed.
    pub const fn stored(text: SecretString) -> Self {
        Self(text)
    }

    /// The key in base32, to be sealed.
    pub const fn text(&self) -> &SecretString {
        &self.0
    }

    /// The key in groups of four characters, to be typed into an app.
    pub fn for_typing(&self) -> SecretString {
        let characters: Vec<char> = self.0.expose_secret().chars().collect();
        let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join(" ").into()
    }

    /// The address that apps read from a QR code. `account` tells this account from others in the app.
    pub fn uri(&self, account: &str) -> SecretString {
        // Apps show a plus as it is, so a space is %20.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let (issuer, account) = (encoded(ISSUER), encoded(account));
        let key = self.0.expose_secret();
        format!("otpauth://totp/{issuer}:{account}?secret={key}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}")
            .into()
    }

    /// The QR code of this address as an SVG element.
    pub fn svg(uri: &SecretString) -> Result<SecretString> {
        let code = QrCode::with_error_correction_level(uri.expose_secret(), EcLevel::M)
            .map_err(|error| Error::Internal(format!("cannot draw a QR code: {error}")))?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        // Within HTML, an XML declaration is an error.
        Ok(svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).into())
    }

    /// The time step of this code, if it is one of now and newer than the step that was used last.
    pub fn step_of(&self, code: &str, now: OffsetDateTime, used_up_to: i64) -> Result<Option<i64>> {
        let totp = self.totp()?;
        let step = u64::try_from(now.unix_timestamp()).unwrap_or_default() / STEP;
        let mut found = None;
        // All of them, so that the time it takes says nothing.
        for step in step.saturating_sub(SKEW)..=step.saturating_add(SKEW) {
            // With a time of this step alone, one code can match.
            let matches = totp.check(code, step * STEP).is_some();
            let number = i64::try_from(step).unwrap_or(i64::MAX);
            if matches && number > used_up_to {
                found = found.or(Some(number));
            }
        }
        Ok(found)
    }

    /// The code at this time, for tests.
    #[cfg(test)]
    pub fn code_at(&self, at: OffsetDateTime) -> String {
        self.totp().expect("a key").generate(u64::try_from(at.unix_timestamp()).expect("after 1970")).to_string()
    }

    fn totp(&self) -> Result<Totp> {
        let secret = Secret::try_from_base32(self.0.expose_secret())
            .map_err(|_| Error::Internal("a key for codes is not base32".to_owned()))?;
        // The window is ours: each step is checked on its own.
        Builder::new()
            .with_secret(secret)
            .with_skew(0)
            .with_step_duration(STEP)
            .build()
            .map_err(|error| Error::Internal(format!("a key for codes is of no use: {error:?}")))
    }
}

/// The present code of a key as it was shown, for tests.
#[cfg(test)]
pub(crate) fn code_of(shown: &SecretString) -> SecretString {
    TotpKey::stored(shown.expose_secret().replace(' ', "").into()).code_at(OffsetDateTime::now_utc()).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use time::{Duration, macros::datetime};

    use super::TotpKey;

    /// The key of RFC 6238, appendix B.
    fn rfc() -> TotpKey {
        TotpKey::stored("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // The last six of the standard's eight digits.
        for (at, code) in [
            (datetime!(1970-01-01 00:00:59 UTC), "287082"),
            (datetime!(2005-03-18 01:58:29 UTC), "081804"),
            (datetime!(2009-02-13 23:31:30 UTC), "005924"),
            (datetime!(2033-05-18 03:33:20 UTC), "279037"),
        ] {
            assert_eq!(rfc().code_at(at), code);
            assert_eq!(rfc().step_of(code, at, 0).unwrap(), Some(at.unix_timestamp() / 30));
        }
    }

    #[test]
    fn a_clock_may_be_wrong_by_one_step_and_no_more() {
        let now = datetime!(2026-11-27 12:00:10 UTC);
        for (seconds, is_taken) in
            [(-60, false), (-31, true), (-30, true), (0, true), (30, true), (49, true), (60, false)]
        {
            let code = rfc().code_at(now + Duration::seconds(seconds));
            assert_eq!(rfc().step_of(&code, now, 0).unwrap().is_some(), is_taken, "{seconds} s");
        }
    }

    #[test]
    fn a_code_of_the_step_that_was_used_last_or_an_earlier_one_is_refused() {
        let now = datetime!(2026-11-27 12:00:10 UTC);
        let step = now.unix_timestamp() / 30;
        let code = |steps: i64| rfc().code_at(now + Duration::seconds(30 * steps));
        assert_eq!(rfc().step_of(&code(0), now, step - 1).unwrap(), Some(step));
        assert_eq!(rfc().step_of(&code(0), now, step).unwrap(), None);
        assert_eq!(rfc().step_of(&code(-1), now, step).unwrap(), None);
        assert_eq!(rfc().step_of(&code(1), now, step).unwrap(), Some(step + 1));
    }

    #[test]
    fn what_is_no_code_matches_nothing() {
        let now = datetime!(2005-03-18 01:58:29 UTC);
        for typed in ["", "81804", "+81804", "0818040", "08180x", "０８１８０４", " 81804"] {
            assert_eq!(rfc().step_of(typed, now, 0).unwrap(), None, "{typed:?}");
        }
    }

    #[test]
    fn the_address_in_the_qr_code_names_the_portal_and_the_account() {
        let uri = rfc().uri("ada+portal@example.com");
        assert_eq!(
            uri.expose_secret(),
            "otpauth://totp/Partner%20Portal:ada%2Bportal%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Partner%20Portal&algorithm=SHA1&digits=6&period=30"
        );
        let svg = TotpKey::svg(&uri).unwrap();
        assert!(svg.expose_secret().starts_with("<svg xmlns"), "{}", svg.expose_secret());
        assert!(!svg.expose_secret().contains("style"), "the policy allows no inline styles");
        assert_eq!(rfc().for_typing().expose_secret(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn keys_differ_and_have_160_bits() {
        let (one, other) = (TotpKey::new().unwrap(), TotpKey::new().unwrap());
        assert_ne!(one.text().expose_secret(), other.text().expose_secret());
        assert_eq!(one.text().expose_secret().len(), 32);
    }
}
