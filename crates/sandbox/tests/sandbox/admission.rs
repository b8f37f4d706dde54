//! Tokens, workspaces, and roles that lack privileges.

use sandbox::{Options, Privilege, Privileges, Sandbox};
use serde_json::json;

use crate::{client::Client, start, start_with, unlimited};

#[tokio::test]
async fn without_a_token_or_with_an_unknown_one_every_call_is_unauthorized() {
    let test = start().await;
    let unauthorized = json!({ "message": "Unauthorized" });
    for path in ["/api/users/me", "/api/connections", "/api/custom_connectors", "/api/folders"] {
        let nobody = Client::without_token(test.running.addr);
        assert_eq!(nobody.get(path).await.json(401), unauthorized);
        assert_eq!(nobody.with_token("unknown").get(path).await.json(401), unauthorized);
        for header in ["Authorization: Basic YTpi", "Authorization: Bearer", "Authorization: Bearer "] {
            assert_eq!(nobody.call_with("GET", path, header, "").await.json(401), unauthorized, "{header:?}");
        }
    }
}

#[tokio::test]
async fn each_token_opens_a_workspace_of_its_own() {
    let tokens = vec!["first".parse().unwrap(), "second".parse().unwrap()];
    let test = start_with(Options { tokens, ..unlimited() }).await;
    assert_eq!(test.running.tokens, ["first", "second"]);
    let second = test.client.with_token("second");
    let (here, there) = (test.client.get("/api/users/me").await, second.get("/api/users/me").await);
    assert_ne!(here.json(200)["id"], there.json(200)["id"]);
    let id = test.workspace.deletable_connections()[0].id;
    assert_eq!(second.delete(&format!("/api/connections/{id}")).await.status, 404);
    assert!(test.workspace.connection(id).is_some());
    assert_eq!(test.client.delete(&format!("/api/connections/{id}")).await.status, 200);
}

#[tokio::test]
async fn one_token_cannot_open_two_workspaces() {
    let tokens = vec!["same".parse().unwrap(), "same".parse().unwrap()];
    assert!(Sandbox::start(Options { tokens, ..unlimited() }).await.is_err());
}

#[tokio::test]
async fn without_a_token_option_the_seed_makes_one() {
    let (one, same) = (start().await, start().await);
    let other = start_with(Options { seed: 2, ..unlimited() }).await;
    assert_eq!(one.running.tokens, same.running.tokens);
    assert_ne!(one.running.tokens, other.running.tokens);
}

#[tokio::test]
async fn a_role_without_privileges_is_unauthorized_only_for_their_calls() {
    let restricted_token = Some("narrow".parse().unwrap());
    let test = start_with(Options { restricted_token, ..unlimited() }).await;
    let narrow = test.client.with_token("narrow");
    let customer = test.workspace.customers()[0].id;
    let connector = test.workspace.connectors()[0].id;
    for path in [
        "/api/folders",
        "/api/projects",
        "/api/tags",
        "/api/activity_logs",
        "/api/managed_users",
        &format!("/api/managed_users/{customer}/connections"),
        &format!("/api/custom_connectors/{connector}/code"),
    ] {
        assert_eq!(narrow.get(path).await.json(401), json!({ "message": "Unauthorized" }), "{path}");
        assert_eq!(test.client.get(path).await.status, 200, "{path}");
    }
    assert_eq!(narrow.post("/api/tags_assignments", json!({})).await.status, 401);
    for path in ["/api/users/me", "/api/connections", "/api/custom_connectors"] {
        assert_eq!(narrow.get(path).await.body.len(), test.client.get(path).await.body.len(), "{path}");
    }
}

#[tokio::test]
async fn a_role_can_be_changed_and_a_token_revoked_while_it_runs() {
    let test = start().await;
    let token = "reader".parse().unwrap();
    test.running.admit(&token, 0, Privileges::without(&[Privilege::ChangeConnections, Privilege::ShareConnectors]));
    let reader = test.client.with_token("reader");
    let id = test.workspace.deletable_connections()[0].id;
    assert_eq!(reader.get("/api/connections").await.status, 200);
    assert_eq!(reader.delete(&format!("/api/connections/{id}")).await.status, 401);
    assert_eq!(reader.delete("/api/custom_connectors/1/suppress_oem_version").await.status, 401);
    assert!(test.running.revoke("reader"));
    assert_eq!(reader.get("/api/connections").await.status, 401);
}
