//! Twenty thousand connections.

use std::time::{Duration, Instant};

use sandbox::Options;
use serde_json::Value;

use crate::{start_with, unlimited};

#[tokio::test]
async fn twenty_thousand_connections_start_in_two_seconds_and_are_all_listed() {
    let started = Instant::now();
    let test = start_with(Options { connections: 20_000, ..unlimited() }).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());

    let reply = test.client.get("/api/connections?include_runtime_connections=true").await;
    let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(rows.len(), 20_000);

    let started = Instant::now();
    let again = test.client.get("/api/connections?include_runtime_connections=true").await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(again.body, reply.body);
}
