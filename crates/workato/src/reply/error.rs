//! Why the body of an answer could not be parsed.

/// Why a body could not be parsed. Its text shows at most 200 characters of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The body is not JSON, or is truncated.
    #[error("it is not whole JSON (line {line}, column {column})")]
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
    /// An element of a list could not be parsed.
    #[error("element {index} of the list{} cannot be read: {why}", .id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default())]
    Element {
        /// Position in the list, from 0.
        index: usize,
        /// The element's `id` or `handle`, if it has one.
        id: Option<String>,
        /// The parser's message.
        why: String,
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
