//! This instance, and the leases that it holds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::{Fence, Lease, StoreError};
use tokio::time::Instant;
use uuid::Uuid;

store::words! {
    /// Work that one instance does for all.
    pub enum Work {
        /// Settling operations whose outcome is not known.
        Settle => "settle",
        /// Letting requests expire.
        Requests => "requests",
        /// Carrying out jobs.
        Jobs => "jobs",
        /// Comparing teams' workspaces with the log.
        Watch => "watch",
        /// Keeping connectors' code.
        Code => "code",
        /// Checking promotions.
        Promotions => "promotions",
        /// Signing checkpoints.
        Sign => "sign",
        /// Delivering checkpoints.
        Deliver => "deliver",
        /// Removing what is older than entries are kept.
        Retention => "retention",
    }
}

/// Which work this instance does.
#[derive(Debug)]
pub(crate) struct Instance {
    /// This instance. A new one for each start: what an earlier process began is not continued under its leases.
    pub(super) id: Arc<str>,
    /// Whether other instances may serve the same database.
    pub(super) has_others: bool,
    held: Mutex<Held>,
}

#[derive(Debug)]
pub(super) struct Held {
    pub leases: Vec<Lease>,
    /// Until when they certainly last, by a clock that nobody sets.
    pub until: Instant,
    /// By how much this machine's clock differs from the database's, if that is too much.
    pub skew: Option<time::Duration>,
}

impl Instance {
    pub fn new(has_others: bool) -> Self {
        let held = Held { leases: Vec::new(), until: Instant::now(), skew: None };
        Self { id: Uuid::new_v4().simple().to_string().into(), has_others, held: Mutex::new(held) }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this instance does this work now.
    pub fn does(&self, work: Work) -> bool {
        !self.has_others || self.fence(work).is_some()
    }

    pub(super) fn fence(&self, work: Work) -> Option<Fence> {
        let held = self.held();
        let lease = held.leases.iter().find(|lease| lease.name == work.as_str())?;
        (Instant::now() < held.until).then(|| Fence::new(&self.id, lease.clone()))
    }

    /// Checks that this machine's clock is near enough to the database's for deadlines that all instances understand.
    ///
    /// # Errors
    /// [`StoreError::ClockDiffers`].
    pub fn check_clock(&self) -> Result<(), StoreError> {
        match self.held().skew {
            Some(by) => Err(StoreError::ClockDiffers { seconds: by.as_seconds_f64() }),
            None => Ok(()),
        }
    }
}
