//! What an answer to a change means for the change. Pure: what came back goes in, the outcome comes out.
//!
//! | what came back | outcome |
//! | --- | --- |
//! | 2xx that says that it was done, each call in its own way | succeeded |
//! | `success: false`, or 4xx other than 429 | rejected |
//! | 429; no connection; nothing sent | failed |
//! | 5xx, 3xx, time-out, reset, unreadable or cut answer | unknown |
//!
//! The body is read whatever the status: Workato can refuse with 200 and `success: false`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::breaker::Down;
use super::error::asked_again;
use super::limiter::{QueueFull, wait_in_seconds};
use super::credentials::Credentials;
use super::standing::Denial;
use super::transport::{Answer, Body, NoAnswer};
use super::{parse, words};
use crate::{CallOutcome, CameBack, ChangeAnswer, Connection, ConnectionId};

/// How a call says that it did what it was asked. `success: false` says the contrary for every one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Success {
    /// `success: true`.
    Flag,
    /// The connection as it is now: this one, or a new one.
    Connection(Option<ConnectionId>),
    /// 2xx and no complaint.
    Silence,
}

/// An answer to a change, with its body parsed.
pub(super) struct Parsed {
    status: u16,
    retry_after: Option<Duration>,
    body: Content,
}

enum Content {
    Json(Value),
    /// Nothing, or only white space.
    Empty,
    TimedOut,
    /// Not JSON, truncated, or too long.
    Unreadable,
}

impl Parsed {
    pub(super) async fn from(answer: Answer) -> Self {
        let body = match answer.body {
            Body::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => Content::Empty,
            Body::Whole(bytes) => parse::json(bytes).await.map_or(Content::Unreadable, Content::Json),
            Body::TimedOut => Content::TimedOut,
            Body::Cut(_) | Body::TooLong => Content::Unreadable,
        };
        Self { status: answer.status, retry_after: answer.retry_after, body }
    }

    fn json(&self) -> Option<&Value> {
        match &self.body {
            Content::Json(value) => Some(value),
            Content::Empty | Content::TimedOut | Content::Unreadable => None,
        }
    }
}

/// The outcome of a change whose answer never began.
pub(super) fn without_answer(reason: &NoAnswer) -> ChangeAnswer {
    match reason {
        NoAnswer::Down(why) => down(*why),
        NoAnswer::Unreachable(error) => {
            let message = format!("Workato could not be reached, so nothing was sent: {}", root_of(error));
            unanswered(CallOutcome::Failed, CameBack::Unreachable, &message)
        }
        NoAnswer::TimedOut => unanswered(
            CallOutcome::Unknown,
            CameBack::TimedOut,
            "Workato did not answer in time. It may have made the change.",
        ),
        NoAnswer::Reset(_) => unanswered(
            CallOutcome::Unknown,
            CameBack::Reset,
            "The connection to Workato ended before it answered. It may have made the change.",
        ),
    }
}

/// Refused before anything was sent, because this client's own queue was full.
pub(super) fn queue_full(full: QueueFull) -> ChangeAnswer {
    ChangeAnswer {
        retry_after_seconds: Some(wait_in_seconds(full.wait)),
        ..unanswered(CallOutcome::Failed, CameBack::RateLimited, &format!("Nothing was sent: {full}"))
    }
}

/// Refused before anything was sent, because Workato is plainly down. Looking at it is what a read does.
pub(super) fn down(Down { retry_in }: Down) -> ChangeAnswer {
    let message = format!(
        "Nothing was sent, because Workato has not answered the last calls to this workspace. {}",
        asked_again(retry_in)
    );
    ChangeAnswer {
        retry_after_seconds: Some(wait_in_seconds(retry_in)),
        ..unanswered(CallOutcome::Failed, CameBack::NotSent, &message)
    }
}

