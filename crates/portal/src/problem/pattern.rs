//! What is wrong with the pattern that a team's reasons must contain.

use serde::{Deserialize, Serialize};

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PatternProblem {
    /// Not a regular expression.
    PatternInvalid {
        /// What is wrong with it, in the words of the `regex` crate.
        why: String,
    },
    /// It takes too much memory.
    PatternTooComplex,
    /// It is found in every text.
    PatternMatchesAll,
    /// There is a hint, and no pattern.
    HintWithoutPattern,
}
