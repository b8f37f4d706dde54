//! How slowly a client may send or read. Waiting for it uses up credit, and each byte earns some back.

use std::time::Duration;

use tokio::time::Instant;

/// The slowest rate at which a client may send or read for long, in bytes a second.
const SLOWEST: u64 = 4 * 1024;

/// The patience that is left with a client.
#[derive(Debug)]
pub struct Pace {
    most: Duration,
    left: Duration,
    waiting_since: Option<Instant>,
}

impl Pace {
    /// The client may keep the portal waiting for this long, and for longer only if it sends or reads fast enough.
    pub fn new(most: Duration) -> Self {
        Self { most, left: most, waiting_since: None }
    }

    /// The portal waits for the client. Returns until when.
    pub fn wait(&mut self, now: Instant) -> Instant {
        *self.waiting_since.get_or_insert(now) + self.left
    }

    /// The client has sent or read this many bytes.
    pub fn progress(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.waiting_since.take() {
            self.left = self.left.saturating_sub(now - since);
        }
        let earned = Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / SLOWEST);
        self.left = (self.left + earned).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Pace, SLOWEST};

    const SECOND: Duration = Duration::from_secs(1);

    impl Pace {
        fn is_over(&mut self, now: Instant) -> bool {
            self.wait(now) <= now
        }
    }

    #[test]
    fn a_client_that_does_nothing_is_waited_for_until_its_credit_is_used_up() {
        let (mut pace, begun) = (Pace::new(10 * SECOND), Instant::now());
        assert_eq!(pace.wait(begun), begun + 10 * SECOND);
        assert_eq!(pace.wait(begun + 3 * SECOND), begun + 10 * SECOND, "it is the same wait");
        assert!(!pace.is_over(begun + 9 * SECOND));
        assert!(pace.is_over(begun + 10 * SECOND));
    }

    #[test]
    fn a_byte_now_and_then_does_not_help() {
        let (mut pace, begun) = (Pace::new(10 * SECOND), Instant::now());
        let gives_up = (0..100_u32).find(|second| {
            let now = begun + *second * SECOND;
            let is_over = pace.is_over(now);
            pace.progress(1, now);
            pace.wait(now);
            is_over
        });
        assert!(matches!(gives_up, Some(10..=11)), "{gives_up:?}");
    }

    #[test]
    fn a_client_that_keeps_the_slowest_rate_may_go_on_and_saves_nothing_up() {
        let (mut pace, begun) = (Pace::new(10 * SECOND), Instant::now());
        for second in 0..1_000_u32 {
            let now = begun + second * SECOND;
            assert!(!pace.is_over(now), "after {second} s");
            pace.progress(SLOWEST as usize, now);
            pace.wait(now);
        }
        let now = begun + 1_000 * SECOND;
        pace.progress(1 << 30, now);
        assert_eq!(pace.wait(now), now + 10 * SECOND);
    }

    #[test]
    fn time_in_which_the_portal_works_does_not_count() {
        let (mut pace, begun) = (Pace::new(10 * SECOND), Instant::now());
        pace.wait(begun);
        pace.progress(1, begun + 4 * SECOND);
        let later = begun + 600 * SECOND;
        assert!(pace.wait(later) - later > 5 * SECOND);
    }
}
