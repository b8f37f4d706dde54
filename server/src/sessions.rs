//! The session store behind `tower-sessions`. A session's row names its person and is written with the entry about
//! signing in, so it is the portal that begins, renews and ends a session; the record of `tower-sessions` carries nothing
//! but the id.

use std::{collections::HashMap, fmt, sync::Arc};

use app::context::{NEW_ID, key_of};
use async_trait::async_trait;
use axum::response::Response;
use http::{HeaderValue, header};
use portal::Portal;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::PublicUrl;

/// The session store.
#[derive(Clone)]
pub struct Sessions(pub Arc<Portal>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that reads the session's cookie. Under https the cookie is bound to this host and to TLS. It ends with the
/// browser unless the person wants to stay signed in.
pub fn layer(portal: Arc<Portal>, public_url: &PublicUrl) -> SessionManagerLayer<Sessions> {
    let secure = public_url.is_https();
    SessionManagerLayer::new(Sessions(portal))
        .with_name(if secure { "__Host-portal" } else { "portal" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// Adds what `tower-cookies` leaves out when it removes a cookie: browsers refuse a `__Host-` cookie without `Secure`, also
/// one that removes the present one, which would then stay.
pub async fn complete_removals(mut answer: Response) -> Response {
    let incomplete = |cookie: &HeaderValue| cookie.as_bytes().starts_with(b"__Host-") && !is_secure(cookie);
    if answer.headers().get_all(header::SET_COOKIE).iter().any(incomplete) {
        let cookies: Vec<_> = answer.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        answer.headers_mut().remove(header::SET_COOKIE);
        for cookie in cookies {
            let complete = if incomplete(&cookie) { with_secure(&cookie) } else { None };
            answer.headers_mut().append(header::SET_COOKIE, complete.unwrap_or(cookie));
        }
    }
    answer
}

fn is_secure(cookie: &HeaderValue) -> bool {
    cookie.to_str().is_ok_and(|cookie| cookie.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure")))
}

fn with_secure(cookie: &HeaderValue) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{}; Secure", cookie.to_str().ok()?)).ok()
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    /// Takes the id to which the portal has already bound a session. No other record is made.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let id = record.data.get(NEW_ID).and_then(|id| id.as_str()?.parse().ok());
        record.id = id.ok_or_else(|| backend("a session that nobody began"))?;
        Ok(())
    }

    /// Nothing in a session changes after it began.
    async fn save(&self, _record: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let session = self.0.session(&key_of(&self.0, *id)).await.map_err(backend)?;
        Ok(session.map(|session| Record { id: *id, data: HashMap::new(), expiry_date: session.facts.expires_at }))
    }

    /// The portal ends sessions, each with an entry. This only forgets the cookie.
    async fn delete(&self, _id: &Id) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tower_sessions::session::Id;

    #[test]
    fn ids_of_sessions_have_128_random_bits() {
        let ids: Vec<Id> = (0..1_000).map(|_| Id::default()).collect();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), ids.len());
        for bit in 0..128 {
            let set = ids.iter().filter(|id| id.0 >> bit & 1 == 1).count();
            // Six standard deviations of 1,000 fair coins are 95.
            assert!((405..=595).contains(&set), "bit {bit} is set in {set} of 1,000 ids");
        }
        assert!(ids.iter().all(|id| id.to_string().parse() == Ok(*id)));
    }
}
