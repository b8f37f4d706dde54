//! The spans of a trace: a call to Workato, and its wait in the queue. They hold fixed words and Workato's host: never an id,
//! a query, a token or what Workato says.

use std::future::Future;

use tokio::task_local;
use tracing::{Instrument, Span, field, info_span};

use super::base_url::BaseUrl;
use crate::{Call, Class};

/// The target of spans that may be sent to a collector of traces. Nothing else has it.
pub const TRACES: &str = "partner_portal::traces";

task_local! {
    /// The span that calls made by this task belong to.
    static TRACE: Span;
}

/// Does `work` as a part of `span`, also if it is spawned. The log's own spans stay as they are: which spans are logged and
/// which are sent is decided separately, and each side finds its own only among those that are entered.
pub fn in_span<T>(span: Span, work: impl Future<Output = T>) -> impl Future<Output = T> {
    let logged = Span::current();
    TRACE.scope(span.clone(), work.instrument(logged).instrument(span))
}

/// Does `work`, which is about to be spawned, as a part of what the present task is a part of.
pub fn in_trace<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    in_span(TRACE.try_with(Clone::clone).unwrap_or_else(|_| Span::none()), work)
}

/// The span of one request to Workato. The name of a call is its method and path template.
pub(super) fn of_call(call: Call, base_url: &BaseUrl) -> Span {
    info_span!(
        target: TRACES,
        "workato",
        otel.name = %call,
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = call.method(),
        url.template = call.path_template(),
        server.address = base_url.as_str(),
        http.response.status_code = field::Empty,
        outcome = field::Empty,
    )
}

/// Notes how a call ended: the outcome as in the metrics.
pub(super) fn ended(span: &Span, status: Option<u16>, outcome: &'static str) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    span.record("outcome", outcome);
    if outcome != "success" {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a call's wait in the queue.
pub(super) fn of_wait(class: Class) -> Span {
    info_span!(target: TRACES, "wait for the limit", class = class.as_str())
}
