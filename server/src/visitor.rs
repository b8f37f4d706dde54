//! Who sent a request: read once per request, before anything else, and put into its extensions for pages and server
//! functions.

use std::{net::SocketAddr, sync::Arc};

use app::context::{Services, Visitor};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use ipnet::IpNet;
use portal::{Actor, Error, Origin, Portal, PublicError};
use tower_sessions::Session;
use tracing::Instrument;
use uuid::Uuid;

use crate::{last_person::LastPersonCookie, origin::client_address, render};

/// The state of the middleware.
#[derive(Clone)]
pub struct Visitors {
    pub services: Services,
    pub trusted_proxies: Vec<IpNet>,
    pub last_person: LastPersonCookie,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How much of the User-Agent header is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// The signed-in person. A cookie whose session has ended is removed.
async fn find_actor(portal: &Portal, visitor: &Visitor) -> Result<Option<Actor>, Error> {
    let Some(key) = visitor.session_key(portal) else { return Ok(None) };
    let found = portal.session(&key).await?;
    if found.is_none() {
        visitor.session.flush().await.map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(found.map(|session| session.actor))
}

/// Middleware inside the session layer.
pub async fn layer(
    State(visitors): State<Visitors>,
    ConnectInfo(socket): ConnectInfo<SocketAddr>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = Uuid::now_v7().to_string();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id = %request_id, %method, path);
    let begun = std::time::Instant::now();
    let headers = request.headers();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let origin = Origin {
        session: None,
        ip: Some(client_address(socket, headers, &visitors.trusted_proxies)),
        user_agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
    };
    async move {
        let (portal, cookie) = (Arc::clone(&visitors.services.portal), visitors.last_person);
        let mut visitor =
            Visitor { actor: None, last_person: None, origin: origin.clone(), request_id: request_id.clone(), session };
        let mut renewed = None;
        let mut response = match find_actor(&portal, &visitor).await {
            Ok(actor) => {
                match &actor {
                    Some(actor) => renewed = cookie.renewed(&portal, request.headers(), actor),
                    None => visitor.last_person = cookie.person(&portal, request.headers()),
                }
                visitor.actor = actor.map(|actor| actor.coming_from(origin));
                request.extensions_mut().insert(visitor);
                next.run(request).await
            }
            Err(error) => {
                tracing::error!(%error, "cannot read a session");
                request.extensions_mut().insert(visitor);
                let (parts, _) = request.into_parts();
                render::refusal(&visitors.services, &parts, PublicError::Internal).await
            }
        };
        if let Some(cookie) = renewed {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        tracing::info!(status = response.status().as_u16(), took = ?begun.elapsed(), "answered");
        response
    }
    .instrument(span)
    .await
    .into_response()
}
