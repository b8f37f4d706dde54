//! Every fault as a client's socket sees it, and what was carried out meanwhile.

use std::time::{Duration, Instant};

use sandbox::Options;
use serde_json::{Value, json};

use crate::{
    Scene,
    client::{End, Wire},
    scene, scene_with, unlimited,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// A scene in which one fault is set.
async fn faulty(fault: &str) -> Scene {
    let scene = scene().await;
    scene.running.faults().put("test", fault.parse().unwrap());
    scene
}

/// Deletes a connection and tells what came back and whether it is gone.
async fn delete(scene: &Scene) -> (Wire, bool) {
    let id = scene.behind.deletable_connections()[0].id;
    let wire = scene.client.wire("DELETE", &format!("/api/connections/{id}"), "", PATIENCE).await;
    let gone = scene.behind.connection(id).is_none();
    assert_eq!(scene.running.ledger().len(), usize::from(gone));
    (wire, gone)
}

#[tokio::test]
async fn a_reset_before_the_work_is_a_reset_and_nothing_happened() {
    let (wire, gone) = delete(&faulty("DELETE /api/connections/*: reset").await).await;
    assert_eq!((wire.end, wire.bytes.len(), gone), (End::Reset, 0, false));
}

#[tokio::test]
async fn a_reset_after_the_work_is_a_reset_and_it_happened() {
    let (wire, gone) = delete(&faulty("DELETE /api/connections/*: reset-after").await).await;
    assert_eq!((wire.end, wire.bytes.len(), gone), (End::Reset, 0, true));
}

#[tokio::test]
async fn a_call_that_is_never_answered_was_carried_out_or_not() {
    for (fault, happened) in [("hang", false), ("hang-after", true)] {
        let scene = faulty(&format!("DELETE /api/connections/*: {fault}")).await;
        let id = scene.behind.deletable_connections()[0].id;
        let path = format!("/api/connections/{id}");
        let wire = scene.client.wire("DELETE", &path, "", Duration::from_millis(300)).await;
        assert_eq!((wire.end, wire.bytes.len()), (End::Silence, 0));
        assert_eq!(scene.behind.connection(id).is_none(), happened, "{fault}");
    }
}

#[tokio::test]
async fn a_cut_answer_ends_in_the_middle_of_what_its_length_promises() {
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
async fn truncated_json_comes_in_a_whole_http_answer() {
    let scene = faulty("GET /api/connections: truncate").await;
    let reply = scene.client.get("/api/connections").await;
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
async fn an_edge_proxy_answers_html() {
    for (fault, happened) in [("html", false), ("html-after", true)] {
        let (wire, gone) = delete(&faulty(&format!("DELETE /api/connections/*: {fault}")).await).await;
        let text = String::from_utf8(wire.bytes).unwrap();
        assert!(text.starts_with("HTTP/1.1 502") && text.contains("<html>"), "{text}");
        assert_eq!(gone, happened, "{fault}");
    }
}

#[tokio::test]
async fn a_429_comes_without_a_retry_after_or_with_seconds_or_with_a_date() {
    let scene = faulty("GET /api/folders: 429").await;
    let reply = scene.client.get("/api/folders").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, None));
    scene.running.faults().put("test", "GET /api/folders: 429 retry-after=7".parse().unwrap());
    assert_eq!(scene.client.get("/api/folders").await.header("retry-after"), Some("7"));
    scene.running.faults().put("test", "GET /api/folders: 429 retry-after=date:7".parse().unwrap());
    let reply = scene.client.get("/api/folders").await;
    let date = reply.header("retry-after").unwrap();
    assert_eq!(date.len(), "Sun, 06 Nov 1994 08:49:37 GMT".len());
    assert!(date.ends_with(" GMT"), "{date}");
}

#[tokio::test]
async fn any_refusing_status_and_a_redirect_can_be_asked_for() {
    let scene = faulty("GET /api/activity_logs: status 403").await;
    assert_eq!(scene.client.get("/api/activity_logs").await.json(403)["message"], "Forbidden");
    scene.running.faults().put("test", "* /api/**: redirect https://elsewhere.example/".parse().unwrap());
    let reply = scene.client.get("/api/tags").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://elsewhere.example/")));
}

#[tokio::test]
async fn latency_holds_back_the_work_and_a_client_that_left_does_not_stop_it() {
    let scene = faulty("DELETE /api/connections/*: latency 300ms").await;
    let id = scene.behind.deletable_connections()[0].id;
    scene.client.send_and_leave("DELETE", &format!("/api/connections/{id}")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(scene.behind.connection(id).is_some(), "not yet");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(scene.behind.connection(id).is_none(), "it landed although nobody was there any more");
}

#[tokio::test]
async fn latency_after_the_work_holds_back_the_answer_alone() {
    let scene = faulty("DELETE /api/connections/*: latency-after 300ms").await;
    let id = scene.behind.deletable_connections()[0].id;
    let started = Instant::now();
    let path = format!("/api/connections/{id}");
    let call = scene.client.delete(&path);
    let look = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        scene.behind.connection(id).is_none()
    };
    let (reply, gone_meanwhile) = tokio::join!(call, look);
    assert_eq!((reply.status, gone_meanwhile), (200, true));
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn unknown_fields_appear_and_known_ones_go_missing() {
    let scene = faulty("GET /api/custom_connectors: extra-fields").await;
    let body = scene.client.get("/api/custom_connectors").await.json(200);
    assert!(body["result"][0]["introduced_next_quarter"].is_object());
    assert!(body["result"][0]["released_versions"][0]["introduced_next_quarter"].is_object());
    scene.running.faults().put("test", "GET /api/connections: absent-fields".parse().unwrap());
    let rows = scene.client.get("/api/connections").await.list();
    assert!(rows.iter().all(|row| row["id"].is_u64()));
    let complete = rows.iter().filter(|row| row.as_object().unwrap().len() == 15).count();
    assert!(complete < rows.len() / 2, "{complete} of {} rows lack nothing", rows.len());
}

#[tokio::test]
async fn a_rate_strikes_some_calls_and_spares_the_others() {
    let scene = faulty("GET /api/tags: 500 @ 0.3").await;
    let mut struck = 0;
    for _ in 0..100 {
        struck += u32::from(scene.client.get("/api/tags").await.status == 500);
    }
    assert!((15..45).contains(&struck), "{struck} of 100");
    assert_eq!(scene.client.get("/api/folders").await.status, 200);
}

#[tokio::test]
async fn faults_given_as_options_are_in_force_from_the_start() {
    let faults = vec!["GET /api/tags: html x1".parse().unwrap()];
    let scene = scene_with(Options { faults, ..unlimited() }).await;
    assert_eq!(scene.client.get("/api/tags").await.status, 502);
    assert_eq!(scene.client.get("/api/tags").await.status, 200);
}
