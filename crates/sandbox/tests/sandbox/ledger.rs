//! The ledger: one entry per change, on disk before the answer is sent.

use std::{fs, path::Path, time::Duration};

use sandbox::Options;
use serde_json::{Value, json};

use crate::{client::fields, start, start_with, unlimited};

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_file_has_the_entry_before_the_answer_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let test = start_with(Options { ledger: Some(path.clone()), ..unlimited() }).await;
    let connections = test.workspace.deletable_connections();
    for (number, connection) in connections.iter().take(20).enumerate() {
        let call = format!("/api/connections/{}", connection.id);
        test.client.delete(&call).await.json(200);
        let lines = lines(&path);
        assert_eq!(lines.len(), number + 1);
        assert_eq!(lines[number]["path"], call);
    }
}

#[tokio::test]
async fn the_file_has_the_entry_even_if_no_answer_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    for fault in ["hang-after", "reset-after", "500-after", "cut"] {
        let faults = vec![format!("DELETE /api/connections/*: {fault}").parse().unwrap()];
        let test = start_with(Options { ledger: Some(path.clone()), faults, ..unlimited() }).await;
        let call = format!("/api/connections/{}", test.workspace.deletable_connections()[0].id);
        test.client.wire("DELETE", &call, "", Duration::from_millis(200)).await;
        assert_eq!(lines(&path).last().unwrap()["path"], call, "{fault}");
    }
    assert_eq!(lines(&path).len(), 4);
}

#[tokio::test]
async fn an_entry_has_the_workspace_the_change_and_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let test = start_with(Options { ledger: Some(path.clone()), ..unlimited() }).await;
    let connectors = test.workspace.connectors();
    let connector = connectors.iter().find(|one| one.shared.is_none() && one.released().next().is_some()).unwrap();
    let version = connector.released().next().unwrap().version;
    let call = format!("/api/custom_connectors/{}/share_oem_version/{version}", connector.id);
    test.client.post(&call, "").await.json(200);
    let mut line = lines(&path).remove(0);
    assert_eq!(
        fields(&line),
        ["action", "at", "method", "parameters", "path", "result", "sequence", "targets", "workspace"]
    );
    let at = line["at"].take();
    assert!(at.as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "sequence": 1,
        "at": null,
        "workspace": test.workspace.id(),
        "method": "POST",
        "path": call,
        "action": "connector.share",
        "targets": [{ "type": "connector", "id": connector.id.to_string(), "name": connector.title }],
        "parameters": { "version": version },
        "result": { "result": { "success": true, "status": "created" } },
    });
    assert_eq!(line, expected);
    assert_eq!(json!(test.running.ledger()[0].action), "connector.share");
}

#[tokio::test]
async fn refusals_and_reads_have_no_entry() {
    let test = start().await;
    let destination = test.workspace.audit_log_destination().unwrap();
    test.client.delete(&format!("/api/connections/{destination}")).await;
    test.client.delete("/api/connections/1").await;
    test.client.get("/api/connections").await;
    test.client.post("/api/connections", json!({ "name": "" })).await;
    assert!(test.running.ledger().is_empty());
}

#[tokio::test]
async fn the_ledger_has_no_credentials() {
    let test = start().await;
    let body = json!({ "name": "Jira", "provider": "jira", "input": { "apitoken": "s3cr3t-value" } });
    let id = test.client.post("/api/connections", body).await.json(200)["id"].clone();
    let body = json!({ "oauth_token_pair": { "access_token": "s3cr3t-value", "refresh_token": "s3cr3t-value" } });
    test.client.put(&format!("/api/connections/{id}"), body).await.json(200);
    let written = serde_json::to_string(&test.running.ledger()).unwrap();
    assert!(written.contains("connection.create") && written.contains("connection.update"));
    assert!(!written.contains("s3cr3t-value"));
}

#[tokio::test]
async fn nothing_is_changed_if_the_ledger_cannot_be_written() {
    // Everything written to this device fails with "no space left".
    let full = Path::new("/dev/full");
    let test = start_with(Options { ledger: Some(full.to_owned()), ..unlimited() }).await;
    let id = test.workspace.deletable_connections()[0].id;
    assert_eq!(test.client.delete(&format!("/api/connections/{id}")).await.status, 500);
    assert!(test.workspace.connection(id).is_some());
}

#[tokio::test]
async fn a_second_run_appends_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    for run in 1..=2 {
        let test = start_with(Options { ledger: Some(path.clone()), ..unlimited() }).await;
        let id = test.workspace.deletable_connections()[0].id;
        test.client.delete(&format!("/api/connections/{id}")).await.json(200);
        test.running.stop().await;
        assert_eq!(lines(&path).len(), run);
    }
}
