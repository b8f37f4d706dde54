//! The client: one workspace's token, its limits, and the two kinds of call, reads and changes.
//! It keeps nothing it has read; sharing and keeping answers is its user's business.

mod base_url;
mod changes;
mod credentials;
mod error;
mod limiter;
mod limits;
mod pages;
mod reads;
mod retry_after;
mod tls;
mod transport;
mod verdict;
mod words;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use secrecy::SecretString;

pub use base_url::{BaseUrl, BaseUrlError};
pub use credentials::{Credentials, CredentialsError};
pub use error::ReadError;
pub use limiter::{Permit, QueueFull};
pub use limits::{Limit, Limits};

use crate::Class;
use limiter::{Caller, Limiters};
use transport::Transport;

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
}

struct Inner {
    transport: Transport,
    limiters: Limiters,
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
        let transport = Transport::new(options)?;
        let shares_by_other_path = AtomicBool::new(false);
        let inner = Arc::new(Inner { transport, limiters, shares_by_other_path });
        Ok(Self { inner, caller: Caller::Person("".into()) })
    }

    /// The same client, calling for the person with this key: any text that tells people apart. Where calls have to
    /// wait, each person gets one turn after the other, whoever made more calls. A client that was not told for whom
    /// it calls does so for one nameless person.
    #[must_use]
    pub fn on_behalf_of(&self, person: impl Into<Arc<str>>) -> Self {
        Self { inner: Arc::clone(&self.inner), caller: Caller::Person(person.into()) }
    }

    /// The same client, for work that nobody waits for. Where calls have to wait, people's come first; but while both
    /// wait, one turn in five is the background's, so that it gets done.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), caller: Caller::Background }
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

    /// Takes a place in the queue of a class for whom this client calls. Returns at once; the permit tells when its
    /// turn comes. Reads do this for themselves; a change is given a permit, so that its caller can refuse the person
    /// before it writes down an intent.
    ///
    /// # Errors
    /// [`QueueFull`] when the turn would come later than [`ClientOptions::longest_wait`].
    pub fn reserve(&self, class: Class) -> Result<Permit, QueueFull> {
        self.inner.limiters.reserve(class, &self.caller)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", self.base_url()).finish_non_exhaustive()
    }
}
