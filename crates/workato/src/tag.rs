//! Tags: names and colours for the handles that connections carry.

use serde::{Deserialize, Serialize};

use crate::TagHandle;

/// A tag (Workato API reference, Tags). Any field but the handle can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Names the tag in its workspace.
    pub handle: TagHandle,
    /// What people call it; 30 characters at most.
    pub title: Option<String>,
    /// What people say about it.
    pub description: Option<String>,
    /// Its colour in Workato's console, as Workato names it.
    pub color: Option<String>,
}
