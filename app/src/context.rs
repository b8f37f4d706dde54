//! What a request brings along: who asks, from where, and the portal that is asked.
//! The server puts it there; pages and server functions only read it.

use std::sync::Arc;

use http::{Uri, request::Parts};
use leptos::prelude::*;
use portal::{
    Actor, Origin, Portal,
    accounts::{SessionKey, session_key},
};
use secrecy::SecretString;
use tower_sessions::Session;

use crate::{forms::FormMemory, query::Query};

/// Everything that lives as long as the process.
#[derive(Clone)]
pub struct Services {
    pub portal: Arc<Portal>,
    pub forms: FormMemory,
    /// The address that one-time links begin with.
    pub public_url: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The signed-in person, if one is.
    pub actor: Option<Actor>,
    pub origin: Origin,
    /// Names the request in the log and on error pages.
    pub request_id: String,
    pub session: Session,
}

impl Visitor {
    /// The key of the session that the request came with.
    pub fn session_key(&self) -> Option<SessionKey> {
        self.session.id().map(|id| session_key(&SecretString::from(id.to_string())))
    }
}

pub fn services() -> Services {
    expect_context::<Services>()
}

pub fn portal() -> Arc<Portal> {
    services().portal
}

/// The visitor. Without one the request did not come through the server's middleware, which is a fault of the code.
pub fn visitor() -> Visitor {
    parts().extensions.get::<Visitor>().cloned().expect("every request passes the middleware that provides it")
}

fn parts() -> Parts {
    expect_context::<Parts>()
}

/// The path and query that were asked for.
pub fn uri() -> Uri {
    parts().uri
}

/// A part of the path that the route names, such as `team`. Read it while the page's component runs.
pub fn path_part(name: &str) -> String {
    leptos_router::hooks::use_params_map().with_untracked(|parts| parts.get(name)).unwrap_or_default()
}

/// The query that was asked for.
pub fn query() -> Query {
    Query::of(&uri())
}
