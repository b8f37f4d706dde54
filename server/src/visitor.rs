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
use portal::{Actor, Error, Origin, Portal, PublicError};
use tower_sessions::Session;
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use crate::{
    functions,
    known_devices::KnownDevicesCookie,
    last_person::LastPersonCookie,
    limits::Limits,
    origin::{Clients, user_agent},
    render,
};

/// The state of the middleware.
#[derive(Clone)]
pub struct Visitors {
    pub services: Services,
    pub clients: Arc<Clients>,
    pub limits: Arc<Limits>,
    pub last_person: LastPersonCookie,
    pub known_devices: KnownDevicesCookie,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How much of the path is kept, in characters.
const LONGEST_PATH: usize = 200;

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
    let (person, email) = (field::Empty, field::Empty);
    let span = tracing::info_span!("request", id = %request_id, %method, path = path.as_str(), person, email);
    let begun = std::time::Instant::now();
    let headers = request.headers();
    let client = visitors.clients.client(socket, headers);
    let devices = visitors.known_devices.read(&visitors.services.portal, headers);
    let mut origin = Origin {
        session: None,
        ip: Some(client.address),
        user_agent: user_agent(headers),
        path: Some(path.chars().take(LONGEST_PATH).collect()),
        last_person: None,
        devices: devices.ids(),
    };
    async move {
        let (portal, cookie) = (Arc::clone(&visitors.services.portal), visitors.last_person);
        let mut visitor = Visitor { actor: None, origin: origin.clone(), request_id: request_id.clone(), session };
        let mut renewed = Vec::new();
        let mut response = match find_actor(&portal, &visitor).await {
            Ok(actor) => {
                let counted = visitors.limits.count(actor.as_ref(), client);
                match &actor {
                    Some(actor) => {
                        Span::current().record("person", field::display(actor.id())).record("email", actor.email());
                        renewed.extend(cookie.renewed(&portal, request.headers(), actor));
                        renewed.extend(visitors.known_devices.renewed(&portal, &devices, actor));
                    }
                    None => origin.last_person = cookie.person(&portal, request.headers()),
                }
                visitor.origin.clone_from(&origin);
                visitor.actor = actor.map(|actor| actor.coming_from(origin));
                request.extensions_mut().insert(visitor);
                match counted {
                    Ok(()) => next.run(request).await,
                    Err(error) => functions::refuse(&visitors.services, &request.into_parts().0, error).await,
                }
            }
            Err(error) => {
                tracing::error!(%error, "cannot read a session");
                request.extensions_mut().insert(visitor);
                let (parts, _) = request.into_parts();
                render::refusal(&visitors.services, &parts, PublicError::Internal).await
            }
        };
        for cookie in renewed {
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
