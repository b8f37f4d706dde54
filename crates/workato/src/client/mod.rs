//! The client: one workspace's token, its limits, and the two kinds of call, reads and changes.
//! It keeps nothing it has read; sharing and keeping answers is its user's business.

mod base_url;
mod breaker;
mod changes;
mod credentials;
mod error;
mod get;
mod limiter;
mod limits;
mod pages;
mod reads;
mod retry_after;
mod send;
mod standing;
mod tls;
mod transport;
mod turns;
mod verdict;
mod words;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use secrecy::SecretString;

pub use base_url::{BaseUrl, BaseUrlError, is_loopback};
pub use credentials::{Credentials, CredentialsError};
pub use error::ReadError;
pub use limiter::{Permit, QueueFull, wait_in_seconds};
pub use limits::{Limit, Limits};
pub use standing::Denial;
pub use tls::tls_config;

use breaker::Breaker;
use limiter::{Caller, Limiters};
use standing::Standing;
use transport::Transport;
use turns::Waited;

/// What a [`Client`] is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Where Workato is.
    pub base_url: BaseUrl,
    /// The workspace's API token. Sent to `base_url` alone, never shown.
    pub token: SecretString,
    /// How long a connection may take to come up, name and TLS included. 5 s by default.
    pub connect_timeout: Duration,
    /// How long a whole call may take, from its turn in the queue to the last byte of the answer. 45 s by default:
    /// Workato itself gives up after 40 s.
    pub timeout: Duration,
    /// How many calls of each class there may be. Workato's documented figures by default.
    pub limits: Limits,
    /// The longest wait for a turn; a call that would wait longer is refused at once. 20 s by default.
    pub longest_wait: Duration,
    /// How long nothing is sent once Workato is plainly down, until a read asks again. 10 s by default; twice as long
    /// after each such read that has no answer, either, up to a minute.
    pub pause_when_down: Duration,
    /// The longest answer, in bytes after decompression. 64 MiB by default.
    pub longest_answer: usize,
}

impl ClientOptions {
    /// The defaults, for this workspace.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: SecretString) -> Self {
        Self {
            base_url,
            token,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(45),
            limits: Limits::documented(),
            longest_wait: Duration::from_secs(20),
            pause_when_down: Duration::from_secs(10),
            longest_answer: 64 * 1024 * 1024,
        }
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The token is empty, or holds a space, a line break or another character that no token has.
    #[error("the token is empty or holds spaces or line breaks; paste it again")]
    Token,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
}

/// A client for one workspace. Cheap to clone; clones share the limits.
///
/// Workato's limits belong to the workspace, so there should be one client for each token, not one for each person:
/// [`on_behalf_of`](Self::on_behalf_of) and [`in_background`](Self::in_background) say for whom a clone calls.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    caller: Caller,
    waited: Waited,
}

struct Inner {
    transport: Transport,
    limiters: Limiters,
    breaker: Breaker,
    standing: Standing,
    /// Whether this workspace shares connectors by the other spelling of the path, as the last share has shown.
    shares_by_other_path: AtomicBool,
}

impl Client {
    /// Makes a client. Calls nobody yet.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let limiters = Limiters::new(&options.limits, options.longest_wait);
        let breaker = Breaker::new(options.pause_when_down);
        let transport = Transport::new(options)?;
        let inner = Inner {
            transport,
            limiters,
            breaker,
            standing: Standing::default(),
            shares_by_other_path: AtomicBool::new(false),
        };
        Ok(Self { inner: Arc::new(inner), caller: Caller::Person("".into()), waited: Waited::default() })
    }

    /// Where this client's Workato is.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.inner.transport.base_url()
    }

    /// How long a call may take from its turn on; after that its answer is no longer waited for.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.inner.transport.timeout()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", self.base_url()).finish_non_exhaustive()
    }
}
