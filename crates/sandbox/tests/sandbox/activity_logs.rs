//! `GET /api/activity_logs`: order, filters and pages.

use sandbox::Alteration;
use serde_json::{Value, json};

use crate::{
    TestSandbox,
    client::{fields, is_pacific},
    start,
};

async fn read(test: &TestSandbox, query: &str) -> (Vec<Value>, u64) {
    let body = test.client.get(&format!("/api/activity_logs{query}")).await.json(200);
    (body["data"].as_array().unwrap().clone(), body["total"].as_u64().unwrap())
}

#[tokio::test]
async fn an_event_has_the_documented_fields() {
    let test = start().await;
    let (events, total) = read(&test, "?page[size]=10").await;
    assert_eq!(events.len(), 10);
    assert!(total > 100);
    for event in events {
        assert_eq!(fields(&event), ["details", "event_type", "id", "resource", "timestamp", "user", "workspace"]);
        assert_eq!(fields(&event["user"]), ["email", "id", "name"]);
        assert_eq!(fields(&event["resource"]), ["id", "name", "type"]);
        assert!(is_pacific(&event["timestamp"]));
    }
}

#[tokio::test]
async fn pages_go_from_the_newest_event_to_the_oldest() {
    let test = start().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (events, total) = read(&test, &format!("?page%5Bsize%5D=50{after}")).await;
        let Some(last) = events.last() else {
            assert_eq!(seen.len() as u64, total);
            break;
        };
        after = format!("&page%5Bafter%5D={}", last["id"]);
        seen.extend(events.iter().map(|event| event["id"].as_u64().unwrap()));
    }
    assert!(seen.is_sorted_by(|one, next| one > next));
}

#[tokio::test]
async fn changes_are_logged_whoever_made_them() {
    let test = start().await;
    let connectors = test.workspace.connectors();
    let connector = connectors.iter().find(|one| one.released().next().is_some()).unwrap();
    let version = connector.released().next().unwrap().version;
    let path = format!("/api/custom_connectors/{}/share_oem_version/{version}", connector.id);
    test.client.post(&path, "").await.json(200);
    test.workspace.alter(&Alteration::ReleaseVersion { connector_id: connector.id, note: None }).unwrap();
    let (events, _) = read(&test, "?page[size]=2&include_resource_types[]=Adapter").await;
    let types: Vec<&Value> = events.iter().map(|event| &event["event_type"]).collect();
    assert_eq!(types, [&json!("connector_released"), &json!("connector_shared")]);
    assert_ne!(events[0]["user"], events[1]["user"]);
    assert_eq!(events[1]["resource"], json!({ "id": connector.id, "name": connector.title, "type": "Adapter" }));
}

#[tokio::test]
async fn events_are_filtered_by_type_and_time() {
    let test = start().await;
    let query = "?include_event_types[]=connector_shared&include_event_types[]=connector_created";
    let (events, total) = read(&test, query).await;
    assert_eq!(events.len() as u64, total.min(100));
    let wanted = [json!("connector_shared"), json!("connector_created")];
    assert!(events.iter().all(|event| wanted.contains(&event["event_type"])));
    let (connections, _) = read(&test, "?include_resource_types[]=Connection").await;
    assert!(connections.iter().all(|event| event["resource"]["type"] == "Connection"));
    let middle = events[events.len() / 2]["timestamp"].as_str().unwrap().to_owned();
    let (_, before) = read(&test, &format!("{query}&to={middle}")).await;
    let (_, since) = read(&test, &format!("{query}&from={middle}")).await;
    assert_eq!(before + since, total + 1, "the one in the middle is in both");
    assert_eq!(test.client.get("/api/activity_logs?from=yesterday").await.status, 400);
}
