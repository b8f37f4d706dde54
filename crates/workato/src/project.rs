//! Projects: names for the root folders of a workspace.

use serde::{Deserialize, Serialize};

use crate::{FolderId, ProjectId};

/// A project (Workato API reference, Projects). Any field but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Names the project in its workspace.
    pub id: ProjectId,
    /// What people call it.
    pub name: Option<String>,
    /// What people say about it.
    pub description: Option<String>,
    /// Its root folder.
    pub folder_id: Option<FolderId>,
}
