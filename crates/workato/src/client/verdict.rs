//! Decides the outcome of a change from its answer. No I/O but the parsing of a large body.
//!
//! | answer | outcome |
//! | --- | --- |
//! | 2xx that reports success, each call in its own way | succeeded |
//! | `success: false`, or 4xx other than 408 and 429 | rejected |
//! | 429; no connection; nothing sent | failed |
//! | 5xx, 3xx, 408, time-out, reset, unreadable or cut answer | unknown |
//!
//! The body counts whatever the status: Workato can refuse with 200 and `success: false`.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::breaker::BreakerOpen;
use super::credentials::Credentials;
use super::queue_full::{QueueFull, wait_in_seconds};
use super::transport::{Answer, Body, NoAnswer};
use super::{message, parse};
use crate::{CallOutcome, ChangeAnswer, Connection, ConnectionId, ConnectorId, Denial, ResponseKind};

/// How a call reports success. `success: false` reports failure for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Success {
    /// `success: true`.
    Flag,
    /// With the connection: the one with this id, or a new one.
    Connection(Option<ConnectionId>),
    /// With the id of a new connector.
    NewConnector,
    /// With a 2xx and no error message.
    NoError,
    /// With a token.
    Token,
}

/// An answer to a change, with its body parsed.
pub(super) struct Parsed {
    status: u16,
    retry_after: Option<Duration>,
    body: Content,
}

enum Content {
    Json(Value),
    /// Nothing, or white space only.
    Empty,
    TimedOut,
    /// Not JSON, truncated, or too long.
    Unreadable,
}

impl Parsed {
    pub(super) async fn from(answer: Answer) -> Self {
        let body = match answer.body {
            Body::Complete(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => Content::Empty,
            Body::Complete(bytes) => parse::json(bytes).await.map_or(Content::Unreadable, Content::Json),
            Body::TimedOut => Content::TimedOut,
            Body::Truncated(_) | Body::TooLong => Content::Unreadable,
        };
        Self { status: answer.status, retry_after: answer.retry_after, body }
    }

    /// The token in a successful answer: `token`, bare, in `result` or in `data`. No document says which.
    pub(super) fn token(&self) -> Option<SecretString> {
        if !(200..=299).contains(&self.status) || flag_of(self.json()) == Some(false) {
            return None;
        }
        let places =
            ["/token", "/result/token", "/data/token", "/token/value", "/result/token/value", "/data/token/value"];
        let body = self.json()?;
        let found = places.iter().find_map(|place| body.pointer(place)?.as_str())?;
        let is_token = !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| found.into())
    }

    fn json(&self) -> Option<&Value> {
        match &self.body {
            Content::Json(value) => Some(value),
            Content::Empty | Content::TimedOut | Content::Unreadable => None,
        }
    }
}

/// The outcome of a change without an answer.
pub(super) fn without_answer(reason: &NoAnswer) -> ChangeAnswer {
    match reason {
        NoAnswer::BreakerOpen(open) => breaker_open(*open),
        NoAnswer::Unreachable(error) => ChangeAnswer {
            cause: message::sanitize(&root_cause(error)),
            ..unanswered(CallOutcome::Failed, ResponseKind::Unreachable)
        },
        NoAnswer::TimedOut => unanswered(CallOutcome::Unknown, ResponseKind::TimedOut),
        NoAnswer::Reset(_) => unanswered(CallOutcome::Unknown, ResponseKind::Reset),
    }
}

/// The outcome of a change that was not sent because the queue was too long.
pub(super) fn queue_full(full: QueueFull) -> ChangeAnswer {
    ChangeAnswer {
        retry_after_seconds: Some(wait_in_seconds(full.wait)),
        ..unanswered(CallOutcome::Failed, ResponseKind::RateLimited)
    }
}

/// The outcome of a change that was not sent because the breaker is open. Only a read can be the probe.
pub(super) fn breaker_open(BreakerOpen { retry_in }: BreakerOpen) -> ChangeAnswer {
    ChangeAnswer {
        retry_after_seconds: Some(wait_in_seconds(retry_in)),
        ..unanswered(CallOutcome::Failed, ResponseKind::NotSent)
    }
}

