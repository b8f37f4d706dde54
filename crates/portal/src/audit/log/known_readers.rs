//! Whose log somebody reads, and which sessions have their entry about it.

use std::time::Duration;

use moka::sync::Cache;
use store::{OperationSummary, TeamId};

/// Whose log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogOf {
    /// The log of one team.
    Team(TeamId),
    /// The log of all teams.
    EveryTeam,
}

/// Sessions that have their entry already.
pub(crate) struct KnownReaders(Cache<(String, LogOf), ()>);

impl Default for KnownReaders {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(12 * 3_600)).build())
    }
}

impl LogOf {
    /// The log that an operation belongs to; `None` if it belongs to no team.
    #[must_use]
    pub fn operation(operation: &OperationSummary) -> Option<Self> {
        operation.team_id.map(Self::Team)
    }
}

impl KnownReaders {
    pub fn contains(&self, session: &str, whose: LogOf) -> bool {
        self.0.contains_key(&(session.to_owned(), whose))
    }

    pub fn add(&self, session: String, whose: LogOf) {
        self.0.insert((session, whose), ());
    }
}
