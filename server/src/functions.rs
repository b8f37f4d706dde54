//! Server functions: the addresses that the pages' forms are posted to. A function leaves its answer in a slot; here
//! the answer becomes a redirect, a file or a page. A request that is refused before its function runs gets a page,
//! too.
//!
//! Every function runs as a task of its own: a client that hangs up cancels nothing, and shutdown waits for the task.

use std::{panic::resume_unwind, sync::Arc};

use app::{
    answer::{Answer, File, Slot},
    context::{Services, Visitor},
    wording::refusals,
};
use axum::{
    body::{Body, Bytes},
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts};
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use portal::PublicError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use crate::render;

/// How many functions run at once for people who are not signed in. Such a function goes on when its client hangs up,
/// so without a bound anybody could make the portal hash passwords without end.
const ANONYMOUS_AT_ONCE: usize = 8;

/// Functions that run although the disk is almost full: people sign in to read.
const RUN_WITHOUT_SPACE: [&str; 3] = ["/api/fn/sign_in", "/api/fn/sign_out", "/api/fn/refresh"];

/// What the route needs.
#[derive(Clone)]
pub struct Functions {
    services: Services,
    anonymous: Arc<Semaphore>,
}

impl Functions {
    pub fn new(services: Services) -> Self {
        Self { services, anonymous: Arc::new(Semaphore::new(ANONYMOUS_AT_ONCE)) }
    }

    /// Waits until the function may run. A client that hangs up while it waits has started nothing.
    async fn permit(&self, parts: &Parts) -> Option<OwnedSemaphorePermit> {
        let is_signed_in = parts.extensions.get::<Visitor>().is_some_and(|visitor| visitor.actor.is_some());
        if is_signed_in { None } else { Arc::clone(&self.anonymous).acquire_owned().await.ok() }
    }
}

/// `POST /api/fn/…`
pub async fn call(State(functions): State<Functions>, parts: Parts, body: Result<Bytes, BytesRejection>) -> Response {
    let services = &functions.services;
    // The whole body is here before anything starts: half a form does nothing.
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return refuse(services, &parts, unreadable(&rejection)).await,
    };
    if !RUN_WITHOUT_SPACE.contains(&parts.uri.path())
        && let Err(error) = services.portal.check_free_space()
    {
        return refuse(services, &parts, error.public()).await;
    }
    let permit = functions.permit(&parts).await;
    let request = Request::from_parts(parts.clone(), Body::from(body));
    let work = {
        let services = services.clone();
        async move {
            let answer = run(services, request).await;
            drop(permit);
            answer
        }
    };
    let answer = match services.portal.spawn(work.in_current_span()).await {
        Ok(answer) => answer,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => {
                tracing::error!(%error, "a server function was cancelled");
                Some(Answer::Refused(PublicError::Internal))
            }
        },
    };
    match answer {
        Some(Answer::SeeOther(path)) => see_other(&path),
        Some(Answer::File(file)) => download(file),
        Some(Answer::Refused(error)) => refuse(services, &parts, error).await,
        Some(Answer::Conflict { error, .. }) if wants_json(&parts.headers) => as_json(&error),
        Some(Answer::Conflict { error, fresh_form }) => {
            render::refusal_of_form(services, &parts, error, Some(fresh_form)).await
        }
        None => {
            let known = app::functions().any(|path| path == parts.uri.path());
            let error = if known { PublicError::Malformed } else { PublicError::NotFound };
            refuse(services, &parts, error).await
        }
    }
}

/// Calls the function; `None` if the request does not fit one.
async fn run(services: Services, request: Request<Body>) -> Option<Answer> {
    let slot = Slot::default();
    let provided = slot.clone();
    let provide = move || {
        provide_context(services.clone());
        provide_context(provided.clone());
    };
    let answered = handle_server_fns_with_context(provide, request).await.into_response();
    let answer = slot.take();
    if answer.is_none() {
        tracing::debug!(status = answered.status().as_u16(), "a server function was not called");
    }
    answer
}

fn unreadable(rejection: &BytesRejection) -> PublicError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { PublicError::TooLarge } else { PublicError::Malformed }
}

/// A refusal for a program or a person, as the request asks.
pub async fn refuse(services: &Services, asked: &Parts, error: PublicError) -> Response {
    if wants_json(&asked.headers) { as_json(&error) } else { render::refusal(services, asked, error).await }
}

fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
        Err(error) => {
            tracing::error!(%error, path, "a redirect leads nowhere");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn download(file: File) -> Response {
    let headers = [
        (header::CONTENT_TYPE, file.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ];
    (headers, Body::from_stream(file.chunks)).into_response()
}

/// A refusal for a program.
pub fn as_json(error: &PublicError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(refusals::json(error))).into_response()
}

/// Programs that ask for JSON get it; everybody else is shown a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"))
}
