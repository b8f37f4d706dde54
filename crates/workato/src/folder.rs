//! Folders: names for the ids that connections carry.

use serde::{Deserialize, Serialize};

use crate::{FolderId, ProjectId, Timestamp};

/// A folder (Workato API reference, Folders). Any field but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Names the folder in its workspace.
    pub id: FolderId,
    /// What people call it.
    pub name: Option<String>,
    /// The folder it lies in; `None` for the root.
    pub parent_id: Option<FolderId>,
    /// Whether it is the root of a project.
    pub is_project: Option<bool>,
    /// The project it belongs to.
    pub project_id: Option<ProjectId>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// The folders of a workspace, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderTree {
    /// Every folder that was read, parents before their children.
    pub folders: Vec<Folder>,
    /// Whether these are all: reading a tree takes a call for every folder, and the number of calls is bounded.
    pub complete: bool,
}