/// The outcome of an answered change that reports success in this way. Credentials are masked in Workato's message.
/// `denial` explains a 401 or 403.
pub(super) fn of_answer(
    answer: &Parsed,
    success: Success,
    credentials: Option<&Credentials>,
    denial: impl FnOnce() -> Denial,
) -> ChangeAnswer {
    let body = answer.json();
    let connection = match success {
        Success::Connection(wanted) => body.and_then(|body| connection_of(body, wanted)),
        Success::Flag | Success::NoError | Success::NewConnector | Success::Token => None,
    };
    let connector = match success {
        Success::NewConnector => body.and_then(connector_of),
        _ => None,
    };
    let is_done = flag_of(body).or_else(|| match success {
        Success::Flag => None,
        Success::Connection(_) => connection.as_ref().map(|_| true),
        Success::NewConnector => connector.map(|_| true),
        Success::NoError => has_no_error(&answer.body).then_some(true),
        Success::Token => answer.token().map(|_| true),
    });
    let (outcome, detail) = judge(answer, is_done);
    let mut found = body.and_then(message::in_answer);
    let mut status = body.and_then(status_in);
    if success == Success::Token && outcome == CallOutcome::Succeeded {
        // Nothing of an answer with a secret in it is kept.
        (found, status) = (None, None);
    }
    if let Some(connection) = &connection {
        status = connection.authorization_status.as_ref().map(|status| status.as_str().to_owned());
        found = found.or_else(|| connection.authorization_error.clone());
    }
    let clean = |text: String| match credentials {
        Some(credentials) => message::sanitize(&credentials.masked(&text)),
        None => message::sanitize(&text),
    };
    let denial = matches!((answer.status, is_done), (401 | 403, None | Some(true))).then(denial);
    ChangeAnswer {
        outcome,
        detail,
        http_status: Some(answer.status),
        status: status.and_then(clean),
        message: found.and_then(clean),
        denial,
        cause: None,
        connection: connection.map(|connection| connection.id),
        connector: connector.filter(|_| outcome == CallOutcome::Succeeded),
        retry_after_seconds: answer.retry_after.filter(|_| answer.status == 429).map(wait_in_seconds),
    }
}

/// The connection in the answer, bare or in `result`. `None` if it is not the wanted one.
fn connection_of(body: &Value, wanted: Option<ConnectionId>) -> Option<Connection> {
    let connection = Connection::deserialize(body.get("result").unwrap_or(body)).ok()?;
    wanted.is_none_or(|wanted| wanted == connection.id).then_some(connection)
}

/// The id of the connector in the answer, bare, in `result` or in `data`. No document says which.
fn connector_of(body: &Value) -> Option<ConnectorId> {
    let found = ["/result/id", "/data/id", "/id"].iter().find_map(|place| body.pointer(place))?;
    ConnectorId::deserialize(found).ok()
}

/// Nothing, or JSON without an error message. A page of HTML does not count.
fn has_no_error(body: &Content) -> bool {
    match body {
        Content::Json(body) => message::in_answer(body).is_none(),
        Content::Empty => true,
        Content::TimedOut | Content::Unreadable => false,
    }
}

fn judge(answer: &Parsed, success: Option<bool>) -> (CallOutcome, ResponseKind) {
    use CallOutcome::{Failed, Rejected, Succeeded, Unknown};
    use ResponseKind::{Answered, RateLimited, Redirected, ServerError, TimedOut, Unreadable};

    match (answer.status, success) {
        (429, _) => (Failed, RateLimited),
        (_, Some(false)) => (Rejected, Answered),
        (200..=299, Some(true)) => (Succeeded, Answered),
        (200..=299, None) if matches!(answer.body, Content::TimedOut) => (Unknown, TimedOut),
        (..=299, _) => (Unknown, Unreadable),
        (300..=399, _) => (Unknown, Redirected),
        // A proxy waited for something, perhaps for Workato, which may go on.
        (408, _) => (Unknown, TimedOut),
        (400..=499, _) => (Rejected, Answered),
        (500.., _) => (Unknown, ServerError),
    }
}

/// `success` where it is documented: in `result` or at the top. If the two differ, the refusal counts.
fn flag_of(body: Option<&Value>) -> Option<bool> {
    let flag = |pointer| body?.pointer(pointer)?.as_bool();
    match (flag("/result/success"), flag("/success")) {
        (Some(nested), Some(bare)) => Some(nested && bare),
        (nested, bare) => nested.or(bare),
    }
}

fn status_in(body: &Value) -> Option<String> {
    let word = body.pointer("/result/status").or_else(|| body.get("status"))?.as_str()?;
    Some(word.to_owned())
}

fn unanswered(outcome: CallOutcome, detail: ResponseKind) -> ChangeAnswer {
    ChangeAnswer {
        outcome,
        detail,
        http_status: None,
        status: None,
        message: None,
        denial: None,
        cause: None,
        connection: None,
        connector: None,
        retry_after_seconds: None,
    }
}

/// The innermost cause, which is the most specific: `Connection refused`.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
