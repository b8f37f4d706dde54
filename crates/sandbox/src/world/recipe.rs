//! Recipes, of the workspace itself and of its customers. Plain records; `api::recipes` makes their JSON.

use serde::Serialize;

use crate::pacific_time::PacificTime;

/// A recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The folder that contains it.
    pub folder_id: u64,
    /// Whether it is running.
    pub active: bool,
    /// The connections it uses, of the workspace that has the recipe.
    pub connection_ids: Vec<u64>,
    /// The custom connectors it uses.
    pub connector_ids: Vec<u64>,
    /// The handles of its tags.
    pub tags: Vec<String>,
    /// The ids of the customers it is shared with.
    pub shared_with: Vec<u64>,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last changed, started or stopped.
    pub updated_at: PacificTime,
    /// When it last ran.
    pub last_run_at: Option<PacificTime>,
    /// When it was stopped; `None` while it runs.
    pub stopped_at: Option<PacificTime>,
    /// Why Workato stopped it; `None` if a person did, or while it runs.
    pub stop_cause: Option<String>,
    /// How many jobs succeeded.
    pub jobs_succeeded: u64,
    /// How many jobs failed.
    pub jobs_failed: u64,
}

impl Recipe {
    /// A stopped recipe that has never run.
    pub fn new(id: u64, name: &str, folder_id: u64, at: PacificTime) -> Self {
        Self {
            id,
            name: name.to_owned(),
            folder_id,
            active: false,
            connection_ids: Vec::new(),
            connector_ids: Vec::new(),
            tags: Vec::new(),
            shared_with: Vec::new(),
            created_at: at,
            updated_at: at,
            last_run_at: None,
            stopped_at: Some(at),
            stop_cause: None,
            jobs_succeeded: 0,
            jobs_failed: 0,
        }
    }

    /// Starts or stops it, as a person does.
    pub fn set_active(&mut self, active: bool, at: PacificTime) {
        if self.active == active {
            return;
        }
        self.active = active;
        self.updated_at = at;
        self.stopped_at = (!active).then_some(at);
        self.stop_cause = None;
        if active {
            self.last_run_at = Some(at);
        }
    }
}
