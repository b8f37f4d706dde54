//! Why the body of an answer could not be parsed.

/// Why a body could not be parsed. Its text shows nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The body is not JSON, or is truncated.
    #[error("it is not complete JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the syntax error, from 1.
        line: usize,
        /// Column of the syntax error, from 1.
        column: usize,
    },
    /// The body is JSON, but does not have the shape of an answer to this call.
    #[error("it does not hold {expected}")]
    WrongShape {
        /// What the call should have answered with.
        expected: &'static str,
    },
    /// What was asked for was not found, but there are rows without a readable id, and it may be one of them.
    #[error("the ids of {count} rows cannot be read, and what was asked for may be one of them")]
    IdsUnreadable {
        /// The number of such rows.
        count: usize,
    },
}

/// Maps the parser's error for a body that should hold `expected`.
pub(super) fn of_parser(error: &serde_json::Error, expected: &'static str) -> ReplyError {
    if error.is_data() {
        ReplyError::WrongShape { expected }
    } else {
        ReplyError::NotJson { line: error.line(), column: error.column() }
    }
}
