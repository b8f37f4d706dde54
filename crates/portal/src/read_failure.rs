//! Why a read of Workato failed, as a code with parameters.

use serde::{Deserialize, Serialize};
use workato::{Call, Denial, ReadError, ReplyError, wait_in_seconds};

/// Why a read of Workato failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// The call.
    pub call: Call,
    /// What went wrong.
    #[serde(flatten)]
    pub cause: ReadCause,
}

impl ReadFailure {
    /// Whether Workato denied the call.
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        matches!(self.cause, ReadCause::Denied { .. })
    }

    /// Whether the token works and only lacks the privilege for this call.
    #[must_use]
    pub const fn is_lack_of_privilege(&self) -> bool {
        matches!(self.cause, ReadCause::Denied { denial: Denial::Privilege { .. }, .. })
    }
}

/// What went wrong with a read of Workato. `said` is Workato's own words, if it had any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum ReadCause {
    /// The portal's own queue was too long. Nothing was sent.
    QueueFull {
        /// How long until the turn would have come.
        seconds: u64,
    },
    /// Workato answered 429.
    RateLimited {
        /// How long Workato asked to wait, if it did.
        seconds: Option<u64>,
    },
    /// No whole answer in time.
    TimedOut {
        /// How long the portal waited.
        seconds: u64,
    },
    /// No connection, or one that broke.
    Unreachable,
    /// Workato has not answered the last calls. Nothing was sent.
    Down {
        /// How long until the next read asks again; zero while one does.
        seconds: u64,
    },
    /// 401 or 403.
    Denied {
        /// The HTTP status.
        status: u16,
        /// Workato's words.
        said: Option<String>,
        /// What it means, as far as the token's other calls can tell.
        denial: Denial,
    },
    /// 404, or an answer that does not hold what was asked for.
    NotFound {
        /// Workato's words.
        said: Option<String>,
    },
    /// Any other status from 400 to 499.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Workato's words.
        said: Option<String>,
    },
    /// A status from 500 on, or a redirect.
    Broken {
        /// The HTTP status.
        status: u16,
        /// Workato's words.
        said: Option<String>,
    },
    /// The answer is not whole JSON.
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The answer is JSON, but not what this call answers with.
    WrongShape {
        /// What was expected.
        expected: String,
    },
    /// What was asked for may be one of the rows whose id cannot be read.
    IdsUnreadable {
        /// The number of such rows.
        count: usize,
    },
    /// An answer that is too long.
    TooLarge {
        /// The most bytes that are read.
        most: usize,
    },
    /// A failure that this version of the portal has no code for.
    Other,
}

impl From<&ReadError> for ReadFailure {
    fn from(error: &ReadError) -> Self {
        let cause = match error {
            ReadError::QueueFull { wait, .. } => ReadCause::QueueFull { seconds: wait_in_seconds(*wait) },
            ReadError::RateLimited { retry_after, .. } => {
                ReadCause::RateLimited { seconds: retry_after.map(wait_in_seconds) }
            }
            ReadError::TimedOut { after, .. } => ReadCause::TimedOut { seconds: wait_in_seconds(*after) },
            ReadError::Unreachable { .. } => ReadCause::Unreachable,
            ReadError::Down { retry_in, .. } => ReadCause::Down { seconds: wait_in_seconds(*retry_in) },
            ReadError::Denied { status, said, denial, .. } => {
                ReadCause::Denied { status: *status, said: said.clone(), denial: *denial }
            }
            ReadError::NotFound { said, .. } => ReadCause::NotFound { said: said.clone() },
            ReadError::Refused { status, said, .. } => ReadCause::Refused { status: *status, said: said.clone() },
            ReadError::Broken { status, said, .. } => ReadCause::Broken { status: *status, said: said.clone() },
            ReadError::Unreadable { why: ReplyError::NotJson { line, column }, .. } => {
                ReadCause::NotJson { line: *line, column: *column }
            }
            ReadError::Unreadable { why: ReplyError::WrongShape { expected }, .. } => {
                ReadCause::WrongShape { expected: (*expected).to_owned() }
            }
            ReadError::Unreadable { why: ReplyError::IdsUnreadable { count }, .. } => {
                ReadCause::IdsUnreadable { count: *count }
            }
            ReadError::TooLarge { limit, .. } => ReadCause::TooLarge { most: *limit },
            _ => ReadCause::Other,
        };
        Self { call: error.call(), cause }
    }
}
