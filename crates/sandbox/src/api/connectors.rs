//! Custom connectors: listing, reading, sharing and suppressing. Sharing recipes is in `customers`.

use axum::{Extension, extract::Path};
use serde_json::{Value, json};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    ledger::Target,
    query::{Query, id},
    world::connector::{Connector, Version},
};

/// `GET /api/custom_connectors`: newest first, as in the sample.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let title = query.get("title").map(str::to_lowercase);
    let shared = match query.get("oem_shared") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Refusal::BadRequest),
    };
    let world = caller.workspace.world();
    let found: Vec<Value> = world
        .connectors
        .iter()
        .rev()
        .filter(|connector| title.as_ref().is_none_or(|part| connector.title.to_lowercase().contains(part)))
        .filter(|connector| shared.is_none_or(|shared| connector.shared.is_some() == shared))
        .map(to_json)
        .collect();
    Ok(ok(&json!({ "result": found })))
}

/// `GET /api/custom_connectors/:id`: a list of one.
pub async fn read(Extension(caller): Extension<Caller>, Path(path): Path<String>) -> Answer {
    let world = caller.workspace.world();
    let connector = world.connector(id(&path)?).ok_or(Refusal::NotFound)?;
    Ok(ok(&json!({ "result": [to_json(connector)] })))
}

/// `GET /api/custom_connectors/:id/code`
pub async fn code(Extension(caller): Extension<Caller>, Path(path): Path<String>) -> Answer {
    let world = caller.workspace.world();
    let connector = world.connector(id(&path)?).ok_or(Refusal::NotFound)?;
    Ok(ok(&json!({ "data": { "code": connector.code } })))
}

/// `POST /api/custom_connectors/:id/share_oem_version/:version`, also `…/oem_share/:version`.
pub async fn share(Extension(caller): Extension<Caller>, Path((path, version)): Path<(String, String)>) -> Answer {
    let connector_id = id(&path)?;
    let mut world = caller.workspace.world();
    let connector = world.connector(connector_id).ok_or(Refusal::NotFound)?;
    let version = version.parse().ok().filter(|version| connector.has_released(*version)).ok_or_else(|| {
        Refusal::Unprocessable(format!("Version {version} isn't a released version of this connector"))
    })?;
    let answer = json!({ "result": { "success": true, "status": connector.share_status().as_str() } });
    caller.record(world.id, "connector.share", vec![target(connector)], json!({ "version": version }), &answer)?;
    let by = world.api_client();
    world.share(connector_id, version, by);
    Ok(ok(&answer))
}

/// `DELETE /api/custom_connectors/:id/suppress_oem_version`
pub async fn suppress(Extension(caller): Extension<Caller>, Path(path): Path<String>) -> Answer {
    let connector_id = id(&path)?;
    let mut world = caller.workspace.world();
    let connector =
        world.connector(connector_id).filter(|connector| connector.shared.is_some()).ok_or(Refusal::NotFound)?;
    let answer = json!({ "result": { "success": true, "status": "suppressed" } });
    caller.record(world.id, "connector.suppress", vec![target(connector)], Value::Null, &answer)?;
    let by = world.api_client();
    world.suppress(connector_id, by);
    Ok(ok(&answer))
}

fn to_json(connector: &Connector) -> Value {
    let latest = connector.released().next();
    json!({
        "id": connector.id,
        "name": connector.name,
        "title": connector.title,
        "latest_released_version": latest.map(|version| version.version),
        "latest_released_version_note": latest.and_then(|version| version.note.as_deref()),
        "oem_shared_version": connector.shared.map(|shared| shared.version),
        "oem_shared_at": connector.shared.map(|shared| shared.at),
        "released_versions": connector.released().map(version_to_json).collect::<Vec<_>>(),
    })
}

fn version_to_json(version: &Version) -> Value {
    json!({
        "version": version.version,
        "version_note": version.note,
        "created_at": version.created_at,
        "released_at": version.released_at,
    })
}

fn target(connector: &Connector) -> Target {
    Target::new("connector", connector.id, Some(&connector.title))
}
