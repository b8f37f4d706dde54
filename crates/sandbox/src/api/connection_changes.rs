//! Creating, updating, disconnecting and deleting connections, with the refusals in the API reference.
//! The fields of a connection are parsed in `connection_draft`.

use axum::{Extension, body::Bytes, extract::Path};
use serde_json::{Value, json};

use super::connection_draft::Draft;
use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    ledger::Target,
    query::{Query, id, object},
    world::connection::Connection,
};

/// `POST /api/connections`
pub async fn create(Extension(caller): Extension<Caller>, body: Bytes) -> Answer {
    let draft = Draft::read(&object(&body)?)?;
    let mut world = caller.workspace.world();
    if draft.folder_id.is_none() && world.home_is_project {
        return Err(Refusal::Invalid { field: "folder_id", message: "can't be blank".to_owned() });
    }
    let now = world.clock.now();
    let mut connection = Connection {
        id: world.connections.next_id(),
        name: None,
        provider: None,
        description: None,
        authorized_at: None,
        authorization_status: None,
        authorization_error: None,
        created_at: now,
        updated_at: now,
        external_id: None,
        folder_id: world.root_folder_id,
        connection_lost_at: None,
        connection_lost_reason: None,
        parent_id: None,
        tags: None,
        runtime_user: false,
    };
    connection.provider.clone_from(&draft.provider);
    draft.apply(&mut connection, &world, now)?;
    let answer = to_json(&connection);
    caller.record(world.id, "connection.create", vec![target(&connection)], draft.parameters(), &answer)?;
    let by = world.api_client();
    world.add_connection(connection, by);
    Ok(ok(&answer))
}

/// `PUT /api/connections/:connection_id`: changes only the fields that are sent.
pub async fn update(Extension(caller): Extension<Caller>, Path(path): Path<String>, body: Bytes) -> Answer {
    let connection_id = id(&path)?;
    let draft = Draft::read(&object(&body)?)?;
    let mut world = caller.workspace.world();
    let before = world.connections.get(connection_id).ok_or(Refusal::NotFound)?;
    if draft.provider.is_some() && draft.provider != before.provider {
        return Err(Refusal::Invalid { field: "provider", message: "can't be changed".to_owned() });
    }
    let now = world.clock.now();
    let mut after = before.clone();
    draft.apply(&mut after, &world, now)?;
    if after == *before {
        return Ok(ok(&to_json(before)));
    }
    after.updated_at = now;
    let answer = to_json(&after);
    caller.record(world.id, "connection.update", vec![target(before)], draft.parameters(), &answer)?;
    let by = world.api_client();
    world.replace_connection(after, by);
    Ok(ok(&answer))
}

/// `POST /api/connections/:connection_id/disconnect`, with `force` in the body or in the query.
pub async fn disconnect(
    Extension(caller): Extension<Caller>,
    Path(path): Path<String>,
    query: Query,
    body: Bytes,
) -> Answer {
    let connection_id = id(&path)?;
    let force = is_true(object(&body)?.get("force")) || query.get("force") == Some("true");
    let mut world = caller.workspace.world();
    let connection = world.connections.get(connection_id).ok_or(Refusal::NotFound)?;
    let answer = json!({ "success": true, "status": "disconnected" });
    if !connection.is_connected() {
        return Ok(ok(&answer));
    }
    if world.is_used_by_active_recipes(connection_id) && !force {
        return Err(rejected(&caller, "You can't disconnect a connection used by active recipes"));
    }
    caller.record(world.id, "connection.disconnect", vec![target(connection)], json!({ "force": force }), &answer)?;
    let by = world.api_client();
    world.disconnect(connection_id, by);
    Ok(ok(&answer))
}

/// `DELETE /api/connections/:connection_id`
pub async fn delete(Extension(caller): Extension<Caller>, Path(path): Path<String>) -> Answer {
    let connection_id = id(&path)?;
    let mut world = caller.workspace.world();
    let connection = world.connections.get(connection_id).ok_or(Refusal::NotFound)?;
    if world.is_used_by_active_recipes(connection_id) {
        return Err(rejected(&caller, "You can't delete a connection used by active recipes"));
    }
    if world.audit_log_destination == Some(connection_id) {
        return Err(rejected(&caller, "You can't delete a connection used by audit log streaming"));
    }
    let answer = json!({ "success": true, "status": "deleted" });
    caller.record(world.id, "connection.delete", vec![target(connection)], Value::Null, &answer)?;
    let by = world.api_client();
    world.delete_connection(connection_id, by);
    Ok(ok(&answer))
}

/// The answer to a change. It has fewer fields than a list, and `provider` beside `application`.
fn to_json(connection: &Connection) -> Value {
    json!({
        "id": connection.id,
        "name": connection.name,
        "application": connection.provider,
        "provider": connection.provider,
        "authorized_at": connection.authorized_at,
        "authorization_status": connection.authorization_status,
        "authorization_error": connection.authorization_error,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
        "external_id": connection.external_id,
        "folder_id": connection.folder_id,
        "parent_id": connection.parent_id,
    })
}

fn target(connection: &Connection) -> Target {
    Target::new("connection", connection.id, connection.name.as_deref())
}

fn rejected(caller: &Caller, message: &'static str) -> Refusal {
    Refusal::Rejected { message, status: caller.workspaces.refusal_status() }
}

fn is_true(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_str) == Some("true")
}
