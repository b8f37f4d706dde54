//! Why a read failed. The portal matches on these errors; their texts are for logs. They have the call, Workato's
//! message and what to do, never a token or a page of HTML. Causes for the log are in [`std::error::Error::source`].

use std::time::Duration;

use super::breaker::BreakerOpen;
use super::queue_full::wait_in_seconds;
use crate::{Call, Denial, ReplyError};

/// Why a read failed. Workato's messages are on one line, without control characters, 500 characters at most.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The wait in this client's queue would be too long. Nothing was sent.
    #[error("{call} was not sent: this workspace's limit is used up. Try again in {} s.", wait_in_seconds(*.wait))]
    QueueFull {
        /// The call.
        call: Call,
        /// How long the call would have waited.
        wait: Duration,
    },
    /// 429: another client uses up the workspace's limit.
    #[error("{call} was refused because too many calls were made in this workspace{}.", retry_hint(*.retry_after))]
    RateLimited {
        /// The call.
        call: Call,
        /// The wait that Workato asked for, if any.
        retry_after: Option<Duration>,
    },
    /// No complete answer within the time limit.
    #[error("{call} got no answer within {} s. Try again, or use a narrower filter.", wait_in_seconds(*.after))]
    TimedOut {
        /// The call.
        call: Call,
        /// The time limit.
        after: Duration,
    },
    /// No connection, or a broken one.
    #[error(
        "{call} got no answer: Workato could not be reached, or the connection broke. Check the network and the \
         workspace's data centre, then try again."
    )]
    Unreachable {
        /// The call.
        call: Call,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// The circuit breaker is open, because Workato did not answer the last calls. Nothing was sent.
    #[error("{call} was not sent, because Workato didn't answer the last calls to this workspace. {}", probe_hint(*.retry_in))]
    Down {
        /// The call.
        call: Call,
        /// Time until the next probe; zero while one is under way.
        retry_in: Duration,
    },
    /// 401 or 403: an unknown token, or a privilege that its role lacks.
    #[error("{call} was refused ({status}): {}. {denial}", or_none(.said))]
    Denied {
        /// The call.
        call: Call,
        /// 401 or 403.
        status: u16,
        /// Workato's message, if it sent one.
        said: Option<String>,
        /// What it means, as far as the token's other calls can tell.
        denial: Denial,
    },
    /// 404, or an answer without the requested object.
    #[error("{call} found nothing: {}. It may have been deleted, or the token has no access to it.", or_none(.said))]
    NotFound {
        /// The call.
        call: Call,
        /// Workato's message, if it sent one.
        said: Option<String>,
    },
    /// Any other status from 400 to 499.
    #[error("{call} was refused ({status}): {}.", or_none(.said))]
    Refused {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// Workato's message, if it sent one.
        said: Option<String>,
    },
    /// A status of 500 and above, or a redirect, which is not followed.
    #[error("{call} failed at Workato ({status}): {}. Try again later.", or_none(.said))]
    Broken {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// Workato's message, if it sent one.
        said: Option<String>,
    },
    /// An answer that could not be parsed.
    #[error(
        "{call} returned an answer that can't be read: {why}. Try again. If this keeps happening, Workato's API has \
         changed."
    )]
    Unreadable {
        /// The call.
        call: Call,
        /// Why not.
        #[source]
        why: ReplyError,
    },
    /// An answer longer than [`crate::ClientOptions::longest_answer`].
    #[error("{call} returned more than {limit} bytes. Use a narrower filter.")]
    TooLarge {
        /// The call.
        call: Call,
        /// The longest answer, in bytes.
        limit: usize,
    },
}

/// When the next probe is sent, as a sentence.
fn probe_hint(retry_in: Duration) -> String {
    if retry_in.is_zero() {
        "The portal is trying again. Reload in a moment.".to_owned()
    } else {
        format!("Next try in {} s.", wait_in_seconds(retry_in))
    }
}

fn or_none(said: &Option<String>) -> &str {
    said.as_deref().unwrap_or("it gave no reason")
}

fn retry_hint(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!(". Try again in {} s", wait_in_seconds(wait)),
        None => ". Try again later".to_owned(),
    }
}

impl ReadError {
    pub(super) const fn down(call: Call, open: BreakerOpen) -> Self {
        Self::Down { call, retry_in: open.retry_in }
    }

    /// Whether the error says nothing about the requested data: Workato was down, slow, busy, or not understood. An
    /// older answer is then better than none. `false` if Workato refused the call or found nothing.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::QueueFull { .. }
            | Self::RateLimited { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::Down { .. }
            | Self::Broken { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. } => true,
            Self::Denied { .. } | Self::NotFound { .. } | Self::Refused { .. } => false,
        }
    }

    /// The call that failed.
    #[must_use]
    pub const fn call(&self) -> Call {
        match self {
            Self::QueueFull { call, .. }
            | Self::RateLimited { call, .. }
            | Self::TimedOut { call, .. }
            | Self::Unreachable { call, .. }
            | Self::Down { call, .. }
            | Self::Denied { call, .. }
            | Self::NotFound { call, .. }
            | Self::Refused { call, .. }
            | Self::Broken { call, .. }
            | Self::Unreadable { call, .. }
            | Self::TooLarge { call, .. } => *call,
        }
    }
}
