//! Server functions: what the pages' forms are posted to. The function leaves its answer in a slot; here it becomes
//! a redirect, a file or a page. Whatever is refused before the function runs becomes a page, too.

use app::{
    answer::{Answer, File, Slot},
    context::Services,
};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use portal::PublicError;

use crate::render;

/// `POST /api/fn/…`
pub async fn call(State(services): State<Services>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let (slot, context) = (Slot::default(), services.clone());
    let provided = slot.clone();
    let provide = move || {
        provide_context(context.clone());
        provide_context(provided.clone());
    };
    let asked = Request::from_parts(parts.clone(), body);
    let answered = handle_server_fns_with_context(provide, asked).await.into_response();
    match slot.take() {
        Some(Answer::SeeOther(path)) => see_other(&path),
        Some(Answer::File(file)) => download(file),
        Some(Answer::Refused(error)) if wants_json(&parts.headers) => as_json(&error),
        Some(Answer::Refused(error)) => render::refusal(&services, &parts, error).await,
        None => {
            tracing::debug!(status = answered.status().as_u16(), "a server function was not called");
            let known = app::functions().any(|path| path == parts.uri.path());
            let error = if known { PublicError::Malformed } else { PublicError::NotFound };
            if wants_json(&parts.headers) { as_json(&error) } else { render::refusal(&services, &parts, error).await }
        }
    }
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

fn as_json(error: &PublicError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(error)).into_response()
}

/// Programs that ask for JSON get it; everybody else is shown a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"))
}
