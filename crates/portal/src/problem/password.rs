//! Why a password that somebody chose is too easy to guess.

use serde::{Deserialize, Serialize};

/// Why a password is too easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PasswordProblem {
    /// It is on the list of common passwords.
    CommonPassword,
    /// It is made of the person's or the portal's names, with little else.
    PasswordOfNames,
    /// It is rated as easy to guess.
    GuessablePassword {
        /// What makes it easy.
        why: Guessable,
    },
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guessable {
    /// Keys that are next to each other.
    Keys,
    /// The same characters again and again.
    Repeats,
    /// Sequences such as `abc` or `6543`.
    Sequence,
    /// Dates or years.
    Date,
    /// A common password, perhaps a little changed.
    Common,
    /// A single word.
    Word,
    /// Names.
    Names,
    /// Too little that cannot be foreseen.
    TooSimple,
}
