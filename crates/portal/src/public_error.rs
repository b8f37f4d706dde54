//! Why a request is refused, as codes with parameters. Closed and free of secrets and internals: causes are logged on
//! the server and never leave it. What a code says to a person is written in `app`.

use serde::{Deserialize, Serialize};
use workato::ReadError;

use crate::{FieldProblems, OperationId, ReadCause, ReadFailure};

/// Why a request was refused. `app` words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum PublicError {
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// The person has to prove again who they are first.
    FactorNeeded,
    /// The person has to set up a second factor first.
    FactorMissing,
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
    /// The request's body arrives too slowly.
    TooSlow,
    /// The URL is longer than any of the portal's.
    UrlTooLong,
    /// The request is addressed to another host.
    WrongHost,
    /// The audit log cannot be written, hence nothing was sent.
    LogUnavailable,
    /// The audit log contradicts what was signed, hence nothing is changed or sent until an admin has looked.
    HistoryInDoubt,
    /// An entry of the audit log is not as it was written, hence nothing that rests on it is shown.
    EntryChanged {
        /// Its sequence.
        entry: i64,
    },
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
    /// The team's token was changed outside the portal, so it is not used.
    TokenNotUsed,
    /// Workato refuses the team's token, so it is not used until it is tested or replaced.
    TokenRefused,
    /// The team is retired.
    TeamRetired,
    /// Something that was needed was changed outside the portal, so it is not used.
    RowNotUsed,
    /// Too many failed attempts to sign in, or to give another secret.
    TooManyAttempts {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Too many requests of a session, a person or an address.
    TooManyRequests {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Too much is going on at the moment, and nothing was changed.
    Busy {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Too little disk space is left to change anything.
    DiskAlmostFull,
    /// The portal itself failed; the log knows more under the request's id.
    Internal,
}

impl PublicError {
    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden { .. } | Self::Elsewhere | Self::FactorNeeded | Self::FactorMissing => 403,
            Self::WrongMethod => 405,
            Self::TooSlow => 408,
            Self::TooLarge => 413,
            Self::UrlTooLong => 414,
            Self::WrongHost => 421,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::Invalid(_) => 422,
            Self::Malformed => 400,
            Self::LogUnavailable
            | Self::HistoryInDoubt
            | Self::QueueFull { .. }
            | Self::WorkatoRateLimited { .. }
            | Self::WorkatoDown { .. }
            | Self::NoToken
            | Self::TokenNotUsed
            | Self::TokenRefused
            | Self::RowNotUsed
            | Self::Busy { .. }
            | Self::DiskAlmostFull => 503,
            Self::TeamRetired => 410,
            Self::WorkatoTimedOut { .. } => 504,
            Self::WorkatoFailed { .. } => 502,
            Self::TooManyAttempts { .. } | Self::TooManyRequests { .. } => 429,
            Self::EntryChanged { .. } | Self::Internal => 500,
        }
    }

    /// When to try again, in whole seconds, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::QueueFull { seconds }
            | Self::TooManyAttempts { seconds }
            | Self::TooManyRequests { seconds }
            | Self::Busy { seconds }
            | Self::WorkatoRateLimited { seconds, .. }
            | Self::WorkatoDown { seconds, .. } => Some(*seconds),
            _ => None,
        }
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
