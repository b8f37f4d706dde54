//! The HTTP client. This file only declares its parts.

mod base_url;
mod breaker;
mod change_call;
mod changes;
#[expect(clippy::module_inception, reason = "this module only declares its parts, and the client is one of them")]
mod client;
mod counting;
mod credentials;
mod denial;
mod error;
mod limiter;
mod limits;
mod message;
mod metrics;
mod options;
mod pages;
mod parse;
mod probes;
mod queue_full;
mod queueing;
mod read_call;
mod reads;
mod retry_after;
mod server_clock;
mod shared_limits;
mod tls;
mod traces;
mod transport;
mod verdict;

pub use base_url::{BaseUrl, BaseUrlError, is_loopback};
pub use client::Client;
pub use credentials::{Credentials, CredentialsError};
pub use error::ReadError;
pub use limiter::Permit;
pub use limits::{Limit, Limits};
pub use options::{ClientError, ClientOptions};
pub use probes::Probe;
pub use queue_full::{QueueFull, wait_in_seconds};
pub use shared_limits::{Counting, NotCounted, SharedLimits};
pub use tls::tls_config;
pub use traces::{TRACES, in_span, in_trace};
