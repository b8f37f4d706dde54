//! For whom a client calls, and its turns in the queues. Who gets which turn is the limiter's matter.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::client::Client;
use super::limiter::{Caller, Permit, QueueFull};
use super::metrics;
use crate::{Call, Class};

impl Client {
    /// The same client, calling for the person with this key: any text that tells people apart. Where calls have to
    /// wait, each person gets one turn after the other, whoever made more calls. A client that was not told for whom
    /// it calls does so for one nameless person.
    #[must_use]
    pub fn on_behalf_of(&self, person: impl Into<Arc<str>>) -> Self {
        self.calling_for(Caller::Person(person.into()))
    }

    /// The same client, for work that nobody waits for. Where calls have to wait, people's come first; but while both
    /// wait, one turn in five is the background's, so that it gets done.
    #[must_use]
    pub fn in_background(&self) -> Self {
        self.calling_for(Caller::Background)
    }

    fn calling_for(&self, caller: Caller) -> Self {
        Self { inner: Arc::clone(&self.inner), caller, waited: Arc::default() }
    }

    /// Takes a place in the queue of a class for whom this client calls. Returns at once; the permit tells when its
    /// turn comes. Reads do this for themselves; a change is given a permit, so that its caller can refuse the person
    /// before it writes down an intent.
    ///
    /// # Errors
    /// [`QueueFull`] when the turn would come later than [`ClientOptions::longest_wait`](super::ClientOptions).
    pub fn reserve(&self, class: Class) -> Result<Permit, QueueFull> {
        self.inner.limiters.reserve(class, &self.caller).inspect_err(|_| metrics::refused_by_queue(class))
    }

    /// How long a call of this class would wait for its turn if it were made now for whom this client calls. Takes no
    /// place in the queue; more than [`ClientOptions::longest_wait`](super::ClientOptions) means that it would be
    /// refused.
    #[must_use]
    pub fn expected_wait(&self, class: Class) -> Duration {
        self.inner.limiters.expected_wait(class, &self.caller)
    }

    /// How long the calls of this client and of its clones have waited for their turns until now, all together. The
    /// clients that [`on_behalf_of`](Self::on_behalf_of) and [`in_background`](Self::in_background) give begin anew.
    #[must_use]
    pub fn waited(&self) -> Duration {
        Duration::from_millis(self.waited.load(Ordering::Relaxed))
    }

    /// Waits for the turn and uses it.
    pub(super) async fn spend(&self, permit: Permit) -> Result<(), QueueFull> {
        let class = permit.class();
        let waited = permit.spend().await.inspect_err(|_| metrics::refused_by_queue(class))?;
        metrics::waited_in_queue(class, self.caller.kind(), waited);
        let milliseconds = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.waited.fetch_add(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    /// Takes another turn for a call that was refused or failed, and uses it, unless it would come too late.
    pub(super) async fn turn_until(&self, call: Call, until: Instant) -> bool {
        let Ok(permit) = self.reserve(call.class()) else { return false };
        if Instant::now() + permit.wait() > until {
            return false;
        }
        matches!(timeout_at(until, self.spend(permit)).await, Ok(Ok(())))
    }
}
