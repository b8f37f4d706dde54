//! The workspace's activity log, as `GET /api/activity_logs` reads it.
//! Workato's log, not ours: what the sandbox carried out is in `ledger`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::pacific_time::PacificTime;

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its id.
    pub id: u64,
    /// Its name at that moment.
    pub name: String,
    /// Workato's word: `Adapter` for a custom connector, `Connection`, `Recipe`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Workato's id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Counts upwards.
    pub id: u64,
    /// When.
    pub timestamp: PacificTime,
    /// For example `connector_shared`.
    pub event_type: &'static str,
    /// Who.
    pub user: User,
    /// What else there is to say.
    pub details: Value,
    /// What it is about.
    pub resource: Resource,
}

/// Events, oldest first.
#[derive(Clone, Debug, Default)]
pub struct ActivityLog {
    events: Vec<Event>,
    last_id: u64,
}

impl ActivityLog {
    /// A log whose first event gets the id after `last_id`.
    pub fn after(last_id: u64) -> Self {
        Self { events: Vec::new(), last_id }
    }

    /// Adds an event.
    pub fn push(
        &mut self,
        timestamp: PacificTime,
        event_type: &'static str,
        user: User,
        resource: Resource,
        details: Value,
    ) {
        self.last_id += 1;
        self.events.push(Event { id: self.last_id, timestamp, event_type, user, details, resource });
    }

    /// Events, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

impl Event {
    /// The event as the API gives it.
    pub fn to_json(&self, workspace_id: u64, workspace_name: &str) -> Value {
        json!({
            "id": self.id,
            "timestamp": self.timestamp,
            "event_type": self.event_type,
            "workspace": { "id": workspace_id, "name": workspace_name },
            "user": self.user,
            "details": self.details,
            "resource": self.resource,
        })
    }
}
