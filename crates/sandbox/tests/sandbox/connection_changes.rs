//! Creating, updating, disconnecting and deleting connections, with all documented refusals.

use sandbox::{Alteration, Connection, Options};
use serde_json::{Value, json};

use crate::{TestSandbox, client::fields, start, start_with, unlimited};

async fn listed(test: &TestSandbox, id: u64) -> Option<Value> {
    let list = test.client.get("/api/connections").await.list();
    list.into_iter().find(|row| row["id"] == id)
}

fn connected(test: &TestSandbox) -> Connection {
    let connections = test.workspace.deletable_connections();
    connections.into_iter().find(|one| one.authorization_status.as_deref() == Some("success")).unwrap()
}

#[tokio::test]
async fn a_shell_is_created_without_credentials_and_listed_at_once() {
    let test = start().await;
    let folder_id = test.workspace.folders()[3].id;
    let body = json!({ "name": "Prod JIRA connection", "provider": "jira", "folder_id": folder_id });
    let made = test.client.post("/api/connections", body).await.json(200);
    assert_eq!(
        fields(&made),
        [
            "application",
            "authorization_error",
            "authorization_status",
            "authorized_at",
            "created_at",
            "external_id",
            "folder_id",
            "id",
            "name",
            "parent_id",
            "provider",
            "updated_at"
        ]
    );
    assert_eq!((&made["authorization_status"], &made["authorized_at"]), (&Value::Null, &Value::Null));
    let row = listed(&test, made["id"].as_u64().unwrap()).await.unwrap();
    assert_eq!((&row["name"], &row["folder_id"]), (&json!("Prod JIRA connection"), &json!(folder_id)));
}

#[tokio::test]
async fn credentials_are_tested_unless_the_connection_is_to_be_a_shell() {
    let test = start().await;
    let create = |input: Value, shell: bool| {
        let body = json!({ "name": "Jira", "provider": "jira", "input": input, "shell_connection": shell });
        let client = test.client.clone();
        async move { client.post("/api/connections", body).await.json(200) }
    };
    let made = create(json!({ "host_name": "acme.atlassian.net", "apitoken": "right" }), false).await;
    assert_eq!(made["authorization_status"], "success");
    assert!(made["authorized_at"].is_string());
    let refused = create(json!({ "nested": { "apitoken": "invalid" } }), false).await;
    assert_eq!((&refused["authorization_status"], &refused["authorized_at"]), (&json!("failed"), &Value::Null));
    assert!(refused["authorization_error"].is_string());
    let shell = create(json!({ "apitoken": "right" }), true).await;
    assert_eq!(shell["authorization_status"], Value::Null);
}

#[tokio::test]
async fn an_authorization_code_connection_needs_a_token_pair() {
    let test = start().await;
    let create = |extra: (&str, Value)| {
        let mut body = json!({ "name": "Force", "provider": "salesforce" });
        body[extra.0] = extra.1;
        let client = test.client.clone();
        async move { client.post("/api/connections", body).await }
    };
    let with_input = create(("input", json!({ "sandbox": "true" }))).await.json(200);
    assert_eq!(with_input["authorization_status"], Value::Null);
    let pair = json!({ "access_token": "a", "refresh_token": "r" });
    assert_eq!(create(("oauth_token_pair", pair)).await.json(200)["authorization_status"], "success");
    let half = create(("oauth_token_pair", json!({ "access_token": "a" }))).await.json(422);
    assert_eq!(half["message"], "Validation failed");
}

#[tokio::test]
async fn the_sample_updates_of_the_api_reference_are_accepted() {
    let test = start().await;
    let folder_id = test.workspace.folders()[0].id;
    let jira = test.client.post("/api/connections", json!({ "name": "Jira", "provider": "jira" })).await.json(200);
    let body = json!({
        "name": "jira_connection_latest",
        "folder_id": folder_id,
        "input": { "host_name": "acme.atlassian.net", "api_token_auth": "true", "apitoken": "XXXXXXXX" },
    });
    let made = test.client.put(&format!("/api/connections/{}", jira["id"]), body).await.json(200);
    assert_eq!(
        (&made["name"], &made["folder_id"], &made["authorization_status"]),
        (&json!("jira_connection_latest"), &json!(folder_id), &json!("success"))
    );

    let pair = json!({ "access_token": "a", "refresh_token": "r" });
    let body = json!({ "name": "Outreach", "provider": "outreach", "oauth_token_pair": pair });
    let outreach = test.client.post("/api/connections", body).await.json(200);
    let body = json!({
        "name": "Outreach scope connection",
        "provider": "outreach",
        "input": { "advanced_settings": { "scopes": "sequences.all phoneNumbers.all" } },
    });
    let made = test.client.put(&format!("/api/connections/{}", outreach["id"]), body).await.json(200);
    assert_eq!(made["name"], "Outreach scope connection");
    assert_eq!(made["authorized_at"], outreach["authorized_at"], "parameters alone authorize nothing again");
}

