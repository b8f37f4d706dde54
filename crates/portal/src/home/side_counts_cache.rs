//! Recent counts of what needs attention, so that not every page counts again.

use std::time::Duration;

use moka::{future, sync};
use store::{PersonId, PortalRole, TeamRole};
use time::OffsetDateTime;

use crate::TeamId;

/// For how long a count of the log is used while the log stays the same. What is waited for may end without an entry.
const FRESH: Duration = Duration::from_secs(10);

/// For whom, and up to which entry, the log was counted.
type Key = (PersonId, PortalRole, Vec<(TeamId, Option<TeamRole>)>, i64);
/// Which lists of a team were counted: when each was read.
type ListsKey = (TeamId, OffsetDateTime, OffsetDateTime);

/// Recent counts.
pub(crate) struct SideCountsCache {
    pub(super) of_log: future::Cache<Key, InLog>,
    pub(super) of_lists: sync::Cache<ListsKey, usize>,
}

/// What the log has that needs somebody's attention.
#[derive(Clone, Copy, Debug)]
pub(super) struct InLog {
    pub all: usize,
    /// The flags among it.
    pub flags: usize,
    pub has_more: bool,
}

impl Default for SideCountsCache {
    fn default() -> Self {
        Self {
            of_log: future::Cache::builder().max_capacity(10_000).time_to_live(FRESH).build(),
            of_lists: sync::Cache::builder().max_capacity(1_000).build(),
        }
    }
}
