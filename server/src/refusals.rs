//! Turns answers without a page into pages: inner layers refuse a post from another site, a wrong method or a body that
//! is too large with a bare status.

use app::context::Services;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{StatusCode, header};
use portal::PublicError;

use crate::{
    functions::{as_json, wants_json},
    render,
};

/// Middleware outside everything that may refuse a request.
pub async fn layer(State(services): State<Services>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let request = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let typed = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_done = typed.starts_with("text/html") || typed.starts_with("application/json");
    match meaning(response.status()) {
        Some(error) if !is_done && wants_json(&request.headers) => as_json(&error),
        Some(error) if !is_done => {
            let mut page = render::refusal(&services, &request, error).await;
            if let Some(allow) = response.headers().get(header::ALLOW) {
                page.headers_mut().insert(header::ALLOW, allow.clone());
            }
            page
        }
        _ => response,
    }
}

fn meaning(status: StatusCode) -> Option<PublicError> {
    match status {
        StatusCode::FORBIDDEN => Some(PublicError::Elsewhere),
        StatusCode::NOT_FOUND => Some(PublicError::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(PublicError::WrongMethod),
        StatusCode::PAYLOAD_TOO_LARGE => Some(PublicError::TooLarge),
        status if status.is_client_error() => Some(PublicError::Malformed),
        status if status.is_server_error() => Some(PublicError::Internal),
        _ => None,
    }
}
