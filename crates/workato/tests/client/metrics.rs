//! The metrics that calls leave behind.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use workato::{Call, Client, ClientOptions, ConnectionId, ConnectionQuery, Limit, Limits};

use crate::support::{Server, TOKEN, Then, json};

/// Runs a test with a recorder of its own. Everything happens on this thread, so no other test's metrics are seen.
fn with_recorder(test: impl AsyncFnOnce(&mut Recorded)) {
    let recorder = DebuggingRecorder::new();
    let mut recorded = Recorded { snapshotter: recorder.snapshotter(), values: BTreeMap::new() };
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(test(&mut recorded));
    });
}

struct Recorded {
    snapshotter: Snapshotter,
    /// Name and labels of each metric, as `name{label=value}`, with one value, or those of a histogram.
    values: BTreeMap<String, Vec<f64>>,
}

impl Recorded {
    /// The metrics now.
    fn now(&mut self) -> &BTreeMap<String, Vec<f64>> {
        // A snapshot holds what was recorded since the last one.
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let labels = key.key().labels().map(|label| format!("{}={}", label.key(), label.value()));
            let name = format!("{}{{{}}}", key.key().name(), labels.collect::<Vec<_>>().join(","));
            let values = self.values.entry(name).or_default();
            let added = match value {
                DebugValue::Counter(count) => count as f64,
                DebugValue::Gauge(value) => value.into_inner(),
                DebugValue::Histogram(durations) => {
                    values.extend(durations.into_iter().map(|duration| duration.into_inner()));
                    continue;
                }
            };
            *values = vec![values.first().unwrap_or(&0.0) + added];
        }
        &self.values
    }
}

async fn list(client: &Client) -> bool {
    client.connections(&ConnectionQuery::default()).await.is_ok()
}

#[test]
fn every_request_is_measured_by_call_and_outcome() {
    with_recorder(async |recorded| {
        let script = vec![
            json("200 OK", "[]"),
            json("503 Service Unavailable", "{}"),
            json("200 OK", "[]"),
            json("404 Not Found", "{}"),
            Then::WriteAndHang(Vec::new()),
        ];
        let server = Server::start(script).await;
        let client = server.client();
        // One answer, one answer after a retry, one refusal.
        assert!(list(&client).await && list(&client).await && !list(&client).await);
        let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
        let delete = client.delete_connection(permit, ConnectionId::new(36).expect("above zero"));
        tokio::time::timeout(Duration::from_millis(200), delete).await.expect_err("no answer");

        let values = recorded.now();
        let count = |call: &str, outcome: &str| {
            values
                .get(&format!("workato_call_duration_seconds{{call={call},outcome={outcome}}}"))
                .map_or(0, |durations| durations.len())
        };
        assert_eq!(count("GET /api/connections", "success"), 2, "{values:?}");
        assert_eq!(count("GET /api/connections", "server_error"), 1);
        assert_eq!(count("GET /api/connections", "client_error"), 1);
        assert_eq!(count("DELETE /api/connections/:id", "cancelled"), 1);
        let cancelled = &values["workato_call_duration_seconds{call=DELETE /api/connections/:id,outcome=cancelled}"];
        assert!((0.2..5.0).contains(&cancelled[0]), "in seconds: {cancelled:?}");
        assert!(values.keys().all(|key| !key.contains(TOKEN) && !key.contains("36") && !key.contains("127.0.0.1")));
    });
}

#[test]
fn waits_in_the_queue_and_refusals_are_measured_by_class_and_caller() {
    with_recorder(async |recorded| {
        let server = Server::start(vec![json("200 OK", "[]")]).await;
        let limit = Limit { calls: 1, window: Duration::from_millis(100) };
        let limits = Limits { connections_list: Some(limit), ..Limits::none() };
        // A second call waits 350 ms, a third one would wait 700 ms.
        let longest_wait = Duration::from_millis(400);
        let client = Client::new(ClientOptions { limits, longest_wait, ..server.options() }).expect("a client");
        let (ann, background) = (client.on_behalf_of("ann@example.com"), client.in_background());
        assert!(list(&ann).await && list(&background).await);
        let waiting = client.reserve(Call::Connections.class()).expect("room in the queue");
        assert!(!list(&ann).await, "no room for two");
        drop(waiting);

        let values = recorded.now();
        let waits =
            |caller: &str| &values[&format!("workato_queue_wait_seconds{{class=connections_list,caller={caller}}}")];
        assert_eq!(waits("person").len(), 1, "{values:?}");
        assert!(waits("person")[0] < 0.1 && waits("background")[0] > 0.3, "{values:?}");
        assert_eq!(values["workato_queue_refusals_total{class=connections_list}"], [1.0]);
        assert!(values.keys().all(|key| !key.contains("ann")));
    });
}

#[test]
fn used_calls_leave_the_gauge_with_their_window_and_the_client_takes_its_limits_along() {
    const USED: &str = "workato_limiter_used_calls{class=connections_list}";
    const LIMIT: &str = "workato_limiter_limit_calls{class=connections_list}";
    with_recorder(async |recorded| {
        let server = Server::start(vec![json("200 OK", "[]")]).await;
        let limit = Limit { calls: 10, window: Duration::from_millis(100) };
        let limits = Limits { connections_list: Some(limit), ..Limits::none() };
        let client = Client::new(ClientOptions { limits, ..server.options() }).expect("a client");
        assert!(list(&client).await && list(&client).await);
        let held = client.reserve(Call::Connections.class()).expect("room in the queue");
        let before = recorded.now();
        assert_eq!((before[USED][0], before[LIMIT][0]), (3.0, 10.0));
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(recorded.now()[USED], [1.0], "only the permit that is held");
        drop((held, client));
        let after = recorded.now();
        assert_eq!((after[USED][0], after[LIMIT][0]), (0.0, 0.0));
    });
}

#[test]
fn an_open_breaker_counts_until_an_answer_closes_it_or_its_client_is_dropped() {
    const OPEN: &str = "workato_breaker_open_clients{}";
    with_recorder(async |recorded| {
        let mut script = vec![Then::Reset; 15];
        script.push(json("200 OK", "[]"));
        let server = Server::start(script).await;
        let options = || ClientOptions { pause_when_down: Duration::from_millis(50), ..server.options() };
        let client = Client::new(options()).expect("a client");
        let other = Client::new(crate::support::options("http://127.0.0.1:1")).expect("a client");
        // Five reads of two kinds, three times each.
        tokio::join!(join_all((0..3).map(|_| list(&client))), join_all((0..2).map(|_| client.tags())));
        for _ in 0..5 {
            list(&other).await;
        }
        assert_eq!(recorded.now()[OPEN], [2.0]);
        drop(other);
        assert_eq!(recorded.now()[OPEN], [1.0]);
        tokio::time::sleep(Duration::from_millis(100)).await;
        while !list(&client).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let values = recorded.now();
        assert_eq!((values[OPEN][0], values["workato_breaker_opened_total{}"][0]), (0.0, 2.0));
    });
}
