//! Making connectors, writing their drafts and releasing them. No document shows the answers: they have the connector's
//! id, and a read of the connector tells the rest.

use axum::{Extension, body::Bytes, extract::Path};
use serde_json::{Map, Value, json};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    ledger::Target,
    query::{id, object},
    world::connector::{Connector, Version},
};

/// The most code that Workato takes (Workato API reference, Custom connectors).
const LONGEST_CODE: usize = 10 * 1024 * 1024;

/// The most bytes of a body: the code, which JSON may make longer, and its title and notes.
pub const LONGEST_BODY: usize = 3 * LONGEST_CODE;

/// `POST /api/custom_connectors`: a connector whose first version is a draft.
pub async fn create(Extension(caller): Extension<Caller>, body: Bytes) -> Answer {
    let fields = object(&body)?;
    let title = text(&fields, "title")?.filter(|title| !title.trim().is_empty()).ok_or_else(|| blank("title"))?;
    let code = code(&fields)?;
    let mut world = caller.workspace.world();
    let (connector_id, now) = (world.next_connector_id(), world.clock.now());
    let slug = title.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let connector = Connector {
        id: connector_id,
        name: format!("{slug}_connector_{}_{}", world.id, now.instant().unix_timestamp()),
        title,
        description: text(&fields, "description")?,
        versions: vec![Version { version: 1, note: text(&fields, "note")?, created_at: now, released_at: None }],
        shared: None,
        code,
    };
    let answer = json!({ "result": { "id": connector_id, "name": connector.name, "title": connector.title } });
    caller.record(world.id, "connector.create", vec![target(&connector)], parameters(&fields), &answer)?;
    let by = world.api_client();
    world.add_connector(connector, by);
    Ok(ok(&answer))
}

/// `PUT /api/custom_connectors/:id`: writes a new draft, or replaces the draft that is not released.
pub async fn update(Extension(caller): Extension<Caller>, Path(path): Path<String>, body: Bytes) -> Answer {
    let connector_id = id(&path)?;
    let fields = object(&body)?;
    let code = code(&fields)?;
    let (description, note) = (text(&fields, "description")?, text(&fields, "note")?);
    let mut world = caller.workspace.world();
    let connector = world.connector(connector_id).ok_or(Refusal::NotFound)?;
    let answer = json!({ "result": { "id": connector_id } });
    caller.record(world.id, "connector.update", vec![target(connector)], parameters(&fields), &answer)?;
    let by = world.api_client();
    world.write_draft(connector_id, &code, note, by);
    if let (Some(connector), Some(description)) = (world.connector_mut(connector_id), description) {
        connector.description = Some(description);
    }
    Ok(ok(&answer))
}

/// `POST /api/custom_connectors/:id/release`: refused unless there is a draft.
pub async fn release(Extension(caller): Extension<Caller>, Path(path): Path<String>) -> Answer {
    let connector_id = id(&path)?;
    let mut world = caller.workspace.world();
    let connector = world.connector(connector_id).ok_or(Refusal::NotFound)?;
    if connector.versions.last().is_none_or(|newest| newest.released_at.is_some()) {
        return Err(Refusal::Unprocessable("The connector has no changes to release".to_owned()));
    }
    let answer = json!({ "result": { "id": connector_id } });
    caller.record(world.id, "connector.release", vec![target(connector)], Value::Null, &answer)?;
    let by = world.api_client();
    world.release_draft(connector_id, by);
    Ok(ok(&answer))
}

fn code(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let code = text(fields, "code")?.filter(|code| !code.trim().is_empty()).ok_or_else(|| blank("code"))?;
    if code.len() > LONGEST_CODE {
        return Err(Refusal::Invalid { field: "code", message: "is too long (maximum is 10 MB)".to_owned() });
    }
    Ok(code)
}

fn text(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::BadRequest),
    }
}

fn blank(field: &'static str) -> Refusal {
    Refusal::Invalid { field, message: "can't be blank".to_owned() }
}

/// The parameters for the ledger: of the code, which may hold secrets, only its length in bytes.
fn parameters(fields: &Map<String, Value>) -> Value {
    let mut parameters = fields.clone();
    if let Some(Value::String(code)) = parameters.remove("code") {
        parameters.insert("code_bytes".to_owned(), code.len().into());
    }
    Value::Object(parameters)
}

fn target(connector: &Connector) -> Target {
    Target::new("connector", connector.id, Some(&connector.title))
}
