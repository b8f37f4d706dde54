//! What is wrong with saving a view of a list.

use serde::{Deserialize, Serialize};

/// What is wrong with a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ViewProblem {
    /// The view would show the whole list as it always looks.
    EmptyView,
    /// Too many characters in what it shows.
    ViewTooLong {
        /// The most characters, as in the URL.
        most: usize,
    },
    /// The person has another view of this list with the name.
    ViewNameTaken,
    /// The person has too many views of this list.
    TooManyViews {
        /// The most that one person has of one list.
        most: i64,
    },
    /// Too many views of this list are shared.
    TooManySharedViews {
        /// The most that everybody sees of one list.
        most: i64,
    },
}
