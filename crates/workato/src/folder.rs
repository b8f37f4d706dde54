//! Folders, which give names to the folder ids of connections.

use serde::Serialize;

use crate::row::row;
use crate::{FolderId, ProjectId, Timestamp, Unreadable};

/// A folder (Workato API reference, Folders). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

row! {
    Fields => Folder {
        id: FolderId,
        name: String,
        parent_id: FolderId,
        is_project: bool,
        project_id: ProjectId,
        created_at: Timestamp,
        updated_at: Timestamp,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value?,
            name: fields.name.value,
            parent_id: fields.parent_id.value,
            is_project: fields.is_project.value,
            project_id: fields.project_id.value,
            created_at: fields.created_at.value,
            updated_at: fields.updated_at.value,
            unreadable,
        })
    }
}

/// The folders of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderTree {
    /// The folders, parents before their children.
    pub folders: Vec<Folder>,
    /// How many others have no readable id.
    pub left_out: usize,
    /// Whether these are all of them. Reading takes one call per folder, and the number of calls is limited.
    pub complete: bool,
}
