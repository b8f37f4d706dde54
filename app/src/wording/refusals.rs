//! What people read when the portal refuses something: the heading and text of a refusal page, and field problems.

use portal::{Error, FieldProblem, PublicError};

/// The heading of the page that shows `error`.
pub fn heading(error: &PublicError) -> &'static str {
    match error {
        PublicError::SignedOut => "You are signed out",
        PublicError::Forbidden { .. } => "You have no right to this",
        PublicError::NotFound => "There is no such page",
        PublicError::Conflict { .. } => "This form was used before",
        PublicError::Invalid(_) | PublicError::Malformed => "The portal does not understand this",
        PublicError::Elsewhere => "This came from another site",
        PublicError::WrongMethod => "This address does not take such a request",
        PublicError::TooLarge => "This is too much at once",
        PublicError::LogUnavailable => "Nothing was done",
        PublicError::QueueFull { .. } => "Nothing was sent: the queue is full",
        PublicError::WorkatoRateLimited { .. } => "Workato is asked too often",
        PublicError::WorkatoDown { .. } => "Workato does not answer",
        PublicError::WorkatoTimedOut { .. } => "Workato did not answer in time",
        PublicError::WorkatoFailed { .. } => "Workato could not be read",
        PublicError::NoToken => "This team has no token yet",
        PublicError::TooManyAttempts => "Too many attempts",
        PublicError::Internal => "Something went wrong here",
    }
}

pub fn message(error: &PublicError) -> String {
    error.to_string()
}

/// The message of an error that a page shows in place of one of its parts. A fault of the portal's own is logged.
pub fn message_of(error: &Error) -> String {
    message(&error.public())
}

pub fn field_problem(problem: &FieldProblem) -> String {
    problem.message.clone()
}

/// A problem with a parameter or field that has no place of its own on the page.
pub fn named_problem(problem: &FieldProblem) -> String {
    format!("{}: {}", problem.field, field_problem(problem))
}
