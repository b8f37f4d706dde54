//! Custom connectors: search, read, share by both spellings, suppress.

use rstest::rstest;
use sandbox::{Alteration, Connector, Options, SharePath};
use serde_json::{Value, json};

use crate::{
    Scene,
    client::{fields, is_pacific},
    scene, scene_with, unlimited,
};

async fn search(scene: &Scene, query: &str) -> Vec<Value> {
    let body = scene.client.get(&format!("/api/custom_connectors{query}")).await.json(200);
    body["result"].as_array().unwrap().clone()
}

async fn read(scene: &Scene, id: u64) -> Value {
    let body = scene.client.get(&format!("/api/custom_connectors/{id}")).await.json(200);
    let list = body["result"].as_array().unwrap();
    assert_eq!(list.len(), 1, "a list of one");
    list[0].clone()
}

fn connector(scene: &Scene, is: impl Fn(&&Connector) -> bool) -> Connector {
    scene.behind.connectors().iter().find(is).cloned().unwrap()
}

fn released(connector: &Connector) -> Vec<u64> {
    connector.released().map(|version| version.version).collect()
}

#[tokio::test]
async fn a_connector_has_the_fields_of_the_sample() {
    let scene = scene().await;
    let list = search(&scene, "").await;
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
        assert_eq!(row, &read(&scene, row["id"].as_u64().unwrap()).await);
    }
}

#[tokio::test]
async fn an_unreleased_connector_has_no_versions() {
    let scene = scene().await;
    let unreleased = connector(&scene, |one| one.released().next().is_none());
    let row = read(&scene, unreleased.id).await;
    assert_eq!(row["latest_released_version"], Value::Null);
    assert_eq!(row["released_versions"], json!([]));
}

#[tokio::test]
async fn titles_match_in_part_and_sharing_by_true_or_false() {
    let scene = scene().await;
    let found = search(&scene, "?title=dayforce").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["title"], "Ceridian \"Dayforce\" Payroll");
    assert!(search(&scene, "?title=no+such+title").await.is_empty());
    let shared = search(&scene, "?oem_shared=true").await;
    let unshared = search(&scene, "?oem_shared=false").await;
    assert!(shared.iter().all(|row| row["oem_shared_version"].is_u64() && is_pacific(&row["oem_shared_at"])));
    assert!(unshared.iter().all(|row| row["oem_shared_version"].is_null() && row["oem_shared_at"].is_null()));
    assert_eq!(shared.len() + unshared.len(), 18);
    assert!(!shared.is_empty() && !unshared.is_empty());
    assert_eq!(scene.client.get("/api/custom_connectors?oem_shared=perhaps").await.status, 400);
}

#[rstest]
#[case("share_oem_version")]
#[case("oem_share")]
#[tokio::test]
async fn sharing_creates_then_updates_and_the_next_read_shows_it(#[case] spelling: &str) {
    let scene = scene().await;
    let fresh = connector(&scene, |one| one.shared.is_none() && one.released().count() > 1);
    let versions = released(&fresh);
    for (version, status) in [(versions[0], "created"), (versions[1], "updated"), (versions[1], "updated")] {
        let path = format!("/api/custom_connectors/{}/{spelling}/{version}", fresh.id);
        let answer = scene.client.post(&path, "").await.json(200);
        assert_eq!(answer, json!({ "result": { "success": true, "status": status } }));
        let row = read(&scene, fresh.id).await;
        assert_eq!(row["oem_shared_version"], version);
        assert!(is_pacific(&row["oem_shared_at"]));
    }
}

