//! The session store behind `tower-sessions`. A session's row names its person and is written with the entry about
//! signing in, so it is the portal that begins a session; the record of `tower-sessions` carries nothing but the id.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use portal::{
    Portal,
    accounts::{SESSION_LENGTH, SessionKey},
};
use secrecy::SecretString;
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

impl Sessions {
    fn key(&self, id: &Id) -> SessionKey {
        self.0.session_key(&SecretString::from(id.to_string()))
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that reads the session's cookie. Under https the cookie is bound to this host and to TLS.
pub fn layer(portal: Arc<Portal>, public_url: &PublicUrl) -> SessionManagerLayer<Sessions> {
    let secure = public_url.is_https();
    SessionManagerLayer::new(Sessions(portal))
        .with_name(if secure { "__Host-portal" } else { "portal" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(SESSION_LENGTH))
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    /// Gives out the id, 128 random bits. [`Portal::begin_session`] writes the row.
    async fn create(&self, _record: &mut Record) -> Result<()> {
        Ok(())
    }

    /// Nothing in a session changes after it began.
    async fn save(&self, _record: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let session = self.0.session(&self.key(id)).await.map_err(backend)?;
        Ok(session.map(|session| Record { id: *id, data: HashMap::new(), expiry_date: session.expires_at }))
    }

    /// Signing out has removed the row already. Anything else that ends a session ends it in its person's name.
    async fn delete(&self, id: &Id) -> Result<()> {
        match self.0.session(&self.key(id)).await.map_err(backend)? {
            Some(session) => self.0.sign_out(&session.actor, &self.key(id)).await.map_err(backend),
            None => Ok(()),
        }
    }
}
