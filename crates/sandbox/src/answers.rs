//! Answers in Workato's manner: JSON with its content type, and every refusal the API reference gives.
//! Not for deliberate misbehaviour, which is `faults`.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

/// A call that Workato would not carry out. Each becomes the answer that a client sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: a parameter or body that cannot be read.
    BadRequest,
    /// 401: no token, an unknown one, or a role without the privilege for this call.
    Unauthorized,
    /// 404: no such thing in this workspace.
    NotFound,
    /// 422: a field of the body or path is not acceptable.
    Invalid {
        /// The field, as the request names it.
        field: &'static str,
        /// What is wrong with it, worded to follow the field's name.
        message: String,
    },
    /// A `success: false` body. The documents show the body and leave the status open.
    Rejected {
        /// Workato's words.
        message: &'static str,
        /// The status it goes with.
        status: StatusCode,
    },
    /// 422 with a sentence of Workato's.
    Unprocessable(String),
    /// 429: the workspace used up its quota.
    TooManyRequests {
        /// Until the oldest counted call leaves the window.
        retry_after: Duration,
    },
    /// 500: the sandbox itself failed, and carried nothing out.
    Internal {
        /// What failed; it takes the place of the id that Workato's support would ask for.
        what: &'static str,
    },
}

/// What a handler gives back.
pub type Answer = Result<Response, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::BadRequest => message(StatusCode::BAD_REQUEST, "Bad request"),
            Self::Unauthorized => message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NotFound => message(StatusCode::NOT_FOUND, "Not found"),
            Self::Invalid { field, message } => json(
                StatusCode::UNPROCESSABLE_ENTITY,
                &json!({ "message": "Validation failed", "errors": { field: [message] } }),
            ),
            Self::Rejected { message, status } => {
                json(status, &json!({ "success": false, "status": "rejected", "message": message }))
            }
            Self::Unprocessable(words) => message(StatusCode::UNPROCESSABLE_ENTITY, &words),
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

/// A JSON body with the status given.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Bytes that are JSON already.
pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut answer = Response::new(Body::from(bytes));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    answer
}

/// `{"message": …}` with the status given.
pub fn message(status: StatusCode, words: &str) -> Response {
    json(status, &json!({ "message": words }))
}

/// 500 as the API reference shows it: a message and the id that Workato's support asks for.
pub fn server_error(id: &str) -> Response {
    json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "Server error", "id": id }))
}

/// Seconds for a `Retry-After`: rounded up, so that a client that waits exactly this long is let through.
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
