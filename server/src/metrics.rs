//! Metrics in Prometheus' text format, on a listener of their own: they need no session, and people on the internet
//! must not reach them. `docs/metrics.md` lists every metric.

mod process;

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{Next, map_response},
    response::Response,
    routing::get,
};
use http::{HeaderValue, Method, header};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    time::{Instant, interval},
};

use crate::{
    health::{Health, detailed_router},
    transport::{self, Bounds, Stop},
    workers::Workers,
};

/// Upper bounds of the histograms' buckets, in seconds: from a page out of memory to a call that is cut at its
/// deadline.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 60.0];
/// How often recorded durations are sorted into their buckets; until then they are kept one by one.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Connections that are served at once. One scraper needs one.
const CONNECTIONS: Bounds = Bounds { in_all: 8, per_network: 8 };
/// The route of a request that matches none. Never its path: anybody could make up new ones.
const NO_ROUTE: &str = "unmatched";

/// Begins to record metrics, in the whole process. A second call returns the same handle.
///
/// # Errors
/// If the histograms' buckets are not valid, or another recorder is installed.
pub fn record() -> Result<PrometheusHandle, io::Error> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let install = || -> Result<PrometheusHandle, BuildError> {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?;
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)?;
        describe();
        Ok(handle)
    };
    let handle = RECORDER.get_or_init(|| install().map_err(|error| error.to_string()));
    handle.clone().map_err(|error| io::Error::other(format!("metrics cannot be recorded: {error}")))
}

fn describe() {
    describe_histogram!(
        "portal_http_request_duration_seconds",
        Unit::Seconds,
        "Time from a request's headers to the answer's headers"
    );
    describe_gauge!(
        "portal_worker_last_success_timestamp_seconds",
        Unit::Seconds,
        "When the worker last succeeded, in seconds since 1970"
    );
    describe_counter!("portal_pages_sent_again_total", "Pages that were sent again without being drawn");
    describe_counter!(
        "portal_requests_limited_total",
        "Requests refused because a session, a person or an address had sent too many"
    );
    describe_gauge!("portal_connections", "Open connections");
    describe_counter!("portal_connections_refused_total", "Connections for which there was no place");
    describe_counter!(
        "portal_connections_closed_total",
        "Connections closed because their place was needed or their client was too slow"
    );
    describe_counter!(
        "portal_password_hashes_refused_total",
        "Passwords that were not checked because too many waited"
    );
    describe_counter!(
        "portal_attempts_refused_total",
        "Attempts to guess a secret that were refused because too many before had failed"
    );
    describe_gauge!("portal_free_disk_bytes", Unit::Bytes, "Free space on the data folder's file system");
    describe_gauge!("portal_worker_lag_seconds", Unit::Seconds, "How long ago the worker's next success was due");
    describe_counter!("portal_worker_restarts_total", "Runs of the worker that ended with an error or a panic");
    describe_gauge!("portal_alarms", "Alarms that are raised");
    process::describe();
}

/// As the outermost middleware: counts requests and measures how long they take.
pub async fn layer(request: Request, next: Next) -> Response {
    let (route, method) = (route_of(&request), method_of(request.method()));
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!(
        "portal_http_request_duration_seconds",
        "method" => method, "route" => route, "status" => status
    )
    .record(begun.elapsed());
    response
}

/// The route's template. All server functions share one route of the router, but their names are known.
pub(crate) fn route_of(request: &Request) -> String {
    let path = request.uri().path();
    match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some("/api/fn/{*name}") => app::functions().find(|function| *function == path).unwrap_or(NO_ROUTE).to_owned(),
        Some(template) => template.to_owned(),
        None => NO_ROUTE.to_owned(),
    }
}

/// HTTP allows any word as a method.
pub(crate) fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What a scrape reads.
#[derive(Clone)]
struct Scraped {
    recorded: PrometheusHandle,
    workers: Arc<Workers>,
}

/// Serves `/metrics` and the details of `/readyz` until `stop`.
pub async fn serve(
    listener: TcpListener,
    recorded: PrometheusHandle,
    workers: Arc<Workers>,
    health: Arc<Health>,
    stop: Stop,
) {
    let router = Router::new()
        .route("/metrics", get(scrape))
        .with_state(Scraped { recorded: recorded.clone(), workers })
        .merge(detailed_router(health))
        .layer(map_response(close));
    let upkeep = async {
        let mut every = interval(UPKEEP_EVERY);
        loop {
            every.tick().await;
            recorded.run_upkeep();
        }
    };
    let serving = transport::serve(listener, router, CONNECTIONS, Arc::default(), stop);
    tokio::join!(serving, upkeep);
}

/// A scraper comes back after seconds or minutes, and there are few places.
async fn close(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn scrape(State(scraped): State<Scraped>) -> ([(header::HeaderName, &'static str); 1], String) {
    scraped.workers.measure();
    process::measure();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], scraped.recorded.render())
}
