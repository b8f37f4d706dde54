//! The client's metrics; the table is in the README. Labels are fixed words: never an id, a token or a URL.
//! Gauges are sums over all clients of the process, so each client adds and takes away its own share.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use tokio::time::Instant;

use crate::{Call, Class};

const CALL_DURATION: &str = "workato_call_duration_seconds";
const QUEUE_WAIT: &str = "workato_queue_wait_seconds";
const QUEUE_REFUSALS: &str = "workato_queue_refusals_total";
const LIMITER_USED: &str = "workato_limiter_used_calls";
const LIMITER_LIMIT: &str = "workato_limiter_limit_calls";
const BREAKER_OPEN: &str = "workato_breaker_open_clients";
const BREAKER_OPENED: &str = "workato_breaker_opened_total";

/// Registers the descriptions.
pub(super) fn describe() {
    describe_histogram!(
        CALL_DURATION,
        Unit::Seconds,
        "Time from sending a request to Workato to the end of the answer"
    );
    describe_histogram!(QUEUE_WAIT, Unit::Seconds, "Time that calls waited in the queue before they were sent");
    describe_counter!(QUEUE_REFUSALS, "Calls that were refused because their wait would have been too long");
    describe_gauge!(LIMITER_USED, "Calls that count against the rate limit now, summed over all clients");
    describe_gauge!(LIMITER_LIMIT, "Calls that the rate limit allows in one window, summed over all clients");
    describe_gauge!(BREAKER_OPEN, "Clients whose circuit breaker is open");
    describe_counter!(BREAKER_OPENED, "How often a circuit breaker opened");
}

/// Measures one request. The outcome is `cancelled` if the request is dropped before it ends.
pub(super) struct CallTimer {
    call: Call,
    started: Instant,
    outcome: &'static str,
}

impl CallTimer {
    pub(super) fn start(call: Call) -> Self {
        Self { call, started: Instant::now(), outcome: "cancelled" }
    }

    pub(super) fn finish(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for CallTimer {
    fn drop(&mut self) {
        histogram!(CALL_DURATION, "call" => self.call.to_string(), "outcome" => self.outcome)
            .record(self.started.elapsed());
    }
}

pub(super) fn waited_in_queue(class: Class, caller: &'static str, wait: Duration) {
    histogram!(QUEUE_WAIT, "class" => class.as_str(), "caller" => caller).record(wait);
}

pub(super) fn refused_by_queue(class: Class) {
    counter!(QUEUE_REFUSALS, "class" => class.as_str()).increment(1);
}

/// A limiter's share of the used calls changes by this much.
pub(super) fn add_used_calls(class: Class, change: f64) {
    gauge!(LIMITER_USED, "class" => class.as_str()).increment(change);
}

/// A limiter's share of the allowed calls changes by this much.
pub(super) fn add_allowed_calls(class: Class, change: f64) {
    gauge!(LIMITER_LIMIT, "class" => class.as_str()).increment(change);
}

pub(super) fn breaker_opened() {
    counter!(BREAKER_OPENED).increment(1);
    gauge!(BREAKER_OPEN).increment(1.0);
}

/// The breaker closed, or its client was dropped while it was open.
pub(super) fn breaker_not_open() {
    gauge!(BREAKER_OPEN).decrement(1.0);
}
