//! What connections and connectors stand among: folders, projects, tags, customers, recipes.
//! Plain records; their JSON is made by the calls that list them.

use serde::Serialize;

use super::connection::Connections;
use crate::pacific_time::PacificTime;

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// Workato's id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The folder it is in.
    pub parent_id: u64,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last changed.
    pub updated_at: PacificTime,
    /// Whether it is the folder of a project.
    pub is_project: bool,
    /// The project it belongs to.
    pub project_id: Option<u64>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Workato's id.
    pub id: u64,
    /// What it is for.
    pub description: Option<String>,
    /// Its folder.
    pub folder_id: u64,
    /// Its name.
    pub name: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// What assignments name it by, for example `tag-ANgeffPL-3gxQwA`.
    pub handle: String,
    /// Its title, at most 30 characters.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// One of Workato's colour names.
    pub color: String,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last changed.
    pub updated_at: PacificTime,
}

/// An embedded customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Workato's id.
    pub id: u64,
    /// The partner's own id.
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Where error notifications go.
    pub notification_email: String,
    /// The plan it is on.
    pub plan_id: String,
    /// Whether it is in a trial.
    pub in_trial: bool,
    /// When it was added.
    pub created_at: PacificTime,
    /// When it was last changed.
    pub updated_at: PacificTime,
    /// The connections in the customer's own workspace.
    pub connections: Connections,
}

/// A recipe of the partner's workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// Workato's id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The folder that holds it.
    pub folder_id: u64,
    /// Whether it runs.
    pub active: bool,
    /// The connections it uses.
    pub connection_ids: Vec<u64>,
    /// The custom connectors it uses.
    pub connector_ids: Vec<u64>,
    /// Handles of its tags.
    pub tags: Vec<String>,
    /// The customers it was shared with.
    pub shared_with: Vec<u64>,
}
