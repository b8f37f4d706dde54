//! The cookie that says who has signed in on this device before. It outlives sessions and gives no access: it lets these
//! people try their password while others are slowed down for guessing it.

use http::{HeaderMap, HeaderValue, header};
use portal::{
    Actor, Portal,
    accounts::{DEVICE_KNOWN_FOR, KnownDevices},
};
use time::{Duration, OffsetDateTime};

use crate::PublicUrl;

/// How often the cookie of a device in use is renewed.
const RENEWED_EVERY: Duration = Duration::days(1);

/// How the cookie is set.
#[derive(Clone, Copy, Debug)]
pub struct KnownDevicesCookie {
    /// Whether the portal is served under https.
    secure: bool,
}

impl KnownDevicesCookie {
    pub fn new(public_url: &PublicUrl) -> Self {
        Self { secure: public_url.is_https() }
    }

    const fn name(self) -> &'static str {
        if self.secure { "__Host-portal-device" } else { "portal-device" }
    }

    /// Who has signed in on the device that sent these headers.
    pub fn read(self, portal: &Portal, headers: &HeaderMap) -> KnownDevices {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let marks = pairs.find(|(name, _)| *name == self.name()).map(|(_, marks)| marks);
        marks.map(|marks| portal.known_devices(marks)).unwrap_or_default()
    }

    /// The header that sets the cookie for this actor. `None` if the device has a recent one.
    pub fn renewed(self, portal: &Portal, known: &KnownDevices, actor: &Actor) -> Option<HeaderValue> {
        let now = OffsetDateTime::now_utc();
        if known.seen_at(actor.id()).is_some_and(|seen_at| now - seen_at < RENEWED_EVERY) {
            return None;
        }
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, marks, length) = (self.name(), portal.device_marks(known, actor), DEVICE_KNOWN_FOR.whole_seconds());
        let cookie = format!("{name}={marks}; Path=/; Max-Age={length}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).ok()
    }
}
