//! Why a read failed. The portal matches on these to draw the right page, and shows their sentences to the person
//! who asked: they name the call, what Workato said and what to do, and never hold a token or a page of HTML.
//! Causes that only the log should see are in [`std::error::Error::source`].

use std::time::Duration;

use super::breaker::Down;
use super::limiter::wait_in_seconds;
use super::standing::Denial;
use crate::{Call, ReplyError};

/// Why a read has no answer. Workato's words in it are on one line, at most 500 characters, without control characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Our own queue is too long. Nothing was sent.
    #[error("{call} was not sent: this workspace's limit is used up, and its next turn comes in {} s. Try again then.", wait_in_seconds(*.wait))]
    QueueFull {
        /// The call.
        call: Call,
        /// How long until the turn would have come.
        wait: Duration,
    },
    /// Workato answered 429: something else uses up the workspace's limit.
    #[error("{call} was refused because too many calls were made in this workspace{}.", when(*.retry_after))]
    RateLimited {
        /// The call.
        call: Call,
        /// How long Workato asked to wait, if it did.
        retry_after: Option<Duration>,
    },
    /// No whole answer in time.
    #[error("{call} had no answer within {} s. Try again; a narrower filter makes it quicker.", wait_in_seconds(*.after))]
    TimedOut {
        /// The call.
        call: Call,
        /// How long it was waited for.
        after: Duration,
    },
    /// No connection, or one that broke.
    #[error(
        "{call} has no answer: Workato could not be reached, or the connection broke. Check the network and the workspace's data centre, then try again."
    )]
    Unreachable {
        /// The call.
        call: Call,
        /// What failed.
        #[source]
        source: reqwest::Error,
    },
    /// Workato has not answered the last calls to this workspace. Nothing was sent.
    #[error("{call} was not sent, because Workato has not answered the last calls to this workspace. {}", asked_again(*.retry_in))]
    Down {
        /// The call.
        call: Call,
        /// How long until the next read asks again; zero while one does.
        retry_in: Duration,
    },
    /// 401 or 403. Workato answers either for a token it does not know and for a privilege that a role lacks.
    #[error("{call} was refused ({status}): {message}. {denial}")]
    Denied {
        /// The call.
        call: Call,
        /// 401 or 403.
        status: u16,
        /// Workato's words, or ours when it had none.
        message: String,
        /// What it means, as far as the other calls of this token can tell.
        denial: Denial,
    },
    /// 404, or an answer that does not hold what was asked for.
    #[error("{call} found nothing: {message}. It may have been deleted since, or the token cannot see it.")]
    NotFound {
        /// The call.
        call: Call,
        /// Workato's words, or ours when it had none.
        message: String,
    },
    /// Any other status from 400 to 499.
    #[error("{call} was refused ({status}): {message}.")]
    Refused {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// Workato's words, or ours when it had none.
        message: String,
    },
    /// A status from 500 on, or a redirect, which is not followed.
    #[error("{call} failed at Workato ({status}): {message}. Try again in a while.")]
    Broken {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// Workato's words, or ours when it had none.
        message: String,
    },
    /// An answer that cannot be read.
    #[error(
        "{call} was answered, but the answer cannot be read: {why}. Try again; if it stays, Workato's API has changed."
    )]
    Unreadable {
        /// The call.
        call: Call,
        /// What is wrong with the answer.
        #[source]
        why: ReplyError,
    },
    /// An answer longer than [`crate::ClientOptions::longest_answer`].
    #[error("{call} was answered with more than {limit} bytes. Use a narrower filter.")]
    TooLarge {
        /// The call.
        call: Call,
        /// The longest answer that is read, in bytes.
        limit: usize,
    },
}

/// When a Workato that is down is asked again, as a sentence.
pub(super) fn asked_again(retry_in: Duration) -> String {
    if retry_in.is_zero() {
        "It is being asked again; reload in a moment.".to_owned()
    } else {
        format!("It is asked again in {} s.", wait_in_seconds(retry_in))
    }
}

fn when(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!(". Try again in {} s", wait_in_seconds(wait)),
        None => ". Try again in a while".to_owned(),
    }
}

impl ReadError {
    pub(super) const fn down(call: Call, down: Down) -> Self {
        Self::Down { call, retry_in: down.retry_in }
    }

    /// Whether it says nothing of what was asked for: Workato was down, slow, asked too often, or not understood. An
    /// older answer is then better than none. Not so when Workato has refused the call, or found nothing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::QueueFull { .. }
            | Self::RateLimited { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::Down { .. }
            | Self::Broken { .. }
            | Self::Unreadable { .. } => true,
            Self::Denied { .. } | Self::NotFound { .. } | Self::Refused { .. } | Self::TooLarge { .. } => false,
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
