//! Custom connectors: listing, reading, sharing with both spellings, suppressing.

use rstest::rstest;
use sandbox::{Alteration, Connector, Options, SharePath};
use serde_json::{Value, json};

use crate::{
    TestSandbox,
    client::{fields, is_pacific},
    start, start_with, unlimited,
};

async fn search(test: &TestSandbox, query: &str) -> Vec<Value> {
    let body = test.client.get(&format!("/api/custom_connectors{query}")).await.json(200);
    body["result"].as_array().unwrap().clone()
}

async fn read(test: &TestSandbox, id: u64) -> Value {
    let body = test.client.get(&format!("/api/custom_connectors/{id}")).await.json(200);
    let list = body["result"].as_array().unwrap();
    assert_eq!(list.len(), 1, "a list of one");
    list[0].clone()
}

fn connector(test: &TestSandbox, is: impl Fn(&&Connector) -> bool) -> Connector {
    test.workspace.connectors().iter().find(is).cloned().unwrap()
}

fn released(connector: &Connector) -> Vec<u64> {
    connector.released().map(|version| version.version).collect()
}

#[tokio::test]
async fn a_connector_has_the_fields_of_the_sample() {
    let test = start().await;
    let list = search(&test, "").await;
    assert_eq!(list.len(), 18);
    for row in &list {
        assert_eq!(
            fields(row),
            [
                "id",
                "latest_released_version",
                "latest_released_version_note",
                "name",
                "oem_shared_at",
                "oem_shared_version",
                "released_versions",
                "title"
            ]
        );
        let versions = row["released_versions"].as_array().unwrap();
        assert_eq!(versions.first().map_or(&Value::Null, |first| &first["version"]), &row["latest_released_version"]);
        for version in versions {
            assert_eq!(fields(version), ["created_at", "released_at", "version", "version_note"]);
            assert!(is_pacific(&version["created_at"]) && is_pacific(&version["released_at"]));
        }
        assert_eq!(row, &read(&test, row["id"].as_u64().unwrap()).await);
    }
}

#[tokio::test]
async fn an_unreleased_connector_has_no_versions() {
    let test = start().await;
    let unreleased = connector(&test, |one| one.released().next().is_none());
    let row = read(&test, unreleased.id).await;
    assert_eq!(row["latest_released_version"], Value::Null);
    assert_eq!(row["released_versions"], json!([]));
}

#[tokio::test]
async fn lists_are_filtered_by_part_of_the_title_and_by_sharing() {
    let test = start().await;
    let found = search(&test, "?title=dayforce").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["title"], "Ceridian \"Dayforce\" Payroll");
    assert!(search(&test, "?title=no+such+title").await.is_empty());
    let shared = search(&test, "?oem_shared=true").await;
    let unshared = search(&test, "?oem_shared=false").await;
    assert!(shared.iter().all(|row| row["oem_shared_version"].is_u64() && is_pacific(&row["oem_shared_at"])));
    assert!(unshared.iter().all(|row| row["oem_shared_version"].is_null() && row["oem_shared_at"].is_null()));
    assert_eq!(shared.len() + unshared.len(), 18);
    assert!(!shared.is_empty() && !unshared.is_empty());
    assert_eq!(test.client.get("/api/custom_connectors?oem_shared=perhaps").await.status, 400);
}

#[rstest]
#[case("share_oem_version")]
#[case("oem_share")]
#[tokio::test]
async fn sharing_creates_then_updates_and_the_next_read_shows_it(#[case] spelling: &str) {
    let test = start().await;
    let fresh = connector(&test, |one| one.shared.is_none() && one.released().count() > 1);
    let versions = released(&fresh);
    for (version, status) in [(versions[0], "created"), (versions[1], "updated"), (versions[1], "updated")] {
        let path = format!("/api/custom_connectors/{}/{spelling}/{version}", fresh.id);
        let answer = test.client.post(&path, "").await.json(200);
        assert_eq!(answer, json!({ "result": { "success": true, "status": status } }));
        let row = read(&test, fresh.id).await;
        assert_eq!(row["oem_shared_version"], version);
        assert!(is_pacific(&row["oem_shared_at"]));
    }
}

#[tokio::test]
async fn one_spelling_of_the_share_path_can_be_turned_off() {
    for (share_path, served, missing) in [
        (SharePath::OemShare, "oem_share", "share_oem_version"),
        (SharePath::ShareOemVersion, "share_oem_version", "oem_share"),
    ] {
        let test = start_with(Options { share_path, ..unlimited() }).await;
        let fresh = connector(&test, |one| one.released().next().is_some());
        let version = released(&fresh)[0];
        let path = |spelling| format!("/api/custom_connectors/{}/{spelling}/{version}", fresh.id);
        assert_eq!(test.client.post(&path(missing), "").await.status, 404);
        assert_eq!(test.client.post(&path(served), "").await.status, 200);
    }
}

