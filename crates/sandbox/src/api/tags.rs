//! Tags and tag assignments. Their errors have another format: a list of code, title and detail.

use axum::{
    Extension,
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, json, ok},
    ledger::Target,
    query::{Query, id_in_body, object},
    world::World,
};

/// `GET /api/tags`: one page, without a total.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let counted = query.all("includes[]").any(|field| field == "assignment_count");
    let world = caller.workspace.world();
    let tags: Vec<Value> = query
        .page()
        .of(world.tags.iter())
        .into_iter()
        .map(|tag| {
            let mut json = json!(tag);
            if counted {
                json["assignment_count"] = assignments(&world, &tag.handle).into();
            }
            json
        })
        .collect();
    Ok(ok(&json!({ "data": { "tags": tags } })))
}

/// `POST /api/tags_assignments`: 200 and no body (Workato API reference, Tag assignments).
pub async fn assign(Extension(caller): Extension<Caller>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let (add, remove) = (handles(&body, "add_tags")?, handles(&body, "remove_tags")?);
    let (connections, recipes) = (ids(&body, "connection_ids")?, ids(&body, "recipe_ids")?);
    let mut world = caller.workspace.world();
    if connections.is_empty() && recipes.is_empty() {
        return Ok(tag_error("invalid", "Assets missing", "recipe_ids or connection_ids is required"));
    }
    if let Some(unknown) = add.iter().chain(&remove).find(|handle| !world.tags.iter().any(|tag| tag.handle == **handle))
    {
        return Ok(tag_error("not_found", "Tag not found", &format!("There is no tag {unknown}")));
    }
    if let Some(unknown) = connections.iter().find(|id| world.connections.get(**id).is_none()) {
        return Ok(tag_error("not_found", "Connection not found", &format!("There is no connection {unknown}")));
    }
    if let Some(unknown) = recipes.iter().find(|id| world.recipe(**id).is_none()) {
        return Ok(tag_error("not_found", "Recipe not found", &format!("There is no recipe {unknown}")));
    }
    let targets = connections
        .iter()
        .filter_map(|id| world.connections.get(*id))
        .map(|connection| Target::new("connection", connection.id, connection.name.as_deref()))
        .chain(
            recipes
                .iter()
                .filter_map(|id| world.recipe(*id))
                .map(|recipe| Target::new("recipe", recipe.id, Some(&recipe.name))),
        )
        .collect();
    let parameters = json!({ "add_tags": add, "remove_tags": remove });
    caller.record(world.id, "tags.assign", targets, parameters, &Value::Null)?;
    for id in connections {
        if let Some(connection) = world.connections.get_mut(id) {
            retag(connection.tags.get_or_insert_default(), &add, &remove);
        }
    }
    for recipe in world.recipes.iter_mut().filter(|recipe| recipes.contains(&recipe.id)) {
        retag(&mut recipe.tags, &add, &remove);
    }
    Ok(StatusCode::OK.into_response())
}

fn retag(tags: &mut Vec<String>, add: &[String], remove: &[String]) {
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
}

fn assignments(world: &World, handle: &str) -> usize {
    let on = |tags: &[String]| tags.iter().any(|tag| tag == handle);
    world.connections.iter().filter(|connection| connection.tags.as_deref().is_some_and(on)).count()
        + world.recipes.iter().filter(|recipe| on(&recipe.tags)).count()
}

fn handles(body: &Map<String, Value>, field: &str) -> Result<Vec<String>, Refusal> {
    list_of(body, field, |value| value.as_str().map(str::to_owned).ok_or(Refusal::BadRequest))
}

fn ids(body: &Map<String, Value>, field: &str) -> Result<Vec<u64>, Refusal> {
    list_of(body, field, id_in_body)
}

fn list_of<T>(
    body: &Map<String, Value>,
    field: &str,
    read: impl Fn(&Value) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(read).collect(),
        Some(_) => Err(Refusal::BadRequest),
    }
}

fn tag_error(code: &str, title: &str, detail: &str) -> Response {
    json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "errors": [{ "code": code, "title": title, "detail": detail }] }))
}
