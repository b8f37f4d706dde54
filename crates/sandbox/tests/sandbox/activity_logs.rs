//! `GET /api/activity_logs`: what happened, newest first, filtered and in pages.

use sandbox::Alteration;
use serde_json::{Value, json};

use crate::{
    Scene,
    client::{fields, is_pacific},
    scene,
};

async fn read(scene: &Scene, query: &str) -> (Vec<Value>, u64) {
    let body = scene.client.get(&format!("/api/activity_logs{query}")).await.json(200);
    (body["data"].as_array().unwrap().clone(), body["total"].as_u64().unwrap())
}

#[tokio::test]
async fn an_event_has_the_documented_fields() {
    let scene = scene().await;
    let (events, total) = read(&scene, "?page[size]=10").await;
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
async fn pages_follow_one_another_from_the_newest_to_the_oldest() {
    let scene = scene().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (events, total) = read(&scene, &format!("?page%5Bsize%5D=50{after}")).await;
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
    let scene = scene().await;
    let connectors = scene.behind.connectors();
    let connector = connectors.iter().find(|one| one.released().next().is_some()).unwrap();
    let version = connector.released().next().unwrap().version;
    let path = format!("/api/custom_connectors/{}/share_oem_version/{version}", connector.id);
    scene.client.post(&path, "").await.json(200);
    scene.behind.alter(&Alteration::ReleaseVersion { connector_id: connector.id, note: None }).unwrap();
    let (events, _) = read(&scene, "?page[size]=2&include_resource_types[]=Adapter").await;
    let types: Vec<&Value> = events.iter().map(|event| &event["event_type"]).collect();
    assert_eq!(types, [&json!("connector_released"), &json!("connector_shared")]);
    assert_ne!(events[0]["user"], events[1]["user"]);
    assert_eq!(events[1]["resource"], json!({ "id": connector.id, "name": connector.title, "type": "Adapter" }));
}

#[tokio::test]
async fn events_are_filtered_by_type_and_time() {
    let scene = scene().await;
    let query = "?include_event_types[]=connector_shared&include_event_types[]=connector_created";
    let (events, total) = read(&scene, query).await;
    assert_eq!(events.len() as u64, total.min(100));
    let wanted = [json!("connector_shared"), json!("connector_created")];
    assert!(events.iter().all(|event| wanted.contains(&event["event_type"])));
    let (connections, _) = read(&scene, "?include_resource_types[]=Connection").await;
    assert!(connections.iter().all(|event| event["resource"]["type"] == "Connection"));
    let middle = events[events.len() / 2]["timestamp"].as_str().unwrap().to_owned();
    let (_, before) = read(&scene, &format!("{query}&to={middle}")).await;
    let (_, since) = read(&scene, &format!("{query}&from={middle}")).await;
    assert_eq!(before + since, total + 1, "the one in the middle is in both");
    assert_eq!(scene.client.get("/api/activity_logs?from=yesterday").await.status, 400);
}
