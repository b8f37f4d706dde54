//! An answer of Workato, when it was read, and why a page shows an older one.

use std::{ops::Deref, sync::Arc, time::Duration};

use time::OffsetDateTime;
use workato::ReadError;

/// An answer of Workato.
#[derive(Clone, Debug)]
pub struct Snapshot<T> {
    /// The answer.
    pub items: T,
    /// When the call began. What happened before is in the answer.
    pub began_at: OffsetDateTime,
    /// When the answer was complete.
    pub read_at: OffsetDateTime,
    /// How long the call waited in the queue.
    pub waited: Duration,
}

/// An answer that a page shows, and why it is not a newer one.
#[derive(Clone, Debug)]
pub struct Shown<T> {
    /// The answer: one copy that everybody shares.
    pub snapshot: Arc<Snapshot<T>>,
    /// Why it is an old one.
    pub stale: Option<Stale>,
}

impl<T> Shown<T> {
    pub(crate) fn current(snapshot: Arc<Snapshot<T>>) -> Self {
        Self { snapshot, stale: None }
    }
}

impl<T> Deref for Shown<T> {
    type Target = Snapshot<T>;

    fn deref(&self) -> &Snapshot<T> {
        &self.snapshot
    }
}

/// Why an older copy is shown.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Why there is no newer answer.
    pub why: WhyStale,
    /// When the portal sent a change, if that was after the copy was read. The copy does not show its effect.
    pub changed_at: Option<OffsetDateTime>,
}

/// Why there is no newer answer.
#[derive(Clone, Debug)]
pub enum WhyStale {
    /// The call failed in a way that says nothing about what was asked for.
    Failed(Arc<ReadError>),
    /// Workato has not answered yet. The call continues, so that a later page has the answer.
    NotYet,
    /// The part of the workspace's limit that pages may use is used up, so nothing was sent. The time until the next
    /// such call is possible.
    LimitUsedUp(Duration),
    /// The person opens pages faster than Workato is asked for one person.
    TooFast,
}
