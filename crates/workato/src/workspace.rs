//! The workspace of a token, as `GET /api/users/me` returns it (Workato API reference, Workspace details).

use serde::{Deserialize, Serialize};

use crate::{FolderId, Timestamp, WorkspaceId, tolerant};

/// A workspace. All fields can be absent or null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Reply")]
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
}

#[derive(Deserialize)]
struct Reply {
    id: Option<WorkspaceId>,
    name: Option<String>,
    full_name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    company_name: Option<String>,
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    plan_id: Option<String>,
    root_folder_id: Option<FolderId>,
    created_at: Option<Timestamp>,
}

impl From<Reply> for Workspace {
    fn from(reply: Reply) -> Self {
        Self {
            id: reply.id,
            name: reply.name.or(reply.full_name),
            email: reply.email,
            company: reply.company.or(reply.company_name),
            plan_id: reply.plan_id,
            root_folder_id: reply.root_folder_id,
            created_at: reply.created_at,
        }
    }
}
