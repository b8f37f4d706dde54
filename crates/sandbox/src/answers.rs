//! Answers as Workato sends them: JSON with its content type, and the refusals in the API reference.
//! Injected faults are in `fault_injection`.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

/// Why a call is refused. Converts into the answer that the client receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: a parameter or body that cannot be parsed.
    BadRequest,
    /// 401: no token, an unknown token, or a role without the privilege for this call.
    Unauthorized,
    /// 403: a customer whose workspace the token may not read. No document has the status.
    Forbidden,
    /// 404: no such object in this workspace.
    NotFound,
    /// 422: a field with an invalid value.
    Invalid {
        /// The field's name in the request.
        field: &'static str,
        /// What is wrong, as a text that follows the field's name.
        message: String,
    },
    /// A body with `success: false`. The API reference shows the body, not its status.
    Rejected {
        /// Workato's message.
        message: &'static str,
        /// The HTTP status.
        status: StatusCode,
    },
    /// 422 with a message.
    Unprocessable(String),
    /// 429: the workspace's rate limit is used up.
    TooManyRequests {
        /// Time until the oldest call leaves the window.
        retry_after: Duration,
    },
    /// 500: the sandbox itself failed. Nothing was changed.
    Internal {
        /// What failed. Sent in the place of the id for Workato's support.
        what: &'static str,
    },
}

/// What a handler returns.
pub type Answer = Result<Response, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::BadRequest => message(StatusCode::BAD_REQUEST, "Bad request"),
            Self::Unauthorized => message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => message(StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => message(StatusCode::NOT_FOUND, "Not found"),
            Self::Invalid { field, message } => json(
                StatusCode::UNPROCESSABLE_ENTITY,
                &json!({ "message": "Validation failed", "errors": { field: [message] } }),
            ),
            Self::Rejected { message, status } => {
                json(status, &json!({ "success": false, "status": "rejected", "message": message }))
            }
            Self::Unprocessable(text) => message(StatusCode::UNPROCESSABLE_ENTITY, &text),
            Self::TooManyRequests { retry_after } => {
                let mut answer = message(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
                answer.headers_mut().insert(header::RETRY_AFTER, whole_seconds(retry_after).into());
                answer
            }
            Self::Internal { what } => server_error(what),
        }
    }
}

/// 200 with a JSON body.
pub fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

/// A JSON body with this status.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => {
            tracing::error!(%error, "could not serialize an answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A body that is JSON already, with this status.
pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut answer = Response::new(Body::from(bytes));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    answer
}

/// `{"message": …}` with this status.
pub fn message(status: StatusCode, text: &str) -> Response {
    json(status, &json!({ "message": text }))
}

/// 500 as in the API reference: a message and an id for Workato's support.
pub fn server_error(id: &str) -> Response {
    json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "Server error", "id": id }))
}

/// Seconds for a `Retry-After`, rounded up, so that a client that waits this long is admitted.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_never_shorter_than_the_wait() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(3)), 3);
        assert_eq!(whole_seconds(Duration::from_millis(3001)), 4);
    }
}
