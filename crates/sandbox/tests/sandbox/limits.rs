//! Rate limits over the wire: on by default, one budget for a workspace.

use std::time::Duration;

use sandbox::Options;

use crate::{scene, scene_with};

#[tokio::test]
async fn limits_are_on_by_default_and_say_when_to_come_back() {
    let scene = scene_with(Options { connections: 3, ..Options::on_any_port() }).await;
    for _ in 0..60 {
        assert_eq!(scene.client.get("/api/connections").await.status, 200);
    }
    let refused = scene.client.get("/api/connections").await;
    assert_eq!(refused.json(429)["message"], "Too many requests");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&seconds), "{seconds}");
    assert_eq!(scene.client.get("/api/custom_connectors").await.status, 200, "another window");
}

#[tokio::test]
async fn changes_of_connections_come_once_a_second_and_waiting_as_told_is_enough() {
    let scene = scene_with(Options::on_any_port()).await;
    let id = scene.behind.deletable_connections()[0].id;
    let path = format!("/api/connections/{id}");
    assert_eq!(scene.client.put(&path, r#"{"name":"one"}"#).await.status, 200);
    let refused = scene.client.put(&path, r#"{"name":"two"}"#).await;
    assert_eq!(refused.status, 429);
    assert_eq!(scene.behind.connection(id).unwrap().name.as_deref(), Some("one"));
    tokio::time::sleep(Duration::from_secs(refused.header("retry-after").unwrap().parse().unwrap())).await;
    assert_eq!(scene.client.put(&path, r#"{"name":"two"}"#).await.status, 200);
}

#[tokio::test]
async fn all_tokens_of_a_workspace_share_its_budget_and_no_other() {
    let tokens = vec!["one".parse().unwrap(), "other".parse().unwrap()];
    let restricted_token = Some("same-workspace".parse().unwrap());
    let scene = scene_with(Options { tokens, restricted_token, ..Options::on_any_port() }).await;
    let path = "/api/connections/1";
    assert_eq!(scene.client.delete(path).await.status, 404);
    assert_eq!(scene.client.with_token("same-workspace").delete(path).await.status, 429);
    assert_eq!(scene.client.with_token("other").delete(path).await.status, 404);
}

#[tokio::test]
async fn limits_can_be_lifted() {
    let scene = scene().await;
    for _ in 0..70 {
        assert_eq!(scene.client.delete("/api/connections/1").await.status, 404);
    }
}