#[tokio::test]
async fn a_parent_must_exist_and_be_of_the_same_provider() {
    let test = start().await;
    let parent = connected(&test);
    let provider = parent.provider.clone().unwrap();
    let child = json!({ "name": "Child", "provider": provider, "parent_id": parent.id.to_string() });
    assert_eq!(test.client.post("/api/connections", child).await.json(200)["parent_id"], parent.id);
    let stranger = json!({ "name": "Child", "provider": "a_stranger", "parent_id": parent.id });
    assert!(test.client.post("/api/connections", stranger).await.json(422)["errors"]["parent_id"].is_array());
    let orphan = json!({ "name": "Child", "provider": provider, "parent_id": 1 });
    assert!(test.client.post("/api/connections", orphan).await.json(422)["errors"]["parent_id"].is_array());
}

#[tokio::test]
async fn the_folder_is_optional_unless_home_was_converted_to_a_project() {
    let test = start().await;
    let body = json!({ "name": "At home", "provider": "jira" });
    let made = test.client.post("/api/connections", &body).await.json(200);
    assert_eq!(made["folder_id"], test.workspace.root_folder_id());
    test.workspace.alter(&Alteration::SetHomeIsProject { home_is_project: true }).unwrap();
    let refused = test.client.post("/api/connections", &body).await.json(422);
    assert_eq!(refused["errors"], json!({ "folder_id": ["can't be blank"] }));
    let unknown = json!({ "name": "Lost", "provider": "jira", "folder_id": 1 });
    assert_eq!(
        test.client.post("/api/connections", unknown).await.json(422)["errors"],
        json!({ "folder_id": ["is invalid"] })
    );
}

#[tokio::test]
async fn a_name_must_not_be_blank() {
    let test = start().await;
    let refused = test.client.post("/api/connections", json!({ "name": " ", "provider": "jira" })).await.json(422);
    assert_eq!(refused, json!({ "message": "Validation failed", "errors": { "name": ["can't be blank"] } }));
    let unreadable = test.client.post("/api/connections", "{\"name\":").await.json(400);
    assert_eq!(unreadable, json!({ "message": "Bad request" }));
}

#[tokio::test]
async fn a_rename_changes_the_name_and_does_not_authenticate_again() {
    let test = start().await;
    let before = connected(&test);
    let body = json!({ "name": "Renamed", "shell_connection": false });
    let path = format!("/api/connections/{}", before.id);
    assert_eq!(test.client.put(&path, body).await.json(200)["name"], "Renamed");
    let after = test.workspace.connection(before.id).unwrap();
    assert!(after.updated_at > before.updated_at);
    let expected = Connection { name: Some("Renamed".to_owned()), updated_at: after.updated_at, ..before };
    assert_eq!(after, expected);
}

#[tokio::test]
async fn an_update_without_anything_new_changes_nothing() {
    let test = start().await;
    let before = connected(&test);
    test.client.put(&format!("/api/connections/{}", before.id), json!({})).await.json(200);
    assert_eq!(test.workspace.connection(before.id).unwrap(), before);
    assert!(test.running.ledger().is_empty());
}

#[tokio::test]
async fn an_update_with_credentials_restores_a_lost_connection() {
    let test = start().await;
    let id = connected(&test).id;
    test.workspace
        .alter(&Alteration::LoseConnection { connection_id: id, reason: "Refresh token expired".into() })
        .unwrap();
    let row = listed(&test, id).await.unwrap();
    assert_eq!((&row["authorization_status"], row["connection_lost_at"].is_string()), (&json!("failed"), true));
    assert_eq!(row["connection_lost_reason"], "Refresh token expired");
    let body = json!({ "oauth_token_pair": { "access_token": "a", "refresh_token": "r" } });
    test.client.put(&format!("/api/connections/{id}"), body).await.json(200);
    let row = listed(&test, id).await.unwrap();
    assert_eq!((&row["authorization_status"], &row["connection_lost_at"]), (&json!("success"), &Value::Null));
}

#[tokio::test]
async fn an_update_changes_and_clears_its_fields() {
    let test = start().await;
    let before = test.workspace.deletable_connections().into_iter().find(|one| one.external_id.is_some()).unwrap();
    let folder_id = test.workspace.root_folder_id();
    let body = json!({ "folder_id": folder_id.to_string(), "external_id": null, "parent_id": null });
    let made = test.client.put(&format!("/api/connections/{}", before.id), body).await.json(200);
    assert_eq!((&made["folder_id"], &made["external_id"]), (&json!(folder_id), &Value::Null));
    let other = json!({ "provider": "another" });
    assert_eq!(test.client.put(&format!("/api/connections/{}", before.id), other).await.status, 422);
}