/// The outcome of a change that succeeds in this way. What Workato says never repeats the credentials. `denial` is asked
/// what a 401 or 403 means.
pub(super) fn of_answer(
    answer: &Parsed,
    success: Success,
    credentials: Option<&Credentials>,
    denial: impl FnOnce() -> Denial,
) -> ChangeAnswer {
    let body = answer.json();
    let connection = match success {
        Success::Connection(wanted) => body.and_then(|body| connection_of(body, wanted)),
        Success::Flag | Success::Silence => None,
    };
    let is_done = flag_of(body).or_else(|| match success {
        Success::Flag => None,
        Success::Connection(_) => connection.as_ref().map(|_| true),
        Success::Silence => is_silent(&answer.body).then_some(true),
    });
    let (outcome, detail, ours) = judge(answer, is_done);
    let mut said = body.and_then(words::of_answer);
    let mut status = body.and_then(status_word);
    if let Some(connection) = &connection {
        status = connection.authorization_status.as_ref().map(|status| status.as_str().to_owned());
        said = said.or_else(|| connection.authorization_error.clone());
    }
    let tidy = |text: String| match credentials {
        Some(credentials) => words::tidy(&credentials.masked(&text)),
        None => words::tidy(&text),
    };
    let message = said.and_then(tidy).or_else(|| ours.map(str::to_owned));
    let retry_after_seconds = answer.retry_after.filter(|_| answer.status == 429).map(wait_in_seconds);
    let advice = match (answer.status, is_done) {
        (401 | 403, None | Some(true)) => Some(denial().to_string()),
        (429, _) => retry_after_seconds.map(|seconds| format!("Try again in {seconds} s.")),
        _ => None,
    };
    ChangeAnswer {
        outcome,
        detail,
        http_status: Some(answer.status),
        status: status.and_then(tidy),
        message: with_advice(message, advice),
        connection: connection.map(|connection| connection.id),
        retry_after_seconds,
    }
}

/// What was said, as a sentence, and what to do about it.
fn with_advice(said: Option<String>, advice: Option<String>) -> Option<String> {
    match (said, advice) {
        (Some(said), Some(advice)) => Some(format!("{}. {advice}", said.trim_end_matches('.'))),
        (said, advice) => said.or(advice),
    }
}

/// The connection that an answer holds, on its own or in `result`: the one that was asked for, if one was.
fn connection_of(body: &Value, wanted: Option<ConnectionId>) -> Option<Connection> {
    let connection = Connection::deserialize(body.get("result").unwrap_or(body)).ok()?;
    wanted.is_none_or(|wanted| wanted == connection.id).then_some(connection)
}

/// Nothing, or JSON without a complaint. A page of HTML is no silence.
fn is_silent(body: &Content) -> bool {
    match body {
        Content::Json(body) => words::of_answer(body).is_none(),
        Content::Empty => true,
        Content::TimedOut | Content::Unreadable => false,
    }
}

fn judge(answer: &Parsed, success: Option<bool>) -> (CallOutcome, CameBack, Option<&'static str>) {
    use CallOutcome::{Failed, Rejected, Succeeded, Unknown};
    use CameBack::{Answered, RateLimited, Redirected, ServerError, TimedOut, Unreadable};

    match (answer.status, success) {
        (429, _) => {
            (Failed, RateLimited, Some("Workato refused the call because too many were made in this workspace."))
        }
        (_, Some(false)) => (Rejected, Answered, Some("Workato refused the change and gave no reason.")),
        (200..=299, Some(true)) => (Succeeded, Answered, None),
        (200..=299, None) if matches!(answer.body, Content::TimedOut) => {
            (Unknown, TimedOut, Some("Workato's answer did not end in time. It may have made the change."))
        }
        (200..=299, None) => (Unknown, Unreadable, Some("Workato's answer does not say whether it made the change.")),
        (401 | 403, _) => (Rejected, Answered, Some("Workato refused the call.")),
        (404, _) => (Rejected, Answered, Some("Workato found nothing to change.")),
        (400..=499, _) => (Rejected, Answered, Some("Workato refused the change and gave no reason.")),
        (500.., _) => (Unknown, ServerError, Some("Workato failed over the change. It may have made it.")),
        (300..=399, _) => (
            Unknown,
            Redirected,
            Some("Workato redirected the call, which was not followed. It may have made the change."),
        ),
        (..=199, _) => (Unknown, Unreadable, Some("Workato's answer does not say whether it made the change.")),
    }
}

/// `success` where it is documented: in `result` or on its own. When the two differ, the refusal counts.
fn flag_of(body: Option<&Value>) -> Option<bool> {
    let flag = |pointer| body?.pointer(pointer)?.as_bool();
    match (flag("/result/success"), flag("/success")) {
        (Some(nested), Some(bare)) => Some(nested && bare),
        (nested, bare) => nested.or(bare),
    }
}

fn status_word(body: &Value) -> Option<String> {
    let word = body.pointer("/result/status").or_else(|| body.get("status"))?.as_str()?;
    Some(word.to_owned())
}

fn unanswered(outcome: CallOutcome, detail: CameBack, message: &str) -> ChangeAnswer {
    ChangeAnswer {
        outcome,
        detail,
        http_status: None,
        status: None,
        message: words::tidy(message),
        connection: None,
        retry_after_seconds: None,
    }
}

/// The innermost cause, which names what failed: `Connection refused`.
fn root_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
