//! The activity log at the start: events that match the dates of connectors and connections.

use serde_json::{Value, json};

use super::plan::Plan;
use crate::{
    pacific_time::PacificTime,
    world::{
        World,
        activity::{ActivityLog, Resource},
    },
};

/// How many of the most recently updated connections have an event.
const CONNECTION_EVENTS: usize = 120;

/// A log without events, with this workspace's ids.
pub fn empty_log(plan: &Plan) -> ActivityLog {
    ActivityLog::after(plan.id(900_000))
}

/// Adds the events, oldest first.
pub fn fill(world: &mut World, plan: &Plan) {
    let mut events: Vec<(PacificTime, &'static str, Resource, Value)> = Vec::new();
    for connector in &world.connectors {
        let resource = Resource { id: connector.id, name: connector.title.clone(), kind: "Adapter" };
        for (number, version) in connector.versions.iter().enumerate() {
            let details = json!({ "version": version.version });
            let saved = if number == 0 { "connector_created" } else { "connector_updated" };
            events.push((version.created_at, saved, resource.clone(), details.clone()));
            if let Some(released_at) = version.released_at {
                events.push((released_at, "connector_released", resource.clone(), details));
            }
        }
        if let Some(shared) = connector.shared {
            let details = json!({ "version": shared.version });
            events.push((shared.at, "connector_shared", resource, details));
        }
    }
    let mut youngest: Vec<_> = world.connections.iter().collect();
    youngest.sort_by_key(|connection| std::cmp::Reverse(connection.updated_at));
    for connection in youngest.into_iter().take(CONNECTION_EVENTS) {
        let name = connection.name.clone().unwrap_or_default();
        let resource = Resource { id: connection.id, name, kind: "Connection" };
        events.push((connection.updated_at, "connection_updated", resource, Value::Null));
    }
    events.retain(|(timestamp, ..)| *timestamp <= plan.now);
    events.sort_by_key(|(timestamp, ..)| *timestamp);
    let by = world.console_user();
    for (timestamp, event_type, resource, details) in events {
        world.activity.push(timestamp, event_type, by.clone(), resource, details);
    }
}
