//! Traces for OpenTelemetry: one for each request, down to the calls to Workato that it makes. They are sent over OTLP if
//! `OTEL_EXPORTER_OTLP_ENDPOINT` is set, and not made otherwise. docs/operations.md says what is in them.
//!
//! Only spans whose target is [`TRACES`] are sent, so nothing that somebody logs gets into a trace by accident.

mod collector;

use std::{
    env,
    time::{Duration, Instant},
};

use axum::{extract::Request, middleware::Next, response::Response};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Subscriber, field};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use workato::{TRACES, in_span};

use self::collector::Collector;
use crate::{
    command_error::CommandError,
    metrics::{method_of, route_of},
};

const NAME: &str = "partner-portal";
/// How long stopping waits for the last traces. A collector that does not answer must not hold it up.
const LAST_TRACES: Duration = Duration::from_secs(2);

/// What sends traces.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts to send traces to a collector, in the background.
    ///
    /// # Errors
    /// `Input` if the address is not a URL.
    pub fn to(endpoint: &str) -> Result<Self, CommandError> {
        let refused = |why: &dyn std::fmt::Display| CommandError::Input(format!("OTEL_EXPORTER_OTLP_ENDPOINT: {why}"));
        let url = url::Url::parse(endpoint).map_err(|error| refused(&error))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(&"it must begin with http:// or https://"));
        }
        let collector = Collector::new().map_err(|error| refused(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()
            .map_err(|error| refused(&error))?;
        let mut resource =
            Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        if env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(NAME);
        }
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Ok(Self(provider.build()))
    }

    /// The layer that turns spans into traces.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(NAME))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_level(false)
            .with_filter(filter_fn(|metadata| metadata.target() == TRACES))
    }

    /// Sends what has not been sent yet, if the collector takes it soon.
    pub async fn stop(self) {
        let sent = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_TRACES)).await;
        if let Ok(Err(error)) = sent {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// As the outermost middleware: makes the span of a request. It has the route's template and the status, and neither the
/// path nor the query nor who asks.
pub async fn layer(request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        target: TRACES,
        "request",
        otel.name = format!("{} {}", method_of(request.method()), route_of(&request)),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method_of(request.method()),
        http.route = route_of(&request),
        http.response.status_code = field::Empty,
        http.server.request.duration = field::Empty,
    );
    let began = Instant::now();
    let response = in_span(span.clone(), next.run(request)).await;
    // The span ends when the last of the calls does that the request has begun; some go on without it.
    span.record("http.server.request.duration", began.elapsed().as_secs_f64());
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}
