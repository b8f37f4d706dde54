//! Traces: a request's reaches down to the calls to Workato, no trace holds a secret or a person, nothing is sent unless a
//! collector is set, and a collector that does not answer slows nothing down.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;
use tokio::net::TcpListener;

use crate::{
    routes::jobs::{dry_run, start as start_job},
    support::{Browser, ChangeKind, Child, Installation, Targets, email, eventually, password},
};

const SOON: Duration = Duration::from_secs(30);

/// A collector that keeps what it receives.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Bytes>>>);

impl Collector {
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let keep = |State(collector): State<Self>, body: Bytes| async move { collector.0.lock().unwrap().push(body) };
        let router = Router::new().route("/v1/traces", post(keep)).with_state(collector.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, address)
    }

    fn bodies(&self) -> Vec<Bytes> {
        self.0.lock().unwrap().clone()
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.bodies();
        let requests = received.iter().map(|body| ExportTraceServiceRequest::decode(body.clone()).unwrap());
        let resources = requests.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    async fn span(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Span {
        eventually(what, SOON, || async { self.spans().into_iter().find(|span| is_it(span)) }).await
    }
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()?.value? {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

async fn start(installation: &Installation, endpoint: &str) -> Child {
    let endpoint = format!("OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}");
    Child::start_program(installation, &["env", &endpoint, "OTEL_BSP_SCHEDULE_DELAY=100"]).await
}

#[tokio::test]
async fn the_trace_of_a_request_reaches_down_to_the_calls_to_workato() {
    let installation = Installation::new().await;
    let (collector, endpoint) = Collector::start().await;
    let child = start(&installation, &endpoint).await;
    let operator = Browser::of(&child.base, "operator").await;
    operator.get("/teams/payments/connections?q=secret-word").await;
    let page = collector.span("the page", |span| span.name == "GET /teams/{team}/connections").await;
    assert_eq!(page.kind, SpanKind::Server as i32);
    assert_eq!(attribute(&page, "http.response.status_code").as_deref(), Some("200"));
    let is_read = |span: &Span| span.name == "GET /api/connections" && span.trace_id == page.trace_id;
    let read = collector.span("its call to Workato", is_read).await;
    assert_eq!(read.kind, SpanKind::Client as i32);
    assert_eq!(read.parent_span_id, page.span_id);
    assert_eq!(attribute(&read, "outcome").as_deref(), Some("success"));
    assert_eq!(attribute(&read, "url.template").as_deref(), Some("/api/connections"));
    assert!(
        page.start_time_unix_nano <= read.start_time_unix_nano && read.end_time_unix_nano <= page.end_time_unix_nano
    );

    // A change: the form, the operation, the call.
    let change = Targets::of(&installation).prepare(ChangeKind::Share, &operator).await;
    operator.submit(&change.form).await;
    let call =
        collector.span("the change", |span| span.name.starts_with("POST /api/custom_connectors/:id/share")).await;
    let operation = collector.span("its operation", |span| span.span_id == call.parent_span_id).await;
    assert_eq!(operation.name, "connector.share");
    let id = attribute(&operation, "operation.id").unwrap();
    assert_eq!(operator.get(&format!("/audit/{id}")).await.status, 200);
    let form = collector.span("its form", |span| span.span_id == operation.parent_span_id).await;
    assert_eq!(form.name, "POST /api/fn/share_version");

    // An item of a job: its operation, in no request, and the call.
    let page = dry_run(&operator, "delete", &[Targets::of(&installation).unused_connection()], &[]).await;
    start_job(&operator, &page).await;
    let call = collector.span("an item", |span| span.name == "DELETE /api/connections/:id").await;
    let operation = collector.span("its operation", |span| span.span_id == call.parent_span_id).await;
    assert_eq!(operation.name, "connection.delete");
    let id = attribute(&operation, "operation.id").unwrap();
    assert_eq!(operator.get(&format!("/audit/{id}")).await.status, 200);

    installation.sandbox.faults().put("down", "* /api/**: 500".parse().unwrap());
    operator.post("/api/fn/refresh", &[("team", "payments"), ("page", "/")]).await;
    operator.get("/teams/payments/connections").await;
    let is_failed = |span: &Span| attribute(span, "outcome").as_deref() == Some("server_error");
    let failed = collector.span("a call that failed", is_failed).await;
    assert_eq!(failed.status.map(|status| status.code), Some(StatusCode::Error as i32));
    child.stop().await;
}

#[tokio::test]
async fn no_trace_holds_a_secret_a_person_or_a_name() {
    let installation = Installation::new().await;
    let (collector, endpoint) = Collector::start().await;
    let child = start(&installation, &endpoint).await;
    let operator = Browser::of(&child.base, "operator").await;
    let change = Targets::of(&installation).prepare(ChangeKind::Share, &operator).await;
    operator.get("/teams/payments/connections?q=secret-word").await;
    operator.get("/audit?q=secret-word").await;
    operator.get("/setup?secret=one-time-secret").await;
    operator.get("/no-such-path-secret-path").await;
    operator.submit(&change.form).await;
    Browser::new(&child.base).sign_in(&email("viewer"), "a-guess-of-a-password").await;
    collector.span("the change", |span| span.name.starts_with("POST /api/custom_connectors/")).await;
    collector.span("a page that is not there", |span| span.name == "GET unmatched").await;
    // What was not sent yet is sent when it stops.
    child.stop().await;
    let connector = installation.sandbox.workspace(0).unwrap().connectors()[0].title.clone();
    let secrets = installation.sandbox.tokens.iter().cloned().chain([
        password("operator"),
        email("operator"),
        email("viewer"),
        "a-guess-of-a-password".to_owned(),
        "secret-word".to_owned(),
        "one-time-secret".to_owned(),
        "secret-path".to_owned(),
        "payments".to_owned(),
        "Bearer".to_owned(),
        "__Host-".to_owned(),
        connector,
        operator.cookie().unwrap().split_once('=').unwrap().1.to_owned(),
    ]);
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        for body in collector.bodies() {
            let holds = body.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!holds, "{secret}: {:?}", collector.spans());
        }
    }
    assert!(collector.spans().iter().all(|span| span.events.is_empty()), "what is logged stays out of traces");
}

#[tokio::test]
async fn without_a_collector_nothing_is_sent_and_an_address_that_is_none_is_refused() {
    let installation = Installation::new().await;
    let (collector, endpoint) = Collector::start().await;
    // The variable for one kind of signal is not enough, and an empty one counts as none.
    let only_traces = format!("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={endpoint}/v1/traces");
    let prefix = ["env", &only_traces, "OTEL_EXPORTER_OTLP_ENDPOINT=", "OTEL_BSP_SCHEDULE_DELAY=100"];
    let child = Child::start_program(&installation, &prefix).await;
    Browser::of(&child.base, "operator").await.get("/teams/payments/connections").await;
    child.stop().await;
    assert!(collector.bodies().is_empty());

    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.arg("serve").env("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318").kill_on_drop(true);
    let output = tokio::time::timeout(SOON, command.output()).await.expect("it does not serve").unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("OTEL_EXPORTER_OTLP_ENDPOINT: "), "{said}");
}

#[tokio::test]
async fn a_collector_that_hangs_slows_no_page_and_does_not_hold_up_stopping() {
    let installation = Installation::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // Takes connections and never answers.
    let hanging = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    let child = start(&installation, &endpoint).await;
    let operator = Browser::of(&child.base, "operator").await;
    operator.get("/teams/payments/connections").await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(operator.get("/account").await.status, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let began = Instant::now();
    child.stop().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    hanging.abort();
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_one_line_in_the_log() {
    let installation = Installation::new().await;
    let child = start(&installation, "http://127.0.0.1:9").await;
    let operator = Browser::of(&child.base, "operator").await;
    for _ in 0..5 {
        assert_eq!(operator.get("/account").await.status, 200);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let (_, log) = child.stop().await;
    assert_eq!(log.matches("the collector takes no traces").count(), 1, "{log}");
}
