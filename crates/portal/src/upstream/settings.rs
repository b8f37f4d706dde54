//! How Workato is called.

use std::time::Duration;

use workato::Limits;

/// How long a page waits for Workato if there is an older answer to show.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How Workato is called.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// The time limit of a whole call.
    pub timeout: Duration,
    /// The time limit for opening a connection.
    pub connect_timeout: Duration,
    /// The longest time that a call waits in the queue. A call that would wait longer is refused at once.
    pub longest_wait: Duration,
    /// How long nothing is sent after Workato was found to be down. Then a read tries again.
    pub pause_when_down: Duration,
    /// How long a page waits for Workato if there is an older answer to show.
    pub patience: Duration,
    /// The limit of each class of calls.
    pub limits: Limits,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(45),
            connect_timeout: Duration::from_secs(5),
            longest_wait: Duration::from_secs(20),
            pause_when_down: Duration::from_secs(10),
            patience: PATIENCE,
            limits: Limits::documented(),
        }
    }
}
