//! The workspace of a token, as `GET /api/users/me` returns it (Workato API reference, Workspace details).

use serde::Serialize;

use crate::row::row;
use crate::{FolderId, Timestamp, Unreadable, WorkspaceId};

/// A workspace. All fields can be absent or null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Workspace {
    /// The id.
    pub id: Option<WorkspaceId>,
    /// The name (`name` or `full_name`).
    pub name: Option<String>,
    /// The e-mail address of its owner.
    pub email: Option<String>,
    /// The company (`company_name` or `company`).
    pub company: Option<String>,
    /// The plan.
    pub plan_id: Option<String>,
    /// The root folder.
    pub root_folder_id: Option<FolderId>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

row! {
    Fields => Workspace {
        id: WorkspaceId,
        name: String,
        full_name: String,
        email: String,
        company: String,
        company_name: String,
        plan_id: String,
        root_folder_id: FolderId,
        created_at: Timestamp,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value,
            name: fields.name.value.or(fields.full_name.value),
            email: fields.email.value,
            company: fields.company.value.or(fields.company_name.value),
            plan_id: fields.plan_id.value,
            root_folder_id: fields.root_folder_id.value,
            created_at: fields.created_at.value,
            unreadable,
        })
    }
}
