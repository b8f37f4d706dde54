//! Folders, which give names to the folder ids of connections.

use serde::{Deserialize, Serialize};

use crate::{FolderId, ProjectId, Timestamp};

/// A folder (Workato API reference, Folders). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// The id, unique in the workspace.
    pub id: FolderId,
    /// The name.
    pub name: Option<String>,
    /// The folder that contains it; `None` for the root.
    pub parent_id: Option<FolderId>,
    /// Whether it is the root folder of a project.
    pub is_project: Option<bool>,
    /// The project it belongs to.
    pub project_id: Option<ProjectId>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// The folders of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderTree {
    /// The folders, parents before their children.
    pub folders: Vec<Folder>,
    /// Whether these are all of them. Reading takes one call per folder, and the number of calls is limited.
    pub complete: bool,
}
