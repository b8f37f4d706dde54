//! Every fault as a client's socket sees it, and whether the change was made.

use std::time::{Duration, Instant};

use sandbox::Options;
use serde_json::{Value, json};

use crate::{
    TestSandbox,
    client::{End, Wire},
    start, start_with, unlimited,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// A sandbox with one fault.
async fn faulty(fault: &str) -> TestSandbox {
    let test = start().await;
    test.running.faults().put("test", fault.parse().unwrap());
    test
}

/// Deletes a connection. Returns the response and whether the connection is gone.
async fn delete(test: &TestSandbox) -> (Wire, bool) {
    let id = test.workspace.deletable_connections()[0].id;
    let wire = test.client.wire("DELETE", &format!("/api/connections/{id}"), "", PATIENCE).await;
    let gone = test.workspace.connection(id).is_none();
    assert_eq!(test.running.ledger().len(), usize::from(gone));
    (wire, gone)
}

#[tokio::test]
async fn with_a_reset_before_the_work_nothing_was_changed() {
    let (wire, gone) = delete(&faulty("DELETE /api/connections/*: reset").await).await;
    assert_eq!((wire.end, wire.bytes.len(), gone), (End::Reset, 0, false));
}

#[tokio::test]
async fn with_a_reset_after_the_work_the_change_was_made() {
    let (wire, gone) = delete(&faulty("DELETE /api/connections/*: reset-after").await).await;
    assert_eq!((wire.end, wire.bytes.len(), gone), (End::Reset, 0, true));
}

#[tokio::test]
async fn a_call_that_hangs_made_its_change_or_not() {
    for (fault, happened) in [("hang", false), ("hang-after", true)] {
        let test = faulty(&format!("DELETE /api/connections/*: {fault}")).await;
        let id = test.workspace.deletable_connections()[0].id;
        let path = format!("/api/connections/{id}");
        let wire = test.client.wire("DELETE", &path, "", Duration::from_millis(300)).await;
        assert_eq!((wire.end, wire.bytes.len()), (End::Silence, 0));
        assert_eq!(test.workspace.connection(id).is_none(), happened, "{fault}");
    }
}

#[tokio::test]
async fn a_cut_answer_ends_halfway_through_its_content_length() {
    let (wire, gone) = delete(&faulty("DELETE /api/connections/*: cut").await).await;
    let text = String::from_utf8(wire.bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let whole = json!({ "success": true, "status": "deleted" }).to_string().len();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert!(head.to_lowercase().contains(&format!("content-length: {whole}")), "{head}");
    assert_eq!(body.len(), whole / 2);
    assert_ne!(wire.end, End::Silence);
    assert!(gone);
}

#[tokio::test]
async fn truncated_json_is_in_a_complete_http_answer() {
    let test = faulty("GET /api/connections: truncate").await;
    let reply = test.client.get("/api/connections").await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.starts_with(b"[{"));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
}

#[tokio::test]
async fn a_500_has_the_documented_body_before_the_work_and_after_it() {
    for (fault, happened) in [("500", false), ("500-after", true)] {
        let (wire, gone) = delete(&faulty(&format!("DELETE /api/connections/*: {fault}")).await).await;
        let text = String::from_utf8(wire.bytes).unwrap();
        let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert!(text.starts_with("HTTP/1.1 500"));
        assert_eq!(body["message"], "Server error");
        assert_eq!(body["id"].as_str().unwrap().len(), 36);
        assert_eq!(gone, happened, "{fault}");
    }
}

#[tokio::test]
async fn html_is_answered_as_by_a_proxy() {
    for (fault, happened) in [("html", false), ("html-after", true)] {
        let (wire, gone) = delete(&faulty(&format!("DELETE /api/connections/*: {fault}")).await).await;
        let text = String::from_utf8(wire.bytes).unwrap();
        assert!(text.starts_with("HTTP/1.1 502") && text.contains("<html>"), "{text}");
        assert_eq!(gone, happened, "{fault}");
    }
}

#[tokio::test]
async fn a_429_comes_without_a_retry_after_or_with_seconds_or_with_a_date() {
    let test = faulty("GET /api/folders: 429").await;
    let reply = test.client.get("/api/folders").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, None));
    test.running.faults().put("test", "GET /api/folders: 429 retry-after=7".parse().unwrap());
    assert_eq!(test.client.get("/api/folders").await.header("retry-after"), Some("7"));
    test.running.faults().put("test", "GET /api/folders: 429 retry-after=date:7".parse().unwrap());
    let reply = test.client.get("/api/folders").await;
    let date = reply.header("retry-after").unwrap();
    assert_eq!(date.len(), "Sun, 06 Nov 1994 08:49:37 GMT".len());
    assert!(date.ends_with(" GMT"), "{date}");
}

