//! The HTTP client. This file only declares its parts.

mod base_url;
mod breaker;
mod changes;
#[expect(clippy::module_inception, reason = "this module only declares its parts, and the client is one of them")]
mod client;
mod credentials;
mod error;
mod get;
mod limiter;
mod limits;
mod metrics;
mod options;
mod pages;
mod parse;
mod reads;
mod retry_after;
mod send;
mod standing;
mod tls;
mod transport;
mod turns;
mod verdict;
mod words;

pub use base_url::{BaseUrl, BaseUrlError, is_loopback};
pub use client::Client;
pub use credentials::{Credentials, CredentialsError};
pub use error::ReadError;
pub use limiter::{Permit, QueueFull, wait_in_seconds};
pub use limits::{Limit, Limits};
pub use options::{ClientError, ClientOptions};
pub use standing::Denial;
pub use tls::tls_config;
