//! Tags, which give titles and colours to the tag handles of connections.

use serde::{Deserialize, Serialize};

use crate::TagHandle;

/// A tag (Workato API reference, Tags). All fields but the handle can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The handle, unique in the workspace.
    pub handle: TagHandle,
    /// The title, 30 characters at most (Workato API reference, Tags).
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The name of its colour in Workato's console.
    pub color: Option<String>,
}
