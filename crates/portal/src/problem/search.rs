//! What is wrong with a search of the audit log.

use serde::{Deserialize, Serialize};

use crate::audit::Key;

/// What is wrong with a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum SearchProblem {
    /// Too many characters.
    SearchTooLong {
        /// The most characters.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// Too many conditions.
    TooManyConditions {
        /// The most conditions.
        most: usize,
    },
    /// No word that the index could find.
    NoWord,
    /// No such key.
    NoSuchKey {
        /// What stands before the colon.
        key: String,
    },
    /// A key without a value.
    NothingAfter {
        /// The key.
        key: Key,
    },
    /// A key with a value that the index could not find.
    NoWordAfter {
        /// The key.
        key: Key,
    },
    /// What should be an operation's id.
    NotAnId {
        /// What was typed.
        word: String,
    },
    /// A moment that is excluded.
    ExcludedMoment {
        /// The key that was excluded: `after` or `before`.
        key: Key,
        /// The moment, as it was spelled.
        moment: String,
    },
    /// A dash with nothing behind it that could be excluded.
    NothingExcluded,
    /// A range of time that ends before it begins.
    AfterNotBefore {
        /// Its beginning, as it was spelled.
        after: String,
        /// Its end, as it was spelled.
        before: String,
    },
    /// Conditions that no operation can meet together.
    Contradiction {
        /// One, as the search box writes it.
        one: String,
        /// The other.
        other: String,
    },
    /// A network; only addresses can be searched for.
    NetworkNotSearched {
        /// The network, as it was spelled.
        network: String,
    },
    /// A quotation mark that is not closed.
    QuoteOpen,
    /// Commas without a value.
    NoValue,
    /// A word that is none of these.
    NotOneOf {
        /// The word.
        word: String,
        /// The words of the set.
        expected: Vec<String>,
    },
    /// No action is called so, nor begins so.
    NoSuchAction {
        /// The word.
        word: String,
    },
    /// Not a place in the log.
    NotAPlace,
    /// Both `older` and `newer`.
    OlderAndNewer,
}