#[tokio::test]
async fn disconnecting_ends_the_authorization_and_a_second_time_changes_nothing() {
    let test = start().await;
    let id = connected(&test).id;
    let path = format!("/api/connections/{id}/disconnect");
    let answer = json!({ "success": true, "status": "disconnected" });
    assert_eq!(test.client.post(&path, "").await.json(200), answer);
    let after = test.workspace.connection(id).unwrap();
    assert_eq!(after.authorization_status, None);
    assert_eq!(test.client.post(&path, json!({ "force": true })).await.json(200), answer);
    assert_eq!(test.workspace.connection(id).unwrap(), after);
    assert_eq!(test.running.ledger().len(), 1);
}

#[tokio::test]
async fn a_connection_of_active_recipes_is_disconnected_only_by_force() {
    let test = start().await;
    let used = test.workspace.connections_in_active_recipes();
    let connected: Vec<_> = used.iter().filter(|one| one.authorization_status.as_deref() == Some("success")).collect();
    let path = format!("/api/connections/{}/disconnect", connected[0].id);
    let refused = test.client.post(&path, "").await.json(200);
    assert_eq!((&refused["success"], &refused["status"]), (&json!(false), &json!("rejected")));
    assert_eq!(test.client.post(&path, json!({ "force": true })).await.json(200)["status"], "disconnected");
    let path = format!("/api/connections/{}/disconnect?force=true", connected[1].id);
    assert_eq!(test.client.post(&path, "").await.json(200)["status"], "disconnected");
}

#[tokio::test]
async fn a_deleted_connection_is_gone() {
    let test = start().await;
    let id = connected(&test).id;
    let path = format!("/api/connections/{id}");
    assert_eq!(test.client.delete(&path).await.json(200), json!({ "success": true, "status": "deleted" }));
    assert_eq!(listed(&test, id).await, None);
    assert_eq!(test.client.delete(&path).await.json(404), json!({ "message": "Not found" }));
}

#[tokio::test]
async fn the_id_of_a_deleted_connection_is_never_reused() {
    let test = start().await;
    let body = json!({ "name": "Short-lived", "provider": "jira" });
    let first = test.client.post("/api/connections", &body).await.json(200)["id"].as_u64().unwrap();
    test.client.delete(&format!("/api/connections/{first}")).await.json(200);
    let second = test.client.post("/api/connections", &body).await.json(200)["id"].as_u64().unwrap();
    assert!(second > first);
}

#[tokio::test]
async fn deletion_is_refused_if_active_recipes_use_the_connection() {
    let test = start().await;
    let id = connected(&test).id;
    let recipe_id = test.workspace.recipes()[0].id;
    test.workspace.alter(&Alteration::UseConnection { connection_id: id, recipe_id }).unwrap();
    let path = format!("/api/connections/{id}");
    let rejected = json!({
        "success": false,
        "status": "rejected",
        "message": "You can't delete a connection used by active recipes",
    });
    assert_eq!(test.client.delete(&path).await.json(200), rejected);
    assert!(listed(&test, id).await.is_some());
    test.workspace.alter(&Alteration::SetRecipeActive { recipe_id, active: false }).unwrap();
    assert_eq!(test.client.delete(&path).await.json(200)["status"], "deleted");
}

#[tokio::test]
async fn deletion_is_refused_for_the_audit_log_streaming_destination() {
    let test = start().await;
    let id = test.workspace.audit_log_destination().unwrap();
    let rejected = json!({
        "success": false,
        "status": "rejected",
        "message": "You can't delete a connection used by audit log streaming",
    });
    assert_eq!(test.client.delete(&format!("/api/connections/{id}")).await.json(200), rejected);
    assert!(test.workspace.connection(id).is_some());
}

#[tokio::test]
async fn the_status_of_a_refusal_can_be_set() {
    let options = Options { refusal_status: axum::http::StatusCode::UNPROCESSABLE_ENTITY, ..unlimited() };
    let test = start_with(options).await;
    let id = test.workspace.audit_log_destination().unwrap();
    assert_eq!(test.client.delete(&format!("/api/connections/{id}")).await.json(422)["success"], false);
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let test = start().await;
    for (method, path) in [
        ("PUT", "/api/connections/1"),
        ("DELETE", "/api/connections/1"),
        ("DELETE", "/api/connections/first"),
        ("POST", "/api/connections/1/disconnect"),
        ("GET", "/api/connections/1"),
        ("GET", "/api/unheard_of"),
    ] {
        let reply = test.client.call(method, path, "").await;
        assert_eq!(reply.json(404), json!({ "message": "Not found" }), "{method} {path}");
    }
}
