//! The control API: faults, settings, tokens, workspaces, and who may use it.

use serde_json::json;

use crate::{client::Client, start};

#[tokio::test]
async fn faults_are_set_listed_and_removed_by_name() {
    let test = start().await;
    let control = Client::without_token(test.running.addr);
    let listed = control.put("/sandbox/faults/flaky", "GET /api/tags: 500 x2").await.list();
    assert_eq!(listed, [json!({ "name": "flaky", "fault": "GET /api/tags: 500 x2", "struck": 0, "remaining": 2 })]);
    assert_eq!(test.client.get("/api/tags").await.status, 500);
    assert_eq!(control.get("/sandbox/faults").await.list()[0]["remaining"], 1);
    assert_eq!(control.delete("/sandbox/faults/flaky").await.status, 204);
    assert_eq!(control.delete("/sandbox/faults/flaky").await.status, 404);
    assert_eq!(test.client.get("/api/tags").await.status, 200);
    control.put("/sandbox/faults/one", "GET /api/tags: 500").await;
    assert_eq!(control.delete("/sandbox/faults").await.status, 204);
    assert_eq!(test.client.get("/api/tags").await.status, 200);
    let refused = control.put("/sandbox/faults/wrong", "GET /api/tags: sometimes").await.json(422);
    assert!(refused["message"].as_str().unwrap().contains("not a kind of fault"));
}

#[tokio::test]
async fn a_workspace_can_be_read_and_altered() {
    let test = start().await;
    let control = Client::without_token(test.running.addr);
    let workspaces = control.get("/sandbox/workspaces").await.list();
    assert_eq!(workspaces[0]["tokens"][0]["token"], test.running.tokens[0].as_str());
    let look = control.get("/sandbox/workspaces/0").await.json(200);
    assert_eq!(look["connections"].as_array().unwrap().len(), 412);
    let id = test.workspace.deletable_connections()[0].id;
    let alter = |body| control.post("/sandbox/workspaces/0/alterations", body);
    assert_eq!(alter(json!({ "do": "remove_connection", "connection_id": id })).await.status, 204);
    assert!(test.workspace.connection(id).is_none());
    assert_eq!(alter(json!({ "do": "remove_connection", "connection_id": id })).await.status, 422);
    assert_eq!(alter(json!({ "do": "something_else" })).await.status, 422);
    assert_eq!(control.get("/sandbox/workspaces/9").await.status, 404);
    assert_eq!(control.get("/sandbox/ledger").await.list().len(), 0);
}

#[tokio::test]
async fn settings_and_tokens_change_while_it_runs() {
    let test = start().await;
    let control = Client::without_token(test.running.addr);
    let settings = control.put("/sandbox/settings", json!({ "limits": true, "refusal_status": 409 })).await.json(200);
    assert_eq!(settings, json!({ "limits": true, "refusal_status": 409 }));
    let destination = test.workspace.audit_log_destination().unwrap();
    let path = format!("/api/connections/{destination}");
    assert_eq!(test.client.delete(&path).await.status, 409);
    assert_eq!(test.client.delete(&path).await.status, 429);
    let role = json!({ "workspace": 0, "privileges": ["read_connections"] });
    assert_eq!(control.put("/sandbox/tokens/reader", role).await.status, 204);
    let reader = test.client.with_token("reader");
    assert_eq!(reader.get("/api/connections").await.status, 200);
    assert_eq!(reader.get("/api/tags").await.status, 401);
    assert_eq!(control.delete("/sandbox/tokens/reader").await.status, 204);
    assert_eq!(reader.get("/api/connections").await.status, 401);
    assert_eq!(control.put("/sandbox/tokens/x", json!({ "workspace": 5 })).await.status, 404);
}

#[tokio::test]
async fn the_ledger_is_returned_as_it_was_written() {
    let test = start().await;
    let id = test.workspace.deletable_connections()[0].id;
    test.client.delete(&format!("/api/connections/{id}")).await.json(200);
    let read = Client::without_token(test.running.addr).get("/sandbox/ledger").await.list();
    assert_eq!(json!(read), json!(test.running.ledger()));
}

#[tokio::test]
async fn a_web_page_cannot_reach_the_control_api() {
    let test = start().await;
    let control = Client::without_token(test.running.addr);
    let forged = control.call_with("GET", "/sandbox/ledger", "Origin: https://evil.example", "").await;
    assert_eq!(forged.status, 403);
    let rebound = "GET /sandbox/workspaces HTTP/1.1\r\nHost: rebound.example:4010\r\nConnection: close\r\n\r\n";
    let wire = control.send(rebound, std::time::Duration::from_secs(5)).await;
    assert!(String::from_utf8(wire.bytes).unwrap().starts_with("HTTP/1.1 403"));
}
