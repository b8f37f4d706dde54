//! Recent counts of the views of the audit log, for each reader.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::future::Cache;
use store::{PersonId, PortalRole, SavedViewId, TeamId};
use time::OffsetDateTime;

use crate::audit::Count;

/// How old a count may be while it is being refreshed.
const STALE: Duration = Duration::from_secs(60);

/// How much a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// This many operations.
    Operations(Count),
    /// This many rows of a team's list.
    Rows {
        /// How many.
        count: usize,
        /// When the list was read.
        read_at: OffsetDateTime,
    },
    /// Not known: counting takes too long, or the list was not read lately.
    NotCounted,
    /// It cannot be shown: what it names no longer exists, or the actor may not see it.
    CannotBeAsked,
}

/// For whom views were counted, and how many views. Another role or team gives another count.
pub(super) type Key = (PersonId, PortalRole, Vec<TeamId>, Option<u32>);

/// Recent counts, for each reader.
pub(crate) struct SavedViewCounts(pub(super) Cache<Key, Arc<Counts>>);

pub(super) struct Counts {
    pub(super) begun: Instant,
    pub(super) finds: HashMap<SavedViewId, Finds>,
}

impl Default for SavedViewCounts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(STALE).build())
    }
}
