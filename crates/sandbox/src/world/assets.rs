//! Folders, projects, tags and customers. Plain records; `api` makes their JSON.

use serde::Serialize;

use super::{connection::Connections, recipe::Recipe};
use crate::pacific_time::PacificTime;

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The folder that contains it.
    pub parent_id: u64,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last updated.
    pub updated_at: PacificTime,
    /// Whether it is the folder of a project.
    pub is_project: bool,
    /// The project it belongs to.
    pub project_id: Option<u64>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// The id.
    pub id: u64,
    /// The description.
    pub description: Option<String>,
    /// The project's folder.
    pub folder_id: u64,
    /// The name.
    pub name: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The handle, for example `tag-ANgeffPL-3gxQwA`.
    pub handle: String,
    /// The title, 30 characters at most.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// One of Workato's names for colours.
    pub color: String,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last updated.
    pub updated_at: PacificTime,
}

/// An embedded customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The id.
    pub id: u64,
    /// The vendor's own id for it.
    pub external_id: Option<String>,
    /// The name.
    pub name: String,
    /// The e-mail address for notifications.
    pub notification_email: String,
    /// The plan.
    pub plan_id: String,
    /// Whether it is in a trial.
    pub in_trial: bool,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last updated.
    pub updated_at: PacificTime,
    /// The connections in the customer's workspace.
    pub connections: Connections,
    /// The recipes in the customer's workspace. They use its connections and the vendor's shared connectors.
    pub recipes: Vec<Recipe>,
    /// Whether tokens of the vendor may read the customer's workspace.
    pub has_access: bool,
}
