//! What a client is made from, and why one could not be made.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::base_url::BaseUrl;
use super::limits::Limits;
use super::shared_limits::SharedLimits;

/// What a [`Client`](super::Client) is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The root of the workspace's API.
    pub base_url: BaseUrl,
    /// The workspace's API token. It is sent to `base_url` only and never shown.
    pub token: SecretString,
    /// Time limit for connecting, including name lookup and TLS. Default: 5 s.
    pub connect_timeout: Duration,
    /// Time limit for a whole call, from leaving the queue to the last byte of the answer. Default: 45 s, because
    /// Workato gives up after 40 s (Workato API reference, Timeouts).
    pub timeout: Duration,
    /// Rate limits by class. Default: the figures that Workato documents.
    pub limits: Limits,
    /// Counts the calls of all processes that use the workspace. Default: none, and this client keeps the limits alone.
    pub shared_limits: Option<Arc<dyn SharedLimits>>,
    /// Longest wait in the queue. A call that would wait longer is refused at once. Default: 20 s.
    pub longest_wait: Duration,
    /// How long the breaker stays open before a read may probe Workato. Doubles after each failed probe, up to one
    /// minute. Default: 10 s.
    pub pause_when_down: Duration,
    /// Longest answer that is read, in bytes after decompression. Default: 64 MiB.
    pub longest_answer: usize,
}

impl ClientOptions {
    /// Options for this workspace, with defaults for the rest.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: SecretString) -> Self {
        Self {
            base_url,
            token,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(45),
            limits: Limits::documented(),
            shared_limits: None,
            longest_wait: Duration::from_secs(20),
            pause_when_down: Duration::from_secs(10),
            longest_answer: 64 * 1024 * 1024,
        }
    }
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The token is empty or contains spaces, line breaks or non-ASCII characters.
    #[error("the token is empty or holds spaces or line breaks; paste it again")]
    Token,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
}
