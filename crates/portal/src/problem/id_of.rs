//! What an id is of, where a field does not hold one.

use serde::{Deserialize, Serialize};

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdOf {
    /// A connection.
    Connection,
    /// A folder.
    Folder,
    /// A recipe.
    Recipe,
    /// An embedded customer's account.
    Account,
}