#[tokio::test]
async fn error_statuses_and_redirects_can_be_injected() {
    let test = faulty("GET /api/activity_logs: status 403").await;
    assert_eq!(test.client.get("/api/activity_logs").await.json(403)["message"], "Forbidden");
    test.running.faults().put("test", "* /api/**: redirect https://elsewhere.example/".parse().unwrap());
    let reply = test.client.get("/api/tags").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://elsewhere.example/")));
}

#[tokio::test]
async fn latency_delays_the_work_and_a_disconnected_client_does_not_cancel_it() {
    let test = faulty("DELETE /api/connections/*: latency 300ms").await;
    let id = test.workspace.deletable_connections()[0].id;
    test.client.send_and_disconnect("DELETE", &format!("/api/connections/{id}")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(test.workspace.connection(id).is_some(), "not yet");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(test.workspace.connection(id).is_none(), "the change was made after the client had disconnected");
}

#[tokio::test]
async fn latency_after_the_work_delays_only_the_answer() {
    let test = faulty("DELETE /api/connections/*: latency-after 300ms").await;
    let id = test.workspace.deletable_connections()[0].id;
    let started = Instant::now();
    let path = format!("/api/connections/{id}");
    let call = test.client.delete(&path);
    let look = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        test.workspace.connection(id).is_none()
    };
    let (reply, gone_meanwhile) = tokio::join!(call, look);
    assert_eq!((reply.status, gone_meanwhile), (200, true));
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn unknown_fields_can_be_added_and_known_ones_left_out() {
    let test = faulty("GET /api/custom_connectors: extra-fields").await;
    let body = test.client.get("/api/custom_connectors").await.json(200);
    assert!(body["result"][0]["introduced_next_quarter"].is_object());
    assert!(body["result"][0]["released_versions"][0]["introduced_next_quarter"].is_object());
    test.running.faults().put("test", "GET /api/connections: absent-fields".parse().unwrap());
    let rows = test.client.get("/api/connections").await.list();
    assert!(rows.iter().all(|row| row["id"].is_u64()));
    let complete = rows.iter().filter(|row| row.as_object().unwrap().len() == 15).count();
    assert!(complete < rows.len() / 2, "{complete} of {} rows lack nothing", rows.len());
}

#[tokio::test]
async fn a_rate_affects_some_calls_and_not_others() {
    let test = faulty("GET /api/tags: 500 @ 0.3").await;
    let mut struck = 0;
    for _ in 0..100 {
        struck += u32::from(test.client.get("/api/tags").await.status == 500);
    }
    assert!((15..45).contains(&struck), "{struck} of 100");
    assert_eq!(test.client.get("/api/folders").await.status, 200);
}

#[tokio::test]
async fn faults_given_as_options_are_in_force_from_the_start() {
    let faults = vec!["GET /api/tags: html x1".parse().unwrap()];
    let test = start_with(Options { faults, ..unlimited() }).await;
    assert_eq!(test.client.get("/api/tags").await.status, 502);
    assert_eq!(test.client.get("/api/tags").await.status, 200);
}

#[tokio::test]
async fn odd_values_are_in_the_answer_beside_every_id() {
    let test = faulty("GET /api/connections: odd-values").await;
    let wire = test.client.wire("GET", "/api/connections", "", PATIENCE).await;
    let body = &wire.bytes;
    assert!(body.contains(&0xe9) && String::from_utf8_lossy(body).contains("\\ud83d"));
    assert!(serde_json::from_slice::<Value>(&body[body.iter().position(|byte| *byte == b'[').unwrap()..]).is_err());
}

#[tokio::test]
async fn one_field_is_odd_wherever_it_is() {
    let test = faulty("GET /api/custom_connectors: odd-field title").await;
    let answer = test.client.get("/api/custom_connectors").await.json(200);
    let titles: Vec<_> = answer["result"].as_array().unwrap().iter().map(|one| one["title"].is_object()).collect();
    assert!(!titles.is_empty() && titles.iter().all(|odd| *odd));
}

#[tokio::test]
async fn an_ignored_query_filters_nothing() {
    let test = faulty("GET /api/connections: ignored-query").await;
    let answer = test.client.get("/api/connections?provider=jira").await.json(200);
    let usual = test.workspace.connections().iter().filter(|one| !one.runtime_user).count();
    assert_eq!(answer.as_array().unwrap().len(), usual);
}
