//! Events of a workspace's activity log: who did what, in Workato's console or through its API.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Timestamp, tolerant};

/// An event (Workato API reference, Activity audit log). All fields can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEvent {
    /// The id. The next page starts after the last event's id.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub id: Option<String>,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// What happened: `connector_shared`.
    pub event_type: Option<String>,
    /// Who did it.
    pub user: Option<ActivityUser>,
    /// What was changed.
    pub resource: Option<ActivityResource>,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityUser {
    /// The name of the person or API client.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// What an event changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityResource {
    /// The id.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub id: Option<String>,
    /// The name at that time.
    pub name: Option<String>,
    /// Workato's type: `Adapter` for a custom connector.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Which events to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityQuery {
    /// The earliest instant.
    pub from: OffsetDateTime,
    /// The latest instant.
    pub to: OffsetDateTime,
}
