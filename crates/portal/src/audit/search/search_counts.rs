//! Recent counts of saved searches, for each reader.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::future::Cache;
use store::{PersonId, PortalRole, SavedSearchId, TeamId};

use super::count::Count;

/// How old a count may be while it is being refreshed.
const STALE: Duration = Duration::from_secs(60);

/// How many operations a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// This many.
    Operations(Count),
    /// Counting takes longer than [`PATIENCE`].
    NotCounted,
    /// It cannot be run: what it names no longer exists, or the actor may not see it.
    CannotBeAsked,
}

/// For whom searches were counted, and how many searches. Another role or team gives another count.
pub(super) type Key = (PersonId, PortalRole, Vec<TeamId>, Option<u32>);

/// Recent counts, for each reader.
pub(crate) struct SearchCounts(pub(super) Cache<Key, Arc<Counts>>);

pub(super) struct Counts {
    pub(super) begun: Instant,
    pub(super) finds: HashMap<SavedSearchId, Finds>,
}

impl Default for SearchCounts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(STALE).build())
    }
}
