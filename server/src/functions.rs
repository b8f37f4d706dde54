//! Server functions: the addresses that the pages' forms are posted to. A function leaves its answer in a slot; here
//! the answer becomes a redirect, a file or a page. A request that is refused before its function runs gets a page,
//! too.
//!
//! Every function runs as a task of its own: a client that hangs up cancels nothing halfway, and shutdown waits for the
//! task.

use std::panic::resume_unwind;

use app::{
    answer::{Answer, File, Slot},
    context::Services,
    wording::refusals,
};
use axum::{
    body::{Body, Bytes},
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header, request::Parts};
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use portal::PublicError;
use tracing::Instrument;

use crate::{
    render,
    transport::{LONGEST_URL, TooSlow},
};

/// Functions that run although the disk is almost full: people sign in to read, and end sessions that are not theirs.
const RUN_WITHOUT_SPACE: [&str; 8] = [
    "/api/fn/sign_in",
    "/api/fn/sign_in_with_code",
    "/api/fn/sign_in_with_passkey",
    "/api/fn/sign_out",
    "/api/fn/revoke_session",
    "/api/fn/revoke_sessions",
    "/api/fn/end_sessions",
    "/api/fn/refresh",
];

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `POST /api/fn/…`
pub async fn call(State(services): State<Services>, parts: Parts, body: Result<Bytes, BytesRejection>) -> Response {
    let services = &services;
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
    let request = Request::from_parts(parts.clone(), Body::from(body));
    let work = {
        let services = services.clone();
        async move { run(services, request).await }
    };
    let answer = match services.portal.run_request(work.in_current_span()).await {
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
        Some(Answer::Invalid { problems, .. }) if wants_json(&parts.headers) => {
            as_json(&PublicError::Invalid(problems))
        }
        // No URL of the portal is longer: something that was typed would come back in it.
        Some(Answer::SeeOther(path) | Answer::Invalid { page: path, .. }) if path.len() > LONGEST_URL => {
            refuse(services, &parts, PublicError::TooLarge).await
        }
        Some(Answer::SeeOther(path) | Answer::Invalid { page: path, .. }) => see_other(&path),
        Some(Answer::SignedOut(path)) => forgetting(see_other(&path)),
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
    if TooSlow::caused(rejection) {
        PublicError::TooSlow
    } else if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        PublicError::TooLarge
    } else {
        PublicError::Malformed
    }
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

/// Tells the browser to forget what it stores for the portal. Not its cache, where no page of the portal is: Chromium takes
/// seconds to clear it, and the page hangs meanwhile. Not its cookies: that would be those of every site on the same domain.
/// The session's own cookie is removed by name.
fn forgetting(mut answer: Response) -> Response {
    answer.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"storage\""));
    answer
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
    let mut answer = (status, axum::Json(refusals::json(error))).into_response();
    if let Some(seconds) = error.retry_after() {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Programs that ask for JSON get it; everybody else is shown a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"))
}
