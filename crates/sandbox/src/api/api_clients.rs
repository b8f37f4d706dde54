//! API clients: one for each token of the workspace. The shape of both answers is a guess, since no document has it.

use axum::{Extension, extract::Path};
use serde_json::{Value, json};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    ledger::Target,
};

/// `GET /api/developer_api_clients`: without the tokens.
pub async fn list(Extension(caller): Extension<Caller>) -> Answer {
    let clients: Vec<Value> = caller
        .workspaces
        .clients_of(caller.number)
        .into_iter()
        .map(|id| json!({ "id": id, "name": format!("API client {id}"), "ip_allow_list": [] }))
        .collect();
    Ok(ok(&json!({ "result": clients })))
}

/// `POST /api/developer_api_clients/:id/regenerate`: the client's old token ends at once.
pub async fn regenerate(Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Answer {
    let id: u64 = id.parse().map_err(|_| Refusal::NotFound)?;
    if !caller.workspaces.clients_of(caller.number).contains(&id) {
        return Err(Refusal::NotFound);
    }
    let workspace = caller.workspace.world().id;
    let target = Target::new("api_client", id, Some(&format!("API client {id}")));
    caller.record(workspace, "api_client.regenerate", vec![target], json!({}), &json!({ "success": true }))?;
    let token = caller.workspaces.regenerate(id).ok_or(Refusal::NotFound)?;
    Ok(ok(&json!({ "success": true, "token": token })))
}
