//! The workspace's activity log, as `GET /api/activity_logs` returns it. Not the sandbox's ledger, which is in
//! `ledger`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::pacific_time::PacificTime;

/// What an event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// The id.
    pub id: u64,
    /// The name at that time.
    pub name: String,
    /// Workato's type: `Adapter` for a custom connector, `Connection`, `Recipe`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The id; later events have higher ones.
    pub id: u64,
    /// When it happened.
    pub timestamp: PacificTime,
    /// The type, for example `connector_shared`.
    pub event_type: &'static str,
    /// Who caused it.
    pub user: User,
    /// Details, which depend on the type.
    pub details: Value,
    /// What it changed.
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

    /// The events, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

impl Event {
    /// The event as in an answer.
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
