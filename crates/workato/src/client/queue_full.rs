//! The refusal of a call that would wait too long in the queue.

use std::time::Duration;

/// The call would wait longer than [`ClientOptions::longest_wait`](super::ClientOptions). Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue for Workato is too long: the next turn comes in {} s", wait_in_seconds(*.wait))]
pub struct QueueFull {
    /// How long the call would have waited.
    pub wait: Duration,
}

/// A wait in whole seconds, rounded up, so that someone who waits this long does not come back too early.
#[must_use]
pub fn wait_in_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
