//! Who sent a request: read once per request, before anything else, and put into its extensions for pages and server
//! functions.

use std::{net::SocketAddr, sync::Arc};

use app::context::{Services, Visitor, hand_over, key_of};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use portal::{
    Error, Origin, Portal, PublicError,
    accounts::{GoodSession, Renewal},
};
use tower_sessions::{Session, session::Id};
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use crate::{
    functions,
    known_devices::KnownDevicesCookie,
    last_person::LastPersonCookie,
    limits::Limits,
    origin::{Clients, user_agent},
    render,
    second_step::StepCookie,
};

/// The state of the middleware.
#[derive(Clone)]
pub struct Visitors {
    pub services: Services,
    pub clients: Arc<Clients>,
    pub limits: Arc<Limits>,
    pub last_person: LastPersonCookie,
    pub known_devices: KnownDevicesCookie,
    pub second_step: StepCookie,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How much of the path is kept, in characters.
const LONGEST_PATH: usize = 200;

/// The request's session, and how it gets a new id. The cookie of a session that has ended stays: it may be a late request
/// with an old id, and the browser may have the new one already.
async fn find_session(portal: &Arc<Portal>, visitor: &Visitor) -> Result<Option<(GoodSession, Renewal)>, Error> {
    let Some(key) = visitor.session_key(portal) else { return Ok(None) };
    let Some(session) = portal.session(&key).await? else { return Ok(None) };
    portal.note_session_use(&session, &visitor.origin);
    let renewal = Renewal::new(key, key_of(portal, visitor.new_id));
    Ok(Some((session, renewal)))
}

/// Gives the browser the new id of its session, if the request used it.
async fn hand_over_renewed(portal: &Portal, session: &Session, new_id: Id, renewal: &Renewal) {
    let Some(key) = renewal.used() else { return };
    let handed_over = async {
        // Without a session of this id, the change was not committed, and the old id is still good.
        let Some(renewed) = portal.session(key).await.map_err(|error| error.to_string())? else { return Ok(()) };
        hand_over(session, new_id, &renewed.facts).await.map_err(|error| error.to_string())
    };
    if let Err(error) = handed_over.await {
        tracing::error!(error, "cannot give a browser the new id of its session");
    }
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
    let second_step = visitors.second_step.of(headers);
    async move {
        let (portal, cookie) = (Arc::clone(&visitors.services.portal), visitors.last_person);
        let new_id = Id::default();
        let mut visitor = Visitor {
            actor: None,
            origin: origin.clone(),
            request_id: request_id.clone(),
            session: session.clone(),
            new_id,
            seen: None,
            elsewhere: None,
            second_step: second_step.clone(),
        };
        let mut renewed = Vec::new();
        let mut renewal = None;
        let mut response = match find_session(&portal, &visitor).await {
            Ok(found) => {
                let counted = visitors.limits.count(found.as_ref().map(|(session, _)| &session.actor), client);
                match &found {
                    Some((GoodSession { actor, .. }, _)) => {
                        Span::current().record("person", field::display(actor.id())).record("email", actor.email());
                        renewed.extend(cookie.renewed(&portal, request.headers(), actor));
                        renewed.extend(visitors.known_devices.renewed(&portal, &devices, actor));
                    }
                    None => origin.last_person = cookie.person(&portal, request.headers()),
                }
                visitor.origin.clone_from(&origin);
                if let Some((session, new)) = found {
                    visitor.actor = Some(session.actor.coming_from(origin).renewing(new.clone()));
                    visitor.seen = Some(session.seen);
                    visitor.elsewhere = session.facts.elsewhere;
                    renewal = Some(new);
                }
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
        if let Some(renewal) = renewal {
            hand_over_renewed(&portal, &session, new_id, &renewal).await;
        }
        if let Some(cookie) = visitors.second_step.changed(&second_step) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
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
