//! What to create a custom connector with, but for its code.

use serde::{Deserialize, Serialize};

/// A connector to create. Its code is handed over beside it: it may hold secrets, and this is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorDraft {
    /// The title.
    pub title: String,
    /// The note of the first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
