//! `GET /api/activity_logs`: the workspace's events, newest first, including changes that were not made through the
//! API.

use axum::Extension;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    query::Query,
};

/// `page[after]` is the id of the last event of the previous page.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let instant = |name| {
        let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Refusal::BadRequest);
        query.get(name).map(read).transpose()
    };
    let number = |name| query.get(name).map(|text| text.parse::<u64>().map_err(|_| Refusal::BadRequest)).transpose();
    let (from, to) = (instant("from")?, instant("to")?);
    let after = number("page[after]")?;
    let size = number("page[size]")?.map_or(100, |size| size.clamp(1, 100));
    let resource_types: Vec<&str> = query.all("include_resource_types[]").collect();
    let event_types: Vec<&str> = query.all("include_event_types[]").collect();

    let world = caller.workspace.world();
    let matching: Vec<_> = world
        .activity
        .events()
        .iter()
        .rev()
        .filter(|event| from.is_none_or(|from| event.timestamp.instant() >= from))
        .filter(|event| to.is_none_or(|to| event.timestamp.instant() <= to))
        .filter(|event| resource_types.is_empty() || resource_types.contains(&event.resource.kind))
        .filter(|event| event_types.is_empty() || event_types.contains(&event.event_type))
        .collect();
    let page: Vec<Value> = matching
        .iter()
        .filter(|event| after.is_none_or(|after| event.id < after))
        .take(usize::try_from(size).unwrap_or(100))
        .map(|event| event.to_json(world.id, &world.name))
        .collect();
    Ok(ok(&json!({ "data": page, "total": matching.len() })))
}