#[tokio::test]
async fn only_released_versions_can_be_shared() {
    let test = start().await;
    let unreleased = connector(&test, |one| one.released().next().is_none());
    let draft = unreleased.versions[0].version;
    for version in [draft.to_string(), "99".to_owned(), "latest".to_owned()] {
        let path = format!("/api/custom_connectors/{}/share_oem_version/{version}", unreleased.id);
        let refused = test.client.post(&path, "").await.json(422);
        let words = refused["message"].as_str().unwrap();
        assert!(words.contains("released version"), "{words}");
    }
    assert_eq!(test.workspace.connector(unreleased.id).unwrap(), unreleased);
    assert_eq!(test.client.post("/api/custom_connectors/1/share_oem_version/1", "").await.status, 404);
    assert!(test.running.ledger().is_empty());
}

#[tokio::test]
async fn suppressing_removes_the_share_and_keeps_the_connector() {
    let test = start().await;
    let shared = connector(&test, |one| one.shared.is_some());
    let path = format!("/api/custom_connectors/{}/suppress_oem_version", shared.id);
    let answer = test.client.delete(&path).await.json(200);
    assert_eq!(answer, json!({ "result": { "success": true, "status": "suppressed" } }));
    let row = read(&test, shared.id).await;
    assert_eq!((&row["oem_shared_version"], &row["oem_shared_at"]), (&Value::Null, &Value::Null));
    assert_eq!(row["latest_released_version"], released(&shared)[0]);
    assert_eq!(test.client.delete(&path).await.json(404), json!({ "message": "Not found" }));
}

#[tokio::test]
async fn changes_outside_the_api_are_in_the_next_read() {
    let test = start().await;
    let fresh = connector(&test, |one| one.shared.is_none() && one.released().next().is_some());
    let id = fresh.id;
    let version = released(&fresh)[0];
    test.workspace.alter(&Alteration::ShareConnector { connector_id: id, version }).unwrap();
    assert_eq!(read(&test, id).await["oem_shared_version"], version);
    test.workspace.alter(&Alteration::ReleaseVersion { connector_id: id, note: Some("Hotfix".into()) }).unwrap();
    let row = read(&test, id).await;
    assert!(row["latest_released_version"].as_u64().unwrap() > version);
    assert_eq!(row["latest_released_version_note"], "Hotfix");
    test.workspace.alter(&Alteration::RemoveConnector { connector_id: id }).unwrap();
    assert_eq!(test.client.get(&format!("/api/custom_connectors/{id}")).await.status, 404);
    assert!(test.running.ledger().is_empty(), "the ledger is of calls alone");
    assert!(test.workspace.alter(&Alteration::ShareConnector { connector_id: id, version }).is_err());
}

#[tokio::test]
async fn the_code_is_the_current_code() {
    let test = start().await;
    let first = connector(&test, |_| true);
    let body = test.client.get(&format!("/api/custom_connectors/{}/code", first.id)).await.json(200);
    assert_eq!(body, json!({ "data": { "code": first.code } }));
    let code = "{\n  title: '<b>Übung</b>'\n}".to_owned();
    test.workspace.alter(&Alteration::RewriteConnector { connector_id: first.id, code: code.clone() }).unwrap();
    let body = test.client.get(&format!("/api/custom_connectors/{}/code", first.id)).await.json(200);
    assert_eq!(body, json!({ "data": { "code": code } }));
}

#[tokio::test]
async fn applications_are_listed_page_by_page_with_the_fields_that_workatos_client_reads() {
    let test = start().await;
    let page = test.client.get("/api/integrations/all?page=2&per_page=20").await.json(200);
    assert_eq!((&page["count"], &page["page"], &page["per_page"]), (&json!(30), &json!(2), &json!(20)));
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 10);
    for item in items {
        assert!(item["name"].is_string() && item["title"].is_string() && item["categories"].is_array(), "{item}");
        assert!(["oauth", "deprecated", "secondary"].iter().all(|flag| item[flag].is_boolean()), "{item}");
        for operation in ["triggers", "actions"].iter().flat_map(|kind| item[kind].as_array().unwrap()) {
            assert!(["deprecated", "bulk", "batch"].iter().all(|flag| operation[flag].is_boolean()), "{operation}");
        }
    }
}
