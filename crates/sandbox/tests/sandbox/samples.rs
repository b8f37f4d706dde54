//! Sends the sample requests of Workato's API reference. Each answer has the fields, types and statuses of the sample
//! answer, and the values that follow from the request. Ids of the samples are replaced by ids of the sandbox.

use std::{fs, path::Path};

use sandbox::Connection;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{TestSandbox, client::Reply, start};

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../workato/tests/fixtures/", $name, ".json")))
            .unwrap()
    };
}

/// Sends a sample request with the sample's ids replaced.
async fn send(test: &TestSandbox, mut request: Value, ids: &[(u64, u64)]) -> Reply {
    let stand_in = |id: u64| ids.iter().find(|(sample, _)| *sample == id).map(|(_, here)| *here);
    let path: Vec<_> = request["path"].as_str().unwrap().split('/').collect();
    let path = path.iter().map(|part| match part.parse().ok() {
        Some(id) => stand_in(id).unwrap_or_else(|| panic!("no replacement for {id}")).to_string(),
        None => (*part).to_owned(),
    });
    let path = path.collect::<Vec<_>>().join("/");
    let mut body = request["body"].take();
    if let Some(folder) = body.get_mut("folder_id") {
        *folder = json!(stand_in(folder.as_u64().unwrap()).expect("a folder"));
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    test.client.call(request["method"].as_str().unwrap(), &path, &body).await
}

/// Fields that answers may have beside the sample's: the API reference uses two names for the application.
const BOTH_NAMES: [&str; 2] = ["application", "provider"];

/// Asserts that the answer has exactly the sample's fields, with the sample's types. Fields that are null in the sample
/// can have any type, and fields of list elements can be null.
#[track_caller]
fn assert_like(sample: &Value, answer: &Value, at: &str) {
    match (sample, answer) {
        (Value::Object(sample), Value::Object(answer)) => {
            let extra = |field: &&String| !sample.contains_key(*field) && !BOTH_NAMES.contains(&field.as_str());
            assert_eq!(answer.keys().find(extra), None, "fields at {at}");
            for (field, sample) in sample {
                let at = format!("{at}/{field}");
                assert_like(sample, answer.get(field).unwrap_or_else(|| panic!("no {at}")), &at);
            }
        }
        (Value::Array(sample), Value::Array(answer)) => {
            let Some(model) = merged(sample) else { return };
            for (number, element) in answer.iter().enumerate() {
                assert_like(&without_nulls_of(&model, element), element, &format!("{at}/{number}"));
            }
            // In a longer list, each field has a value somewhere.
            for (field, model) in model.as_object().into_iter().flatten().filter(|(_, model)| !model.is_null()) {
                let seen = answer.iter().any(|element| !element[field].is_null());
                assert!(seen || answer.len() < 5, "{at}: {field} is always null, not {model}");
            }
        }
        (Value::Null, _) => assert!(!answer.is_object() && !answer.is_array(), "{at}: {answer}"),
        (Value::String(sample), Value::String(answer)) => {
            assert_eq!(is_instant(sample), is_instant(answer), "{at}: {answer}, not like {sample}");
        }
        _ => assert_eq!(
            std::mem::discriminant(sample),
            std::mem::discriminant(answer),
            "{at}: {answer} is not of the type of {sample}"
        ),
    }
}

/// One element with the values of all fields that have one in any of these.
fn merged(elements: &[Value]) -> Option<Value> {
    let mut merged = elements.first()?.clone();
    for element in elements {
        for (field, value) in element.as_object().into_iter().flatten() {
            if merged[field].is_null() || merged[field] == json!([]) {
                merged[field] = value.clone();
            }
        }
    }
    Some(merged)
}

/// The model, with null where the element has null.
fn without_nulls_of(model: &Value, element: &Value) -> Value {
    let mut model = model.clone();
    for (field, value) in element.as_object().into_iter().flatten() {
        if value.is_null() && model.get(field).is_some() {
            model[field] = Value::Null;
        }
    }
    model
}

fn is_instant(text: &str) -> bool {
    OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// A connected connection that nothing uses.
fn connection(test: &TestSandbox) -> Connection {
    let free = test.workspace.deletable_connections();
    free.into_iter().find(|one| one.authorization_status.as_deref() == Some("success")).unwrap()
}

async fn created(test: &TestSandbox, provider: &str) -> u64 {
    let pair = json!({ "access_token": "a", "refresh_token": "r" });
    let body = json!({ "name": "To be updated", "provider": provider, "oauth_token_pair": pair });
    test.client.post("/api/connections", body).await.json(200)["id"].as_u64().unwrap()
}

/// A connector with two releases, shared or not, and the newer of its versions.
fn connector(test: &TestSandbox, shared: bool) -> (u64, u64) {
    let connectors = test.workspace.connectors();
    let fits = connectors.iter().find(|one| one.shared.is_some() == shared && one.released().count() >= 2).unwrap();
    (fits.id, fits.released().next().unwrap().version)
}

#[tokio::test]
async fn the_sample_list_of_connections() {
    let test = start().await;
    let answer = send(&test, fixture!("requests/connections_list"), &[]).await.json(200);
    assert_like(&fixture!("connections"), &answer, "");
    assert!(answer.as_array().unwrap().len() > 300);
}

#[tokio::test]
async fn the_sample_creation_with_credentials() {
    let test = start().await;
    let folder = test.workspace.folders()[3].id;
    let answer = send(&test, fixture!("requests/connection_create"), &[(1892, folder)]).await.json(200);
    let sample = fixture!("connection_created");
    assert_like(&sample, &answer, "");
    assert_eq!(answer["authorization_status"], sample["authorization_status"]);
    for (field, follows) in
        [("name", json!("Prod JIRA connection")), ("provider", json!("jira")), ("folder_id", json!(folder))]
    {
        assert_eq!(answer[field], follows);
    }
    let listed = test.workspace.connection(answer["id"].as_u64().unwrap()).unwrap();
    assert!(listed.is_connected());
}

#[tokio::test]
async fn the_sample_creation_of_a_shell() {
    let test = start().await;
    let folder = test.workspace.folders()[3].id;
    let answer = send(&test, fixture!("requests/connection_create_shell"), &[(1892, folder)]).await.json(200);
    // The sample answer is that of a connection with credentials; this one is not authorised.
    let mut sample = fixture!("connection_created");
    (sample["authorized_at"], sample["authorization_status"]) = (Value::Null, Value::Null);
    assert_like(&sample, &answer, "");
    assert_eq!((&answer["authorized_at"], &answer["authorization_status"]), (&Value::Null, &Value::Null));
    assert_eq!((&answer["name"], &answer["folder_id"]), (&json!("Prod JIRA connection"), &json!(folder)));
}

#[tokio::test]
async fn the_sample_update_of_a_jira_connection() {
    let test = start().await;
    let (jira, folder) = (created(&test, "jira").await, test.workspace.folders()[2].id);
    let ids = [(1678, jira), (28940, folder)];
    let answer = send(&test, fixture!("requests/connection_update_jira"), &ids).await.json(200);
    let mut sample = fixture!("connection_updated");
    // The sample's connection had these before; this one has none.
    (sample["external_id"], sample["parent_id"]) = (Value::Null, Value::Null);
    assert_like(&sample, &answer, "");
    assert_eq!(answer["authorization_status"], sample["authorization_status"]);
    let follows = [json!(jira), json!("jira_connection_latest"), json!("jira"), json!(folder)];
    assert_eq!(["id", "name", "provider", "folder_id"].map(|field| answer[field].clone()), follows);
}

#[tokio::test]
async fn the_sample_update_of_an_outreach_connection() {
    let test = start().await;
    let outreach = created(&test, "outreach").await;
    let answer = send(&test, fixture!("requests/connection_update_outreach"), &[(1678, outreach)]).await.json(200);
    let mut sample = fixture!("connection_updated");
    (sample["external_id"], sample["parent_id"]) = (Value::Null, Value::Null);
    assert_like(&sample, &answer, "");
    let follows = [json!(outreach), json!("Outreach scope connection"), json!("outreach")];
    assert_eq!(["id", "name", "provider"].map(|field| answer[field].clone()), follows);
}

#[tokio::test]
async fn the_sample_disconnection() {
    let test = start().await;
    let used = test.workspace.connections_in_active_recipes().into_iter().find(Connection::is_connected).unwrap();
    for _ in ["connected", "disconnected already"] {
        let request = fixture!("requests/connection_disconnect");
        let answer = send(&test, request, &[(1678, used.id)]).await.json(200);
        assert_eq!(answer, fixture!("connection_disconnected"));
        assert!(!test.workspace.connection(used.id).unwrap().is_connected());
    }
    let answer = send(&test, fixture!("requests/connection_disconnect"), &[(1678, 1)]).await.json(404);
    assert_eq!(answer, fixture!("not_found"));
}

#[tokio::test]
async fn the_sample_deletion_and_each_of_its_answers() {
    let test = start().await;
    let delete = async |id: u64| send(&test, fixture!("requests/connection_delete"), &[(1678, id)]).await;
    let used = test.workspace.connections_in_active_recipes()[0].id;
    assert_eq!(delete(used).await.json(200), fixture!("delete_rejected_recipes"));
    let streamed_to = test.workspace.audit_log_destination().unwrap();
    assert_eq!(delete(streamed_to).await.json(200), fixture!("delete_rejected_streaming"));
    let free = connection(&test).id;
    assert_eq!(delete(free).await.json(200), fixture!("connection_deleted"));
    assert!(test.workspace.connection(free).is_none());
    assert_eq!(delete(free).await.json(404), fixture!("not_found"));
}

#[tokio::test]
async fn the_sample_search_of_connectors() {
    let test = start().await;
    let answer = send(&test, fixture!("requests/connectors_list"), &[]).await.json(200);
    assert_like(&fixture!("connectors"), &answer, "");
    assert_eq!(answer["result"].as_array().unwrap().len(), test.workspace.connectors().len());
}

#[tokio::test]
async fn the_sample_read_of_a_connector() {
    let test = start().await;
    let (id, _) = connector(&test, true);
    let answer = send(&test, fixture!("requests/connector"), &[(3066, id)]).await.json(200);
    assert_like(&fixture!("connector"), &answer, "");
    let ids: Vec<_> = answer["result"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(id)]);
}

#[tokio::test]
async fn the_sample_share_that_creates_and_that_updates() {
    let test = start().await;
    for (shared, answered) in [(false, fixture!("share_created")), (true, fixture!("share_updated"))] {
        let (id, version) = connector(&test, shared);
        let request = fixture!("requests/connector_share");
        let answer = send(&test, request, &[(3066, id), (4, version)]).await.json(200);
        assert_eq!(answer, answered);
        assert_eq!(test.workspace.connector(id).unwrap().shared.unwrap().version, version);
    }
}

#[tokio::test]
async fn the_sample_suppression() {
    let test = start().await;
    let (id, _) = connector(&test, true);
    let answer = send(&test, fixture!("requests/connector_suppress"), &[(3066, id)]).await.json(200);
    assert_eq!(answer, fixture!("connector_suppressed"));
    let there = test.workspace.connector(id).expect("the connector stays");
    assert!(there.shared.is_none());
}

#[tokio::test]
async fn the_sample_share_of_a_recipe() {
    let test = start().await;
    let is_shared = |id: &u64| test.workspace.connector(*id).unwrap().shared.is_some();
    let recipes = test.workspace.recipes();
    let recipe = recipes.iter().find(|one| one.connector_ids.iter().all(is_shared)).unwrap().id;
    let customer = test.workspace.customers()[0].id;
    let ids = [(12345, customer), (123, recipe)];
    let answer = send(&test, fixture!("requests/recipe_share"), &ids).await.json(200);
    assert_eq!(answer, fixture!("recipe_shared"));
    let shared_with = test.workspace.recipes().into_iter().find(|one| one.id == recipe).unwrap().shared_with;
    assert_eq!(shared_with, [customer]);
}

#[test]
fn an_answer_with_other_fields_or_types_is_not_like_a_sample() {
    let sample = json!({ "id": 36, "at": "2015-05-26T22:53:52.528Z", "list": [{ "tag": "a", "note": null }] });
    assert_like(
        &sample,
        &json!({ "id": 7, "at": "2020-12-23T14:11:18.052-08:00", "list": [{ "tag": null, "note": 1 }] }),
        "",
    );
    for (pointer, other) in
        [("/id", json!("36")), ("/at", json!("yesterday")), ("/list/0/tag", json!(1)), ("/list/0/note", json!([]))]
    {
        let mut answer = sample.clone();
        *answer.pointer_mut(pointer).unwrap() = other;
        assert!(std::panic::catch_unwind(|| assert_like(&sample, &answer, "")).is_err(), "{answer}");
    }
    for answer in [json!({ "id": 36, "list": [] }), json!({ "id": 36, "at": sample["at"], "list": [], "new": 1 })] {
        assert!(std::panic::catch_unwind(|| assert_like(&sample, &answer, "")).is_err(), "{answer}");
    }
}

#[test]
fn every_sample_request_is_sent_and_every_sample_answer_compared() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workato/tests/fixtures");
    let here = include_str!("samples.rs");
    for (folder, prefix) in [(fixtures.clone(), ""), (fixtures.join("requests"), "requests/")] {
        for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
            let name = format!("{prefix}{}", file.file_stem().unwrap().to_str().unwrap());
            assert!(here.contains(&format!("fixture!(\"{name}\")")), "{name} is not used here");
        }
    }
}
