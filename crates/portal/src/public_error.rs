//! Why a request is refused, as codes with parameters. Closed and free of secrets and internals: causes are logged on the
//! server and never leave it. What a code says to a person is written in `app`.

use serde::{Deserialize, Serialize};
use workato::{Call, Denial, ReadError, ReplyError, wait_in_seconds};

use crate::{FieldProblems, OperationId};

/// Why a request was refused. `app` words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum PublicError {
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// The person has no right to this; an attempted change is in the audit log under `operation`.
    Forbidden {
        /// The audit log's record of the attempt.
        operation: Option<OperationId>,
    },
    /// There is no such thing, or the person may not know of it.
    NotFound,
    /// The operation's id was used before with other content.
    Conflict {
        /// The operation that the id belongs to.
        operation: OperationId,
    },
    /// The input is wrong, field by field.
    Invalid(FieldProblems),
    /// The request is not one that a form of the portal sends.
    Malformed,
    /// The request came from another site.
    Elsewhere,
    /// The path is there, but not for this method.
    WrongMethod,
    /// The request is larger than any form of the portal.
    TooLarge,
    /// The audit log cannot be written, hence nothing was sent.
    LogUnavailable,
    /// Too many calls of this team wait for Workato already.
    QueueFull {
        /// How long the queue is, in whole seconds.
        seconds: u64,
    },
    /// Workato refused for rate.
    WorkatoRateLimited {
        /// What was called, and why it was refused.
        failure: ReadFailure,
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Workato has not answered for a while, so it was not asked.
    WorkatoDown {
        /// What was not called, and why.
        failure: ReadFailure,
        /// When it is asked again, in whole seconds.
        seconds: u64,
    },
    /// Workato did not answer in time.
    WorkatoTimedOut {
        /// What was called, and how long the portal waited.
        failure: ReadFailure,
    },
    /// Workato failed, refused or could not be understood.
    WorkatoFailed {
        /// What was called, and what Workato said.
        failure: ReadFailure,
    },
    /// The team has no token yet, hence Workato cannot be asked.
    NoToken,
    /// Too many failed attempts to sign in.
    TooManyAttempts,
    /// The portal itself failed; the log knows more under the request's id.
    Internal,
}

impl PublicError {
    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden { .. } | Self::Elsewhere => 403,
            Self::WrongMethod => 405,
            Self::TooLarge => 413,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::Invalid(_) => 422,
            Self::Malformed => 400,
            Self::LogUnavailable
            | Self::QueueFull { .. }
            | Self::WorkatoRateLimited { .. }
            | Self::WorkatoDown { .. }
            | Self::NoToken => 503,
            Self::WorkatoTimedOut { .. } => 504,
            Self::WorkatoFailed { .. } => 502,
            Self::TooManyAttempts => 429,
            Self::Internal => 500,
        }
    }

    /// When to try again, in whole seconds, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::QueueFull { seconds }
            | Self::WorkatoRateLimited { seconds, .. }
            | Self::WorkatoDown { seconds, .. } => Some(*seconds),
            Self::TooManyAttempts => Some(60),
            _ => None,
        }
    }
}

/// Why a read of Workato failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// The call.
    pub call: Call,
    /// What went wrong.
    #[serde(flatten)]
    pub cause: ReadCause,
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
    /// One element of the answer's list cannot be read.
    BadElement {
        /// Its place in the list, from 0.
        index: usize,
        /// Its id or handle, where it has one.
        id: Option<String>,
        /// What the parser says.
        fault: String,
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
            ReadError::Unreadable { why: ReplyError::Element { index, id, why }, .. } => {
                ReadCause::BadElement { index: *index, id: id.clone(), fault: why.clone() }
            }
            ReadError::TooLarge { limit, .. } => ReadCause::TooLarge { most: *limit },
            _ => ReadCause::Other,
        };
        Self { call: error.call(), cause }
    }
}

impl From<&ReadError> for PublicError {
    fn from(error: &ReadError) -> Self {
        let failure = ReadFailure::from(error);
        match failure.cause {
            ReadCause::QueueFull { seconds } | ReadCause::RateLimited { seconds: Some(seconds) } => {
                Self::WorkatoRateLimited { failure, seconds }
            }
            ReadCause::RateLimited { seconds: None } => Self::WorkatoRateLimited { failure, seconds: 60 },
            ReadCause::Down { seconds } => Self::WorkatoDown { failure, seconds: seconds.max(1) },
            ReadCause::TimedOut { .. } => Self::WorkatoTimedOut { failure },
            _ => {
                tracing::warn!(cause = %error, "Workato could not be read");
                Self::WorkatoFailed { failure }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use std::time::Duration;
    use workato::{Call, Denial, ReadError};

    use super::PublicError;
    use crate::{FieldProblems, Problem};

    #[test]
    fn a_program_gets_a_code_for_each_field() {
        let error =
            PublicError::Invalid(FieldProblems::from([("after", Problem::NumberBetween { least: 0, most: 9 })]));
        let expected = json!({
            "error": "invalid",
            "problems": [{ "field": "after", "code": "number_between", "least": 0, "most": 9 }],
        });
        assert_eq!(serde_json::to_value(&error).expect("JSON"), expected);
        assert_eq!(serde_json::from_value::<PublicError>(expected).expect("an error"), error);
    }

    #[test]
    fn a_failed_read_is_a_code_with_the_call_and_workatos_words() {
        let read = ReadError::Denied {
            call: Call::Tags,
            status: 401,
            said: Some("Unauthorized".to_owned()),
            denial: Denial::Privilege { answered: Call::Connections, seconds_before: 3 },
        };
        let error = PublicError::from(&read);
        let expected = json!({
            "error": "workato_failed",
            "failure": {
                "call": "tags", "cause": "denied", "status": 401, "said": "Unauthorized",
                "denial": { "meaning": "privilege", "answered": "connections", "seconds_before": 3 },
            },
        });
        assert_eq!(serde_json::to_value(&error).expect("JSON"), expected);
        assert_eq!(serde_json::from_value::<PublicError>(expected).expect("an error"), error);
    }

    #[test]
    fn when_to_try_again_is_never_at_once() {
        let down = ReadError::Down { call: Call::Tags, retry_in: Duration::ZERO };
        assert_eq!(PublicError::from(&down).retry_after(), Some(1));
        let limited = ReadError::RateLimited { call: Call::Tags, retry_after: None };
        assert_eq!(PublicError::from(&limited).retry_after(), Some(60));
    }
}
