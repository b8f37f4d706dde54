//! Whom a client calls for, and its place in the queues. The order of the queues is decided in `limiter`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::client::Client;
use super::limiter::{Caller, Permit, Purpose};
use super::queue_full::QueueFull;
use super::{metrics, traces};
use crate::{Call, Class};

impl Client {
    /// A client with the same limits that calls for the person with this key; any text that tells people apart. When
    /// calls have to wait, people are served round robin, however many calls each of them makes. A client without a
    /// key calls for one nameless person.
    #[must_use]
    pub fn on_behalf_of(&self, person: impl Into<Arc<str>>) -> Self {
        self.calling_for(Caller::Person(person.into(), Purpose::Read))
    }

    /// The same client, reading the state before a change. Such a read waits no longer than the change itself.
    #[must_use]
    pub fn before_a_change(&self) -> Self {
        self.calling_for(self.caller.with(Purpose::Change))
    }

    /// The same client, reading what there is an older answer for. Such reads use only a part of a limit, so that
    /// changes need not wait for them.
    #[must_use]
    pub fn refreshing(&self) -> Self {
        self.calling_for(self.caller.with(Purpose::Refresh))
    }

    /// A client with the same limits for work that nobody waits for. When calls have to wait, people come first, but
    /// one call in five is background work, so that it progresses.
    #[must_use]
    pub fn in_background(&self) -> Self {
        self.calling_for(Caller::Background)
    }

    fn calling_for(&self, caller: Caller) -> Self {
        Self { inner: Arc::clone(&self.inner), caller, waited: Arc::default() }
    }

    /// Joins the queue of a class. Returns at once; the permit knows its predicted wait. Reads do this themselves. A
    /// change takes a permit, so that its caller can turn the person away before it records an intent.
    ///
    /// # Errors
    /// [`QueueFull`] if the wait would be longer than [`ClientOptions::longest_wait`](super::ClientOptions).
    pub fn reserve(&self, class: Class) -> Result<Permit, QueueFull> {
        self.join(class, &self.caller.with(Purpose::Change))
    }

    /// Joins the queue for this call of the client's.
    pub(super) fn join_for(&self, call: Call) -> Result<Permit, QueueFull> {
        let is_read = call.method() == "GET";
        let caller = if is_read { self.caller.clone() } else { self.caller.with(Purpose::Change) };
        self.join(call.class(), &caller)
    }

    fn join(&self, class: Class, caller: &Caller) -> Result<Permit, QueueFull> {
        self.inner.limiters.reserve(class, caller).inspect_err(|_| metrics::refused_by_queue(class))
    }

    /// The predicted wait of a read of this class if it were made now. Does not join the queue. A call with a wait of
    /// more than [`ClientOptions::longest_wait`](super::ClientOptions) would be refused.
    #[must_use]
    pub fn expected_wait(&self, class: Class) -> Duration {
        self.inner.limiters.expected_wait(class, &self.caller)
    }

    /// The time that calls of this client and its clones have spent in queues. Clients from
    /// [`on_behalf_of`](Self::on_behalf_of) and [`in_background`](Self::in_background) start at zero.
    #[must_use]
    pub fn waited(&self) -> Duration {
        Duration::from_millis(self.waited.load(Ordering::Relaxed))
    }

    /// Waits until the permit may be used, and uses it.
    pub(super) async fn consume(&self, permit: Permit) -> Result<(), QueueFull> {
        let (class, until, counted_at) = (permit.class(), permit.expires_at(), permit.counted_at);
        let waiting = async {
            let waited = permit.consume().await?;
            Ok(waited + self.take_shared(class, until, counted_at).await?)
        };
        let waited = waiting
            .instrument(traces::of_wait(class))
            .await
            .inspect_err(|_: &QueueFull| metrics::refused_by_queue(class))?;
        metrics::waited_in_queue(class, self.caller.kind(), waited);
        let milliseconds = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.waited.fetch_add(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    /// Queues for another try of a call that failed. `false` if its turn would come too late.
    pub(super) async fn queue_again(&self, call: Call, until: Instant) -> bool {
        let Ok(permit) = self.join_for(call) else { return false };
        if Instant::now() + permit.wait() > until {
            return false;
        }
        matches!(timeout_at(until, self.consume(permit)).await, Ok(Ok(())))
    }
}
