//! The context of a request: the visitor, the URL, and the portal's services. The server provides it; pages and server
//! functions only read it.

use std::sync::Arc;

use http::{HeaderMap, Uri, header, request::Parts};
use leptos::{prelude::*, reactive::owner::with_context};
use portal::{
    Actor, Error, Origin, Portal, Version,
    accounts::{Elsewhere, SecondStep, SessionFacts, SessionKey},
};
use secrecy::SecretString;
use time::UtcOffset;
use tower_sessions::{
    Expiry, Session,
    session::{self, Id},
};

use crate::{form_memory::FormMemory, query::Query, second_step::SecondStepCookie};

/// What lives as long as the process.
#[derive(Clone)]
pub struct Services {
    pub portal: Arc<Portal>,
    pub forms: FormMemory,
    /// The base URL of links that the portal hands out.
    pub public_url: String,
    /// Whether this is the demo, which has a page that shows the components.
    pub is_demo: bool,
}

/// The sender of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The signed-in person, if any.
    pub actor: Option<Actor>,
    pub origin: Origin,
    /// Identifies the request in the logs and on error pages.
    pub request_id: String,
    pub session: Session,
    /// The id of a session that this request begins, and of its session if that has to get a new one.
    pub new_id: Id,
    /// The version of the database in which the session was found, if it was.
    pub seen: Option<Version>,
    /// The use of the session on another network with another browser.
    pub elsewhere: Option<Elsewhere>,
    pub second_step: SecondStepCookie,
}

/// The secret of the one-time link that this browser has opened. The server has it from a cookie.
#[derive(Clone, Debug)]
pub struct OneTimeLink(pub SecretString);

/// Where `tower-sessions` finds the id that a new record gets.
pub const NEW_ID: &str = "id";

impl Visitor {
    /// The key of the request's session, if it has one.
    pub fn session_key(&self, portal: &Portal) -> Option<SessionKey> {
        self.session.id().map(|id| key_of(portal, id))
    }
}

/// The key of the session with this id.
pub fn key_of(portal: &Portal, id: Id) -> SessionKey {
    portal.session_key(&SecretString::from(id.to_string()))
}

/// Gives the browser the id of a session that has just begun, or of its session that has a new id. The cookie ends with
/// the browser, unless the person wants to stay signed in.
///
/// # Errors
/// If `tower-sessions` fails.
pub async fn hand_over(session: &Session, id: Id, facts: &SessionFacts) -> Result<(), session::Error> {
    if session.id().is_some() {
        session.flush().await?;
    }
    session.insert(NEW_ID, id.to_string()).await?;
    session.set_expiry(facts.sign_in.kept.then_some(Expiry::AtDateTime(facts.expires_at)));
    session.save().await
}

pub fn services() -> Services {
    expect_context::<Services>()
}

pub fn portal() -> Arc<Portal> {
    with_context(|services: &Services| Arc::clone(&services.portal)).expect(PROVIDED)
}

pub fn visitor() -> Visitor {
    let visitor = with_request(|request| request.extensions.get::<Visitor>().cloned());
    visitor.expect("the server's middleware provides a visitor with every request")
}

/// The secret of the one-time link that this browser has opened. Empty if it has opened none.
pub fn one_time_link() -> SecretString {
    let link = with_request(|request| request.extensions.get::<OneTimeLink>().cloned());
    link.map_or_else(|| SecretString::from(""), |link| link.0)
}

/// Why there is a context.
const PROVIDED: &str = "the server provides it with every page and server function";

/// Reads the request where it is. A copy of it is one of its headers, the visitor and all else that middleware added, and
/// a list asks for the zone in every row.
fn with_request<T>(read: impl FnOnce(&Parts) -> T) -> T {
    with_context(read).expect(PROVIDED)
}

/// The path and query of the request.
pub fn uri() -> Uri {
    with_request(|request| request.uri.clone())
}

/// The offset from UTC that the browser reported in a cookie, or UTC.
pub fn zone() -> UtcOffset {
    with_request(|request| zone_of(&request.headers)).unwrap_or(UtcOffset::UTC)
}

/// The offset from UTC in the cookie. Anybody can send any cookie; offsets that no place on earth has are ignored.
pub fn zone_of(headers: &HeaderMap) -> Option<UtcOffset> {
    const MOST_MINUTES: i32 = 14 * 60;
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, minutes) = pairs.find(|(name, _)| matches!(*name, "zone" | "__Host-zone"))?;
    let minutes = minutes.parse::<i32>().ok().filter(|minutes| (-MOST_MINUTES..=MOST_MINUTES).contains(minutes))?;
    UtcOffset::from_whole_seconds(minutes * 60).ok()
}

/// Who has to give a second factor in this browser, if somebody has.
pub async fn second_step() -> Result<Option<SecondStep>, Error> {
    match &visitor().second_step.given {
        Some(token) => portal().second_step(token).await,
        None => Ok(None),
    }
}

/// A parameter of the route, such as `team`. Call this while the page's component runs, not later in its future.
pub fn path_part(name: &str) -> String {
    leptos_router::hooks::use_params_map().with_untracked(|parts| parts.get(name)).unwrap_or_default()
}

pub fn query() -> Query {
    Query::of(&uri())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};
    use time::macros::offset;

    use super::zone_of;

    #[test]
    fn the_zone_is_what_the_browser_reported_if_it_can_be() {
        let zone =
            |cookie: &'static str| zone_of(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]));
        assert_eq!(zone("session=x; zone=60"), Some(offset!(+1)));
        assert_eq!(zone("__Host-zone=-210"), Some(offset!(-3:30)));
        assert_eq!(zone("zone=840"), Some(offset!(+14)));
        for odd in ["zone=841", "zone=-2147483648", "zone=", "zone=1e3", "timezone=60", "zone", ""] {
            assert_eq!(zone(odd), None, "{odd:?}");
        }
    }
}
