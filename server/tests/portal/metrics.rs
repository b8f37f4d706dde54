//! Prometheus metrics, on a listener of their own.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
    time::timeout,
};

use crate::support::{Browser, ChangeKind, Child, Installation, Targets, eventually};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");

/// A portal that serves metrics, and their address.
async fn start(installation: &Installation) -> (Child, String) {
    let mut child = Child::start_program(installation, &["env", "PORTAL_METRICS_ADDR=127.0.0.1:0"]).await;
    let address = child.line_with("Metrics on http://").await;
    let address = address.trim().strip_suffix("/metrics").unwrap().to_owned();
    (child, address)
}

/// All samples, by name and labels.
async fn scrape(address: &str) -> String {
    let page = Browser::new(&format!("http://{address}")).get("/metrics").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/plain; version=0.0.4"));
    page.body
}

fn sample(scraped: &str, series: &str) -> Option<f64> {
    scraped.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let installation = Installation::new().await;
    let (child, address) = start(&installation).await;
    let browser = Browser::of(&child.base, "operator").await;
    for path in ["/teams/payments/connections", "/teams/payments/connections?q=secret-word", "/teams/lending/recipes"] {
        browser.get(path).await;
    }
    for path in ["/secret-path", "/teams/payments/secret-path", "/api/v1/secret-path"] {
        assert_eq!(browser.get(path).await.status, 404);
    }
    assert_eq!(browser.post("/api/fn/secret-path", &[]).await.status, 404);
    let scraped = scrape(&address).await;
    let count = |method: &str, route: &str, status: u16| {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        sample(&scraped, &format!("portal_http_request_duration_seconds_count{labels}"))
    };
    assert_eq!(count("GET", "/teams/{team}/connections", 200), Some(2.0), "{scraped}");
    assert_eq!(count("GET", "/teams/{team}/recipes", 403), Some(1.0), "{scraped}");
    assert_eq!(count("POST", "/api/fn/sign_in", 303), Some(1.0), "{scraped}");
    assert_eq!(count("GET", "unmatched", 404), Some(3.0), "{scraped}");
    assert_eq!(count("POST", "unmatched", 404), Some(1.0), "{scraped}");
    for never in ["secret-path", "secret-word", "payments"] {
        assert!(!scraped.contains(never), "{never}: {scraped}");
    }
    assert!(sample(&scraped, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6), "{scraped}");
    assert!(sample(&scraped, "process_open_fds").is_some_and(|open| open > 3.0), "{scraped}");
    // What people reach has no metrics.
    assert_eq!(browser.get("/metrics").await.status, 404);
    child.stop().await;
}

/// The metrics that a page of Prometheus' text format has, with their types.
fn types_of(scraped: &str) -> BTreeMap<String, String> {
    let lines = scraped.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    lines.map(|line| line.split_once(' ').map(|(name, kind)| (name.to_owned(), kind.to_owned())).unwrap()).collect()
}

/// The metrics that the documentation lists, with their types.
fn documented() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(DOCS).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        (name.to_owned(), rest.split_once(" |").unwrap().0.to_owned())
    })
    .collect()
}

#[tokio::test]
async fn every_metric_is_documented_with_its_type() {
    let installation = Installation::new().await;
    let (child, address) = start(&installation).await;
    let browser = Browser::of(&child.base, "operator").await;
    browser.get("/teams/payments/connections").await;
    let succeeded = "portal_worker_last_success_timestamp_seconds{worker=\"settle\"}";
    let scraped = eventually("a worker has run", Duration::from_secs(20), || async {
        let scraped = scrape(&address).await;
        sample(&scraped, succeeded).is_some().then_some(scraped)
    })
    .await;
    let (served, documented) = (types_of(&scraped), documented());
    for (name, kind) in &served {
        assert_eq!(documented.get(name), Some(kind), "docs/metrics.md on {name}");
    }
    for name in documented.keys().filter(|name| name.starts_with("portal_worker") || name.starts_with("process_")) {
        assert!(served.contains_key(name), "{name} is documented and not served: {scraped}");
    }
    for worker in ["settle", "watch", "append", "sign", "index"] {
        for cause in ["error", "panic"] {
            let series = format!("portal_worker_restarts_total{{worker=\"{worker}\",cause=\"{cause}\"}}");
            assert_eq!(sample(&scraped, &series), Some(0.0), "{series}: {scraped}");
        }
        let lag = sample(&scraped, &format!("portal_worker_lag_seconds{{worker=\"{worker}\"}}"));
        assert!(lag.is_some_and(|lag| lag < 60.0), "{worker}: {lag:?}");
    }
    child.stop().await;
}

#[tokio::test]
async fn scrapers_that_hang_affect_neither_the_portal_nor_the_next_scrape() {
    let installation = Installation::new().await;
    let (child, address) = start(&installation).await;
    let mut hanging = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
        hanging.push(stream);
    }
    let browser = Browser::new(&child.base);
    assert_eq!(browser.get("/login").await.status, 200);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: portal\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.expect("it answers").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("portal_worker_lag_seconds"), "{answer}");
    drop(hanging);
    child.stop().await;
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_one_clear_line_and_nothing_is_served() {
    let installation = Installation::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = (taken.local_addr().unwrap().to_string(), taken);
    for address in [taken.0.as_str(), "192.0.2.1:9"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
        command
            .arg("serve")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .env("PORTAL_ADDR", "127.0.0.1:0")
            .env("PORTAL_METRICS_ADDR", address)
            .env("PORTAL_DATA_DIR", installation.data_dir())
            .env("PORTAL_MASTER_KEY_FILE", installation.key_file());
        let output = timeout(Duration::from_secs(20), command.output()).await.expect("it serves").unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{said}");
        let expected = format!("partner-portal: cannot listen on {address} (PORTAL_METRICS_ADDR): ");
        assert!(said.starts_with(&expected) && said.trim().lines().count() == 1, "{said}");
    }
}

#[tokio::test]
async fn only_committed_entries_are_counted() {
    let installation = Installation::new().await;
    let (child, address) = start(&installation).await;
    let browser = Browser::of(&child.base, "operator").await;
    let mut targets = Targets::of(&installation);
    let [refused, written] =
        [targets.prepare(ChangeKind::Share, &browser).await, targets.prepare(ChangeKind::Share, &browser).await];
    let counted = || async { sample(&scrape(&address).await, "portal_entries_appended_total").unwrap_or_default() };
    let (before, entries) = (counted().await, installation.entries().await.len());
    // Fails after the intent was appended, so that its transaction is rolled back.
    let refuse = "CREATE TRIGGER no_binding BEFORE UPDATE OF binding ON operation
                  BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    installation.database().await.try_run(refuse).await.unwrap();
    assert_eq!(browser.submit(&refused.form).await.status, 503);
    assert_eq!((counted().await, installation.entries().await.len()), (before, entries));
    installation.database().await.try_run("DROP TRIGGER no_binding").await.unwrap();
    written.perform(&browser).await;
    assert_eq!((counted().await, installation.entries().await.len()), (before + 2.0, entries + 2));
    child.stop().await;
}
