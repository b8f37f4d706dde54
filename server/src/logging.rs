//! What the process says of itself, on standard error. Never a secret: requests are named by path, without the query.

use tracing_subscriber::{EnvFilter, filter::ParseError};

use crate::LogFormat;

/// Starts logging. A second call, as tests make, changes nothing.
///
/// # Errors
/// When `filter` is no filter.
pub fn start(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}
