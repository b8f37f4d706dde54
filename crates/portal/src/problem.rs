//! What a person is told when something cannot be done. Closed and free of secrets and internals: causes are logged
//! on the server and never leave it.

use serde::{Deserialize, Serialize};

use crate::OperationId;

/// Why a request was refused, in the words that the person reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum PublicError {
    /// Nobody is signed in, or the session has ended.
    #[error("You are signed out.")]
    SignedOut,
    /// The person has no right to this; an attempted change is in the audit log under `operation`.
    #[error("You have no right to do this.")]
    Forbidden {
        /// The audit log's record of the attempt.
        operation: Option<OperationId>,
    },
    /// There is no such thing, or the person may not know of it.
    #[error("The address leads nowhere, or what stood here is gone.")]
    NotFound,
    /// The operation's id was used before with other content.
    #[error("This form was used before for something else. Open the page again and start anew.")]
    Conflict {
        /// The operation that the id belongs to.
        operation: OperationId,
    },
    /// The input is wrong, field by field.
    #[error("Some fields need another look.")]
    Invalid(FieldProblems),
    /// The request is not one that a form of the portal sends.
    #[error("The form was incomplete. Go back, reload the page and try again.")]
    Malformed,
    /// The request came from another site.
    #[error("This was sent from another site, so the portal did nothing. Open the page here and try again.")]
    Elsewhere,
    /// The path is there, but not for this method.
    #[error("This address does not take such a request.")]
    WrongMethod,
    /// The request is larger than any form of the portal.
    #[error("This is more than the portal takes at once.")]
    TooLarge,
    /// The audit log cannot be written, hence nothing was sent.
    #[error("The audit log cannot be written, so nothing was done. Try again; if it stays so, tell an admin.")]
    LogUnavailable,
    /// Too many calls of this team wait for Workato already.
    #[error(
        "Too many calls to Workato are waiting in this team; the queue is {seconds} s long. Nothing was sent. Try again then."
    )]
    QueueFull {
        /// How long the queue is, in whole seconds.
        seconds: u64,
    },
    /// Workato refused for rate.
    #[error("{message}")]
    WorkatoRateLimited {
        /// What was called and what Workato said.
        message: String,
        /// When to try again, in whole seconds.
        seconds: u64,
    },
    /// Workato has not answered for a while, so it was not asked.
    #[error("{message}")]
    WorkatoDown {
        /// What was not called, and why.
        message: String,
        /// When it is asked again, in whole seconds.
        seconds: u64,
    },
    /// Workato did not answer in time.
    #[error("{message}")]
    WorkatoTimedOut {
        /// What was called and how long the portal waited.
        message: String,
    },
    /// Workato failed, refused or could not be understood.
    #[error("{message}")]
    WorkatoFailed {
        /// What was called, what Workato said and what to do.
        message: String,
    },
    /// The team has no token yet, hence Workato cannot be asked.
    #[error("This team has no Workato token yet. An admin sets it on the Teams page.")]
    NoToken,
    /// Too many failed attempts to sign in.
    #[error("Too many failed attempts. Wait a minute and try again.")]
    TooManyAttempts,
    /// The portal itself failed; the log knows more under the request's id.
    #[error("The portal failed to do this. The log has the details under the request's id.")]
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

/// One field that needs another look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name, as in the form or the URL.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

/// All fields that need another look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblems {
    problems: Vec<FieldProblem>,
}

impl FieldProblems {
    /// Notes that `field` needs another look.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.problems.push(FieldProblem { field: field.into(), message: message.into() });
    }

    /// What to say beside `field`, if anything.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Every problem, in the order in which it was found.
    pub fn iter(&self) -> impl Iterator<Item = &FieldProblem> {
        self.problems.iter()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for FieldProblems {
    fn from(problems: [(&str, &str); N]) -> Self {
        let mut all = Self::default();
        for (field, message) in problems {
            all.add(field, message);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldProblems, PublicError};

    #[test]
    fn a_program_is_told_each_field_that_needs_another_look() {
        let error = PublicError::Invalid(FieldProblems::from([("after", "Give a number.")]));
        let json = serde_json::to_value(&error).expect("JSON");
        let told = serde_json::json!({
            "error": "invalid",
            "problems": [{ "field": "after", "message": "Give a number." }],
        });
        assert_eq!(json, told);
        assert_eq!(serde_json::from_value::<PublicError>(json).expect("an error"), error);
    }
}
