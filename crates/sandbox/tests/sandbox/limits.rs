//! Rate limits over HTTP: on by default, shared by the workspace.

use std::time::Duration;

use rstest::rstest;
use sandbox::Options;

use crate::{TestSandbox, start, start_with};

#[tokio::test]
async fn limits_are_on_by_default_and_send_retry_after() {
    let test = start_with(Options { connections: 3, ..Options::on_any_port() }).await;
    for _ in 0..60 {
        assert_eq!(test.client.get("/api/connections").await.status, 200);
    }
    let refused = test.client.get("/api/connections").await;
    assert_eq!(refused.json(429)["message"], "Too many requests");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&seconds), "{seconds}");
    assert_eq!(test.client.get("/api/custom_connectors").await.status, 200, "another window");
}

#[tokio::test]
async fn connection_changes_have_a_limit_of_one_a_second_and_retry_after_is_long_enough() {
    let test = start_with(Options::on_any_port()).await;
    let id = test.workspace.deletable_connections()[0].id;
    let path = format!("/api/connections/{id}");
    assert_eq!(test.client.put(&path, r#"{"name":"one"}"#).await.status, 200);
    let refused = test.client.put(&path, r#"{"name":"two"}"#).await;
    assert_eq!(refused.status, 429);
    assert_eq!(test.workspace.connection(id).unwrap().name.as_deref(), Some("one"));
    tokio::time::sleep(Duration::from_secs(refused.header("retry-after").unwrap().parse().unwrap())).await;
    assert_eq!(test.client.put(&path, r#"{"name":"two"}"#).await.status, 200);
}

#[tokio::test]
async fn all_tokens_of_a_workspace_share_its_limits() {
    let tokens = vec!["one".parse().unwrap(), "other".parse().unwrap()];
    let restricted_token = Some("same-workspace".parse().unwrap());
    let test = start_with(Options { tokens, restricted_token, ..Options::on_any_port() }).await;
    let path = "/api/connections/1";
    assert_eq!(test.client.delete(path).await.status, 404);
    assert_eq!(test.client.with_token("same-workspace").delete(path).await.status, 429);
    assert_eq!(test.client.with_token("other").delete(path).await.status, 404);
}

/// Calls whose quota runs out with the sixty-first of them, in any mixture.
#[rstest]
#[case::list_connections(&["GET /api/connections?folder_id=0"])]
#[case::connectors(&[
    "GET /api/custom_connectors?title=none",
    "GET /api/custom_connectors/1",
    "GET /api/custom_connectors/1/code",
    "POST /api/custom_connectors/1/share_oem_version/1",
    "POST /api/custom_connectors/1/oem_share/1",
    "DELETE /api/custom_connectors/1/suppress_oem_version",
    "POST /api/managed_users/1/recipes/1/share",
])]
#[case::recipes(&["GET /api/recipes?running=true", "GET /api/recipes/1/jobs"])]
#[case::connector_drafts(&[
    "POST /api/custom_connectors",
    "PUT /api/custom_connectors/1",
    "POST /api/custom_connectors/1/release",
])]
#[case::folders(&["GET /api/folders?parent_id=0"])]
#[case::tag_assignments(&["POST /api/tags_assignments"])]
#[case::customers(&["GET /api/managed_users?page=9"])]
#[tokio::test]
async fn sixty_a_minute_and_not_one_more(#[case] calls: &[&str]) {
    let test = start_with(Options { connections: 3, ..Options::on_any_port() }).await;
    for call in calls.iter().cycle().take(60) {
        assert_ne!(status(&test, call).await, 429, "{call}");
    }
    for call in calls {
        assert_eq!(status(&test, call).await, 429, "{call}");
    }
}

#[tokio::test]
async fn a_customers_connections_have_a_limit_of_a_thousand_calls_a_minute() {
    let test = start_with(Options { connections: 3, ..Options::on_any_port() }).await;
    for _ in 0..1_000 {
        assert_eq!(status(&test, "GET /api/managed_users/1/connections").await, 404);
    }
    assert_eq!(status(&test, "GET /api/managed_users/1/connections").await, 429);
}

#[tokio::test]
async fn every_change_of_a_connection_is_counted_with_the_others() {
    let calls = ["POST /api/connections", "PUT /api/connections/1", "POST /api/connections/1/disconnect"];
    for first in calls {
        let test = start_with(Options { connections: 3, ..Options::on_any_port() }).await;
        assert_ne!(status(&test, first).await, 429);
        assert_eq!(status(&test, "DELETE /api/connections/1").await, 429, "after {first}");
    }
}

#[rstest]
#[case("GET /api/users/me")]
#[case("GET /api/projects")]
#[case("GET /api/tags")]
#[case("GET /api/activity_logs?page[size]=1")]
#[tokio::test]
async fn calls_without_a_documented_quota_have_none(#[case] call: &str) {
    let test = start_with(Options { connections: 3, ..Options::on_any_port() }).await;
    for _ in 0..70 {
        assert_eq!(status(&test, call).await, 200);
    }
}

async fn status(test: &TestSandbox, call: &str) -> u16 {
    let (method, path) = call.split_once(' ').unwrap();
    test.client.call(method, path, "").await.status
}

#[tokio::test]
async fn limits_can_be_turned_off() {
    let test = start().await;
    for _ in 0..70 {
        assert_eq!(test.client.delete("/api/connections/1").await.status, 404);
    }
}
