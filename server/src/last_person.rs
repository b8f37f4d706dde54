//! The cookie that says whose session this browser had last. It outlives the session, so that a form that is sent after
//! the session ended can be kept for its person. It gives no access.

use http::{HeaderMap, HeaderValue, header};
use portal::{
    Actor, PersonId, Portal,
    accounts::{LastPerson, MARK_LENGTH},
};
use time::{Duration, OffsetDateTime};

use crate::PublicUrl;

/// How often the cookie of a browser in use is renewed.
const RENEWED_EVERY: Duration = Duration::minutes(10);

/// How the cookie is set.
#[derive(Clone, Copy, Debug)]
pub struct LastPersonCookie {
    /// Whether the portal is served under https.
    secure: bool,
}

impl LastPersonCookie {
    pub fn new(public_url: &PublicUrl) -> Self {
        Self { secure: public_url.is_https() }
    }

    const fn name(self) -> &'static str {
        if self.secure { "__Host-portal-last" } else { "portal-last" }
    }

    /// The person that the request's cookie names.
    pub fn person(self, portal: &Portal, headers: &HeaderMap) -> Option<PersonId> {
        self.read(portal, headers).map(|last| last.person)
    }

    /// The header that sets the cookie for this actor. `None` if the browser has a recent one.
    pub fn renewed(self, portal: &Portal, headers: &HeaderMap, actor: &Actor) -> Option<HeaderValue> {
        let now = OffsetDateTime::now_utc();
        let is_recent = |last: LastPerson| last.person == actor.id() && now - last.seen_at < RENEWED_EVERY;
        if self.read(portal, headers).is_some_and(is_recent) {
            return None;
        }
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, mark, length) = (self.name(), portal.mark_of(actor), MARK_LENGTH.whole_seconds());
        let cookie = format!("{name}={mark}; Path=/; Max-Age={length}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).ok()
    }

    fn read(self, portal: &Portal, headers: &HeaderMap) -> Option<LastPerson> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, mark) = pairs.find(|(name, _)| *name == self.name())?;
        portal.last_person(mark)
    }
}
