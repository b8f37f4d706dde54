//! Events of a workspace's activity log: who did what, in Workato's console or through its API.

use serde::Serialize;
use time::OffsetDateTime;

use crate::Timestamp;
use crate::row::{row, row_as_field};

/// An event (Workato API reference, Activity audit log). All fields can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActivityEvent {
    /// The id. The next page starts after the last event's id.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActivityUser {
    /// The name of the person or API client.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// What an event changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActivityResource {
    /// The id.
    pub id: Option<String>,
    /// The name at that time.
    pub name: Option<String>,
    /// Workato's type: `Adapter` for a custom connector.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

row! {
    Fields => ActivityEvent {
        id: String,
        timestamp: Timestamp,
        event_type: String,
        user: ActivityUser,
        resource: ActivityResource,
    } by |fields| Some(Self {
        id: fields.id.value,
        timestamp: fields.timestamp.value,
        event_type: fields.event_type.value,
        user: fields.user.value,
        resource: fields.resource.value,
    })
}

row! {
    UserFields => ActivityUser {
        name: String,
        email: String,
    } by |fields| Some(Self { name: fields.name.value, email: fields.email.value })
}

row! {
    ResourceFields => ActivityResource {
        id: String,
        name: String,
        #[serde(rename = "type")]
        kind: String,
    } by |fields| Some(Self { id: fields.id.value, name: fields.name.value, kind: fields.kind.value })
}

row_as_field!(ActivityUser);
row_as_field!(ActivityResource);

/// Which events to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityQuery {
    /// The earliest instant.
    pub from: OffsetDateTime,
    /// The latest instant.
    pub to: OffsetDateTime,
}
