//! Why something could not be done, with its cause: for the log and for `match`.
//! What a person may know of it is [`PublicError`], which [`Error::public`] makes of it and which holds no internals.

use std::{sync::Arc, time::Duration};

use workato::{ReadError, wait_in_seconds};

use crate::{FactorProblem, FieldProblems, OperationId, Problem, PublicError, vault::VaultError};
use store::StoreError;

/// What the portal's own calls answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in.
    #[error("signed out")]
    SignedOut,
    /// The actor has to prove again who they are first.
    #[error("no fresh factor")]
    FactorNeeded,
    /// The actor has no right to it; where it was an attempted change, `operation` is its entry, if the actor may read
    /// it.
    #[error("no right")]
    Forbidden {
        /// The audit log's record of the attempt.
        operation: Option<OperationId>,
    },
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The operation's id was used before with other content.
    #[error("operation {operation} is something else")]
    Conflict {
        /// The operation that the id belongs to.
        operation: OperationId,
    },
    /// The input is wrong.
    #[error("invalid input")]
    Invalid(FieldProblems),
    /// The request is none that a page of the portal sends: an id that cannot be one, a hidden field that is missing.
    #[error("malformed request")]
    Malformed,
    /// The audit log cannot be written, hence nothing was sent.
    #[error("the audit log cannot be written: {0}")]
    LogUnavailable(#[source] StoreError),
    /// The log contradicts what was signed, so nothing is changed or sent.
    #[error("the audit log contradicts what was signed")]
    HistoryInDoubt,
    /// Too many calls of this team wait for Workato already; nothing was sent.
    #[error("the queue is {wait:?} long")]
    QueueFull {
        /// How long the queue is.
        wait: Duration,
    },
    /// Workato could not be read.
    #[error(transparent)]
    Workato(#[from] Arc<ReadError>),
    /// The team has no token.
    #[error("the team has no token")]
    NoToken,
    /// The team's token was changed outside the portal, so it is not used.
    #[error("the team's token was changed outside the portal")]
    TokenNotUsed,
    /// Workato refuses the team's token, so it is not used until it is tested or replaced.
    #[error("Workato refuses the team's token")]
    TokenRefused,
    /// The team is retired.
    #[error("the team is retired")]
    TeamRetired,
    /// Too little space is left on the data folder's file system to change anything.
    #[error("{free} bytes are free on the data folder's file system, less than {least}")]
    DiskAlmostFull {
        /// The free bytes.
        free: u64,
        /// The least for changes.
        least: u64,
    },
    /// Too much of the same within a short time.
    #[error("too many; try again in {seconds} s")]
    TooMany {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Too many passwords wait to be hashed. Nothing was changed.
    #[error("too many passwords wait; try again in {seconds} s")]
    Busy {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// The sender of the request left before anything was done.
    #[error("the client has hung up")]
    HungUp,
    /// Too many failed attempts to guess a secret.
    #[error("too many failed attempts; try again in {seconds} s")]
    TooManyAttempts {
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// The vault cannot seal or open a token.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything of the portal's own that should not happen.
    #[error("{0}")]
    Internal(String),
}

impl Problem {
    /// This problem of `field`, as an error.
    #[must_use]
    pub fn of(self, field: impl Into<String>) -> Error {
        let mut problems = FieldProblems::default();
        problems.add(field, self);
        Error::Invalid(problems)
    }
}

impl FactorProblem {
    /// This problem of `field`, as an error.
    #[must_use]
    pub fn of(self, field: impl Into<String>) -> Error {
        Problem::from(self).of(field)
    }
}

impl Error {
    /// What a person is told. The cause of what is the portal's own fault is logged here, and nowhere else.
    #[must_use]
    pub fn public(&self) -> PublicError {
        match self {
            Self::SignedOut => PublicError::SignedOut,
            Self::FactorNeeded => PublicError::FactorNeeded,
            Self::Forbidden { operation } => PublicError::Forbidden { operation: *operation },
            Self::NotFound => PublicError::NotFound,
            Self::Conflict { operation } => PublicError::Conflict { operation: *operation },
            Self::Invalid(problems) => PublicError::Invalid(problems.clone()),
            Self::Malformed => PublicError::Malformed,
            Self::HistoryInDoubt
            | Self::LogUnavailable(StoreError::HistoryInDoubt)
            | Self::Store(StoreError::HistoryInDoubt) => PublicError::HistoryInDoubt,
            Self::LogUnavailable(cause) => {
                tracing::error!(%cause, "the audit log cannot be written");
                PublicError::LogUnavailable
            }
            Self::Store(cause @ StoreError::Unwritable(_)) => {
                tracing::error!(%cause, "a change and its entry cannot be written");
                PublicError::LogUnavailable
            }
            Self::Store(StoreError::Changed(bad)) => {
                tracing::error!(%bad, "an entry of the audit log is not shown");
                PublicError::EntryChanged { entry: bad.sequence }
            }
            Self::QueueFull { wait } => PublicError::QueueFull { seconds: wait_in_seconds(*wait) },
            Self::Workato(error) => PublicError::from(&**error),
            Self::NoToken => PublicError::NoToken,
            Self::TokenNotUsed => PublicError::TokenNotUsed,
            Self::TokenRefused => PublicError::TokenRefused,
            Self::TeamRetired => PublicError::TeamRetired,
            Self::Store(cause @ StoreError::BadRow(_)) => {
                tracing::error!(%cause, "a row that was changed outside the portal is not used");
                PublicError::RowNotUsed
            }
            Self::DiskAlmostFull { .. } => {
                tracing::error!(cause = %self, "nothing is changed");
                PublicError::DiskAlmostFull
            }
            Self::TooMany { seconds } => PublicError::TooManyRequests { seconds: *seconds },
            Self::Busy { seconds } => PublicError::Busy { seconds: *seconds },
            // Nobody reads it.
            Self::HungUp => PublicError::Busy { seconds: 1 },
            Self::TooManyAttempts { seconds } => PublicError::TooManyAttempts { seconds: *seconds },
            Self::Vault(_) | Self::Store(_) | Self::Internal(_) => {
                tracing::error!(cause = %self, "the portal failed");
                PublicError::Internal
            }
        }
    }
}
