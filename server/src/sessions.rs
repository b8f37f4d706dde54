//! Sessions in the portal's own database, for `tower-sessions`: ids are kept hashed, and a session is its person's.
//! Loading one is the one read a request costs: the person and the memberships come with it.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use portal::{
    Origin, Portal,
    accounts::{Proof, SESSION_LENGTH, SessionKey},
};
use secrecy::SecretString;
use serde_json::Value;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The store behind the sessions.
#[derive(Clone)]
pub struct Sessions(pub Arc<Portal>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that ties a request to its session. Under https the cookie is bound to this host and to TLS.
pub fn layer(portal: Arc<Portal>, public_url: &str) -> SessionManagerLayer<Sessions> {
    let secure = public_url.starts_with("https://");
    SessionManagerLayer::new(Sessions(portal))
        .with_name(if secure { "__Host-portal" } else { "portal" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(SESSION_LENGTH))
}

fn key(id: &Id) -> SessionKey {
    SessionKey::of(&SecretString::from(id.to_string()))
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    /// Begins a session for the proof that signing in has put into it.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let part = |name: &str| record.data.get(name).cloned().unwrap_or(Value::Null);
        let proof: Proof = serde_json::from_value(part("proof")).map_err(|error| Error::Decode(error.to_string()))?;
        let origin: Origin =
            serde_json::from_value(part("origin")).map_err(|error| Error::Decode(error.to_string()))?;
        self.0.begin_session(&proof, &key(&record.id), &origin).await.map_err(backend)
    }

    /// Nothing in a session changes after it began.
    async fn save(&self, _record: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(session) = self.0.session(&key(id)).await.map_err(backend)? else { return Ok(None) };
        let actor = serde_json::to_value(&session.actor).map_err(|error| Error::Encode(error.to_string()))?;
        let data = HashMap::from([("actor".to_owned(), actor)]);
        Ok(Some(Record { id: *id, data, expiry_date: session.expires_at }))
    }

    /// Signing out has ended it already; whatever else ends a session ends it as the person whose it is.
    async fn delete(&self, id: &Id) -> Result<()> {
        match self.0.session(&key(id)).await.map_err(backend)? {
            Some(session) => self.0.sign_out(&session.actor, &key(id)).await.map_err(backend),
            None => Ok(()),
        }
    }
}
