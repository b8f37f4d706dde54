//! Counting the client's calls in the limits that several processes keep together.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::client::Client;
use super::limiter::{Caller, Permit};
use super::queue_full::QueueFull;
use super::shared_limits::NotCounted;
use crate::Class;

/// A call is sent within this time after it was counted, or counted once more: sent later, it could be in one window with
/// calls that were counted in the next.
const PROMPT: Duration = Duration::from_millis(100);
/// The shortest wait between two questions.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);
/// The wait that a person is told while calls cannot be counted.
const UNCOUNTED: Duration = Duration::from_secs(5);

impl Client {
    /// Counts the call of a permit whose turn it is in the limit that this process shares with others, if it does: for a
    /// caller that sends it at once, or not at all.
    ///
    /// # Errors
    /// [`QueueFull`] if there is no room for it now.
    pub async fn count_ahead(&self, permit: &mut Permit) -> Result<(), QueueFull> {
        self.take_shared(permit.class(), Instant::now(), None).await?;
        permit.counted_at = Some(Instant::now());
        Ok(())
    }

    /// Waits for room in the limit that this process shares with others, if it does, but not beyond `until`. Returns how
    /// long that took.
    pub(super) async fn take_shared(
        &self,
        class: Class,
        until: Instant,
        counted_at: Option<Instant>,
    ) -> Result<Duration, QueueFull> {
        let begun = Instant::now();
        if counted_at.is_some_and(|at| at.elapsed() <= PROMPT) {
            return Ok(Duration::ZERO);
        }
        let Some((shared, limit)) = self.inner.shared_limits.as_ref().zip(self.inner.limits.of(class)) else {
            return Ok(Duration::ZERO);
        };
        loop {
            let asked = Instant::now();
            let taken = shared.take(class, limit, self.caller != Caller::Background).await;
            let wait = taken.map_err(|NotCounted| QueueFull { wait: UNCOUNTED })?;
            if wait.is_zero() && asked.elapsed() <= PROMPT {
                return Ok(begun.elapsed());
            }
            let wait = wait.max(SHORTEST_WAIT);
            if Instant::now() + wait > until {
                return Err(QueueFull { wait });
            }
            sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::limits::Limit;
    use super::super::shared_limits::{Counting, SharedLimits};
    use super::*;
    use crate::{ClientOptions, Limits};

    /// Has room after some refusals, takes some time to count, or cannot count.
    #[derive(Debug, Default)]
    struct Counter {
        refusals: usize,
        slow: usize,
        is_broken: bool,
        asked: AtomicUsize,
    }

    impl SharedLimits for Counter {
        fn take(&self, _: Class, limit: Limit, for_a_person: bool) -> Counting<'_> {
            assert_eq!((limit, for_a_person), (Limit::per_minute(60), true));
            Box::pin(async move {
                let asked = self.asked.fetch_add(1, Ordering::Relaxed);
                if self.is_broken {
                    return Err(NotCounted);
                }
                if asked < self.slow {
                    sleep(PROMPT * 2).await;
                }
                Ok(if asked < self.refusals { Duration::from_secs(4) } else { Duration::ZERO })
            })
        }
    }

    async fn taken(counter: Counter) -> (Result<Duration, QueueFull>, usize) {
        let counter = Arc::new(counter);
        let client = client_with(&counter);
        let until = Instant::now() + Duration::from_secs(20);
        let took = client.take_shared(Class::Connectors, until, None).await;
        (took, counter.asked.load(Ordering::Relaxed))
    }

    fn client_with(counter: &Arc<Counter>) -> Client {
        let mut options = ClientOptions::new("https://app.example.com".parse().unwrap(), "token".into());
        options.limits = Limits::documented();
        let counter: Arc<dyn SharedLimits> = counter.clone();
        options.shared_limits = Some(counter);
        Client::new(options).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_until_the_limit_of_all_has_room() {
        assert_eq!(taken(Counter::default()).await, (Ok(Duration::ZERO), 1));
        assert_eq!(taken(Counter { refusals: 3, ..Counter::default() }).await, (Ok(Duration::from_secs(12)), 4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_not_sent_that_would_wait_too_long_or_cannot_be_counted() {
        let full = taken(Counter { refusals: 100, ..Counter::default() }).await;
        assert_eq!(full, (Err(QueueFull { wait: Duration::from_secs(4) }), 6));
        let broken = taken(Counter { is_broken: true, ..Counter::default() }).await;
        assert_eq!(broken, (Err(QueueFull { wait: UNCOUNTED }), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_counted_ahead_is_not_counted_again_unless_it_is_late() {
        for (after, asked) in [(Duration::ZERO, 1), (PROMPT * 2, 2)] {
            let counter = Arc::new(Counter::default());
            let client = client_with(&counter);
            let mut permit = client.reserve(Class::Connectors).unwrap();
            client.count_ahead(&mut permit).await.unwrap();
            sleep(after).await;
            client.consume(permit).await.unwrap();
            assert_eq!(counter.asked.load(Ordering::Relaxed), asked);
        }
        let full = client_with(&Arc::new(Counter { refusals: 1, ..Counter::default() }));
        let mut permit = full.reserve(Class::Connectors).unwrap();
        let refused = full.count_ahead(&mut permit).await;
        assert_eq!(refused, Err(QueueFull { wait: Duration::from_secs(4) }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_counted_too_long_ago_is_counted_once_more() {
        let (took, asked) = taken(Counter { slow: 2, ..Counter::default() }).await;
        assert!(took.is_ok());
        assert_eq!(asked, 3);
    }
}
