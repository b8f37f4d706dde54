//! The process's log, on standard error. It never holds a secret: requests are named by path, without the query.

use std::{
    env,
    io::{self, IsTerminal},
};

use clap::ValueEnum;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, ParseError, filter_fn},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};
use workato::TRACES;

use crate::traces::Traces;

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object a line.
    Json,
}

/// Starts logging. A second call, as tests make, has no effect.
///
/// # Errors
/// If `filter` is not a valid filter.
pub fn start(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    start_with(filter, format, None)
}

/// Starts logging, and sending traces.
///
/// # Errors
/// As [`start`].
pub fn start_with(filter: &str, format: LogFormat, traces: Option<&Traces>) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?.and(filter_fn(|metadata| metadata.target() != TRACES));
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(wants_colour())
        // It would be printed to standard error, which just failed, and printing there would panic.
        .log_internal_errors(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let started = registry().with(lines.with_filter(filter)).with(traces.map(Traces::layer)).try_init();
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}

/// Colour is for terminals, unless NO_COLOR is set and not empty (<https://no-color.org>).
fn wants_colour() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
