//! `GET /api/connections`: its format and its filters.

use sandbox::{Connection, PacificTime};
use serde_json::Value;
use time::{Duration, macros::format_description};

use crate::{
    client::{fields, is_pacific},
    start,
};

/// The fields of the API reference's sample, and `provider`, which its other samples use for `application`.
const FIELDS: [&str; 15] = [
    "application",
    "authorization_error",
    "authorization_status",
    "authorized_at",
    "connection_lost_at",
    "connection_lost_reason",
    "created_at",
    "description",
    "external_id",
    "folder_id",
    "id",
    "name",
    "parent_id",
    "provider",
    "updated_at",
];

fn ids(list: &[Value]) -> Vec<u64> {
    list.iter().map(|row| row["id"].as_u64().expect("ids are integers")).collect()
}

fn ids_of<'a>(connections: impl IntoIterator<Item = &'a Connection>) -> Vec<u64> {
    connections.into_iter().map(|connection| connection.id).collect()
}

#[tokio::test]
async fn the_list_is_an_array_without_runtime_user_connections() {
    let test = start().await;
    let list = test.client.get("/api/connections").await.list();
    let connections = test.workspace.connections();
    assert_eq!(ids(&list), ids_of(connections.iter().filter(|one| !one.runtime_user)));
    assert!(list.len() < 412 && list.len() > 350);
}

#[tokio::test]
async fn runtime_user_connections_are_listed_on_request() {
    let test = start().await;
    assert_eq!(test.client.get("/api/connections?include_runtime_connections=true").await.list().len(), 412);
    let without = test.client.get("/api/connections").await.list();
    assert_eq!(test.client.get("/api/connections?include_runtime_connections=1").await.list(), without);
}

#[tokio::test]
async fn a_connection_has_the_documented_fields_and_real_dates() {
    let test = start().await;
    for row in test.client.get("/api/connections").await.list() {
        assert_eq!(fields(&row), FIELDS);
        assert_eq!(row["application"], row["provider"]);
        assert!(is_pacific(&row["created_at"]) && is_pacific(&row["updated_at"]), "{row}");
        assert!(row["authorized_at"].is_null() || is_pacific(&row["authorized_at"]), "{row}");
        assert!(row["folder_id"].is_u64());
    }
}

#[tokio::test]
async fn tags_are_included_on_request_as_a_list_or_null() {
    let test = start().await;
    for row in test.client.get("/api/connections?includes%5B%5D=tags").await.list() {
        let known = test.workspace.connection(row["id"].as_u64().unwrap()).unwrap();
        assert_eq!(row["tags"], serde_json::json!(known.tags));
        let mut expected = FIELDS.to_vec();
        expected.insert(13, "tags");
        expected.sort_unstable();
        assert_eq!(fields(&row), expected);
    }
    let plain = test.client.get("/api/connections").await.list();
    assert_eq!(test.client.get("/api/connections?includes[]=jobs").await.list(), plain);
}

#[tokio::test]
async fn every_filter_returns_exactly_the_matching_connections() {
    let test = start().await;
    let all: Vec<Connection> = test.workspace.connections().into_iter().filter(|one| !one.runtime_user).collect();
    let folder = all[20].folder_id;
    let external_id = all.iter().find_map(|one| one.external_id.clone()).unwrap();
    let parent = all.iter().find_map(|one| one.parent_id).unwrap();

    let found = test.client.get(&format!("/api/connections?folder_id={folder}")).await.list();
    assert_eq!(ids(&found), ids_of(all.iter().filter(|one| one.folder_id == folder)));

    let found = test.client.get(&format!("/api/connections?external_id={external_id}")).await.list();
    assert_eq!(ids(&found), ids_of(all.iter().filter(|one| one.external_id.as_ref() == Some(&external_id))));

    let found = test.client.get(&format!("/api/connections?parent_id={parent}")).await.list();
    assert!(!found.is_empty());
    assert_eq!(ids(&found), ids_of(all.iter().filter(|one| one.parent_id == Some(parent))));

    let found = test.client.get("/api/connections?provider=netsuite").await.list();
    assert!(!found.is_empty());
    assert_eq!(ids(&found), ids_of(all.iter().filter(|one| one.provider.as_deref() == Some("netsuite"))));

    let found = test.client.get(&format!("/api/connections?provider=netsuite&folder_id={folder}")).await.list();
    let both = |one: &&Connection| one.provider.as_deref() == Some("netsuite") && one.folder_id == folder;
    assert_eq!(ids(&found), ids_of(all.iter().filter(both)));

    assert!(test.client.get("/api/connections?folder_id=home").await.list().is_empty());
    assert!(test.client.get("/api/connections?parent_id=none").await.list().is_empty());
}

#[tokio::test]
async fn updated_after_returns_newer_connections() {
    let test = start().await;
    let pattern = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let all = test.workspace.connections();
    for ago in [Duration::hours(24), Duration::days(7), Duration::days(30)] {
        let after = PacificTime::now().minus(ago).instant();
        let query = after.format(pattern).unwrap();
        let after = after.replace_nanosecond(0).unwrap();
        let found = test.client.get(&format!("/api/connections?updated_after={query}")).await.list();
        assert!(!found.is_empty());
        let younger = |one: &&Connection| !one.runtime_user && one.updated_at.instant() > after;
        assert_eq!(ids(&found), ids_of(all.iter().filter(younger)));
    }
}

#[tokio::test]
async fn an_updated_after_in_any_other_format_is_a_bad_request() {
    let test = start().await;
    for form in ["yesterday-ish", "2026-03-01", "2026-03-01T08:00:00.000Z", "2026-03-01T08:00:00%2B01:00"] {
        let reply = test.client.get(&format!("/api/connections?updated_after={form}")).await;
        assert_eq!(reply.json(400)["message"], "Bad request", "{form}");
    }
}
