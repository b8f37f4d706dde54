//! The client of one workspace: its token, its limits, its breaker. The calls are in `reads`, `pages` and `changes`.
//! It caches nothing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use super::base_url::BaseUrl;
use super::breaker::Breaker;
use super::denial::RecentSuccesses;
use super::limiter::{Caller, Limiters, Purpose};
use super::limits::Limits;
use super::metrics;
use super::options::{ClientError, ClientOptions};
use super::shared_limits::SharedLimits;
use super::transport::Transport;

/// A client for one workspace. Cheap to clone; clones share the limits.
///
/// Workato's limits apply to the workspace. Make one client per token, not one per person, and use
/// [`on_behalf_of`](Self::on_behalf_of) and [`in_background`](Self::in_background) to say whom a clone calls for.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
    pub(super) caller: Caller,
    /// Milliseconds that calls have waited in the queue.
    pub(super) waited: Arc<AtomicU64>,
}

pub(super) struct Inner {
    pub(super) transport: Transport,
    pub(super) limiters: Limiters,
    pub(super) limits: Limits,
    pub(super) shared_limits: Option<Arc<dyn SharedLimits>>,
    pub(super) breaker: Breaker,
    pub(super) successes: RecentSuccesses,
    /// Whether the last share succeeded with the second spelling of the path.
    pub(super) uses_second_share_path: AtomicBool,
}

impl Client {
    /// Makes a client. Sends nothing yet.
    ///
    /// # Errors
    /// [`ClientError::Token`] if the token cannot be one, [`ClientError::Tls`] and [`ClientError::Http`] if rustls or
    /// reqwest cannot be set up.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        metrics::describe();
        let limiters = Limiters::new(&options.limits, options.longest_wait);
        let (limits, shared_limits) = (options.limits.clone(), options.shared_limits.clone());
        let breaker = Breaker::new(options.pause_when_down);
        let transport = Transport::new(options)?;
        let inner = Inner {
            transport,
            limiters,
            limits,
            shared_limits,
            breaker,
            successes: RecentSuccesses::default(),
            uses_second_share_path: AtomicBool::new(false),
        };
        Ok(Self { inner: Arc::new(inner), caller: Caller::Person("".into(), Purpose::Read), waited: Arc::default() })
    }

    /// The root of the workspace's API.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.inner.transport.base_url()
    }

    /// How far Workato's clock is ahead of this machine's, to about a second, as the last answer with a date has shown.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<time::Duration> {
        self.inner.transport.clock().ahead()
    }

    /// The time limit for a whole call once it has left the queue.
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
