//! How long sessions last.

use std::time::Duration;

use store::Alive;
use time::OffsetDateTime;

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// How long a session lasts without being used.
    pub idle: Duration,
    /// How long a session lasts, however much it is used.
    pub length: Duration,
    /// How long a session lasts whose person wants to stay signed in, used or not. With zero nobody can.
    pub kept: Duration,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 60), length: Duration::from_secs(12 * 60 * 60), kept: Duration::ZERO }
    }
}

impl SessionSettings {
    /// Whether people can choose to stay signed in when the browser is closed.
    #[must_use]
    pub const fn offers_keeping(&self) -> bool {
        !self.kept.is_zero()
    }

    /// The longest that a session can last.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.length.max(self.kept)
    }

    pub(super) fn alive(&self, now: OffsetDateTime) -> Alive {
        Alive { now, used_after: now - self.idle, begun_after: now - self.length, kept_begun_after: now - self.kept }
    }
}