#[tokio::test]
async fn one_spelling_of_the_share_path_can_be_switched_off() {
    for (share_path, served, missing) in [
        (SharePath::OemShare, "oem_share", "share_oem_version"),
        (SharePath::ShareOemVersion, "share_oem_version", "oem_share"),
    ] {
        let scene = scene_with(Options { share_path, ..unlimited() }).await;
        let fresh = connector(&scene, |one| one.released().next().is_some());
        let version = released(&fresh)[0];
        let path = |spelling| format!("/api/custom_connectors/{}/{spelling}/{version}", fresh.id);
        assert_eq!(scene.client.post(&path(missing), "").await.status, 404);
        assert_eq!(scene.client.post(&path(served), "").await.status, 200);
    }
}

#[tokio::test]
async fn only_released_versions_can_be_shared() {
    let scene = scene().await;
    let unreleased = connector(&scene, |one| one.released().next().is_none());
    let draft = unreleased.versions[0].version;
    for version in [draft.to_string(), "99".to_owned(), "latest".to_owned()] {
        let path = format!("/api/custom_connectors/{}/share_oem_version/{version}", unreleased.id);
        let refused = scene.client.post(&path, "").await.json(422);
        let words = refused["message"].as_str().unwrap();
        assert!(words.contains("released version"), "{words}");
    }
    assert_eq!(scene.behind.connector(unreleased.id).unwrap(), unreleased);
    assert_eq!(scene.client.post("/api/custom_connectors/1/share_oem_version/1", "").await.status, 404);
    assert!(scene.running.ledger().is_empty());
}

#[tokio::test]
async fn suppressing_takes_the_share_and_leaves_the_connector() {
    let scene = scene().await;
    let shared = connector(&scene, |one| one.shared.is_some());
    let path = format!("/api/custom_connectors/{}/suppress_oem_version", shared.id);
    let answer = scene.client.delete(&path).await.json(200);
    assert_eq!(answer, json!({ "result": { "success": true, "status": "suppressed" } }));
    let row = read(&scene, shared.id).await;
    assert_eq!((&row["oem_shared_version"], &row["oem_shared_at"]), (&Value::Null, &Value::Null));
    assert_eq!(row["latest_released_version"], released(&shared)[0]);
    assert_eq!(scene.client.delete(&path).await.json(404), json!({ "message": "Not found" }));
}

#[tokio::test]
async fn what_others_share_release_and_remove_is_seen_by_the_next_read() {
    let scene = scene().await;
    let fresh = connector(&scene, |one| one.shared.is_none() && one.released().next().is_some());
    let id = fresh.id;
    let version = released(&fresh)[0];
    scene.behind.alter(&Alteration::ShareConnector { connector_id: id, version }).unwrap();
    assert_eq!(read(&scene, id).await["oem_shared_version"], version);
    scene.behind.alter(&Alteration::ReleaseVersion { connector_id: id, note: Some("Hotfix".into()) }).unwrap();
    let row = read(&scene, id).await;
    assert!(row["latest_released_version"].as_u64().unwrap() > version);
    assert_eq!(row["latest_released_version_note"], "Hotfix");
    scene.behind.alter(&Alteration::RemoveConnector { connector_id: id }).unwrap();
    assert_eq!(scene.client.get(&format!("/api/custom_connectors/{id}")).await.status, 404);
    assert!(scene.running.ledger().is_empty(), "the ledger is of calls alone");
    assert!(scene.behind.alter(&Alteration::ShareConnector { connector_id: id, version }).is_err());
}

#[tokio::test]
async fn the_code_is_the_current_one() {
    let scene = scene().await;
    let first = connector(&scene, |_| true);
    let body = scene.client.get(&format!("/api/custom_connectors/{}/code", first.id)).await.json(200);
    assert_eq!(body, json!({ "data": { "code": first.code } }));
    let code = "{\n  title: '<b>Übung</b>'\n}".to_owned();
    scene.behind.alter(&Alteration::RewriteConnector { connector_id: first.id, code: code.clone() }).unwrap();
    let body = scene.client.get(&format!("/api/custom_connectors/{}/code", first.id)).await.json(200);
    assert_eq!(body, json!({ "data": { "code": code } }));
}
