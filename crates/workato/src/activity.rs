//! Events of a workspace's activity log: who did what in Workato, there or through its API.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Timestamp, tolerant};

/// An event (Workato API reference, Activity audit log). Any field can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEvent {
    /// Names the event; pages go on after it.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub id: Option<String>,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// What happened: `connector_shared`.
    pub event_type: Option<String>,
    /// Who did it.
    pub user: Option<ActivityUser>,
    /// To what it was done.
    pub resource: Option<ActivityResource>,
}

/// Who did something in Workato.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityUser {
    /// The person's name, or the API client's.
    pub name: Option<String>,
    /// The person's e-mail.
    pub email: Option<String>,
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityResource {
    /// Its id.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub id: Option<String>,
    /// Its name then.
    pub name: Option<String>,
    /// Workato's word for its kind: `Adapter` is a custom connector.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Which events to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Events from this instant on.
    pub from: OffsetDateTime,
    /// Events up to this instant.
    pub to: OffsetDateTime,
}
