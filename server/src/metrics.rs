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
    middleware::Next,
    response::Response,
    routing::get,
};
use http::{Method, header};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    time::{Instant, interval, sleep, timeout},
};

use crate::workers::Workers;

/// Upper bounds of the histograms' buckets, in seconds: from a page out of memory to a call that is cut at its
/// deadline.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 60.0];
/// How often recorded durations are sorted into their buckets; until then they are kept one by one.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Connections that are served at once; others are closed at once. One scraper needs one.
const CONNECTIONS: usize = 8;
/// How long a connection may last, however slowly its other end reads.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);
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
    describe_counter!(
        "portal_requests_limited_total",
        "Requests refused because a session, a person or an address had sent too many"
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
fn route_of(request: &Request) -> String {
    let path = request.uri().path();
    match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some("/api/fn/{*name}") => app::functions().find(|function| *function == path).unwrap_or(NO_ROUTE).to_owned(),
        Some(template) => template.to_owned(),
        None => NO_ROUTE.to_owned(),
    }
}

/// HTTP allows any word as a method.
fn method_of(method: &Method) -> &'static str {
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

/// Serves `/metrics` for as long as it is polled.
pub async fn serve(listener: TcpListener, recorded: PrometheusHandle, workers: Arc<Workers>) {
    let router =
        Router::new().route("/metrics", get(scrape)).with_state(Scraped { recorded: recorded.clone(), workers });
    let upkeep = async {
        let mut every = interval(UPKEEP_EVERY);
        loop {
            every.tick().await;
            recorded.run_upkeep();
        }
    };
    tokio::join!(accept(listener, router), upkeep);
}

async fn scrape(State(scraped): State<Scraped>) -> ([(header::HeaderName, &'static str); 1], String) {
    scraped.workers.measure();
    process::measure();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], scraped.recorded.render())
}

/// Not `axum::serve`, which limits neither the number of connections nor how long one lasts.
async fn accept(listener: TcpListener, router: Router) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection for metrics");
                sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let _slot = slot;
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).keep_alive(false);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            match timeout(LONGEST_CONNECTION, connection).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a connection for metrics ended badly"),
                Err(_) => tracing::debug!("a connection for metrics took too long and was closed"),
            }
        });
    }
}
