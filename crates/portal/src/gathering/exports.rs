//! Exports: each is an entry before its first byte leaves, and one that repeats another within a minute is counted.

use store::{Action, Draft, PersonId, TeamId};

use super::gatherer::{Gatherer, Group, MOST_EXPORTS, Who};
use crate::{Error, Result};

/// The exports of one person.
pub struct Exports<'a> {
    pub gatherer: &'a Gatherer,
    pub person: PersonId,
}

impl Exports<'_> {
    fn group(&self, action: Action, team: Option<TeamId>) -> Group {
        Group { who: Who::Person(self.person), action, team }
    }

    /// Whether an equal export has its entry and was less than a minute ago. It is counted then. Otherwise this one
    /// needs an entry.
    ///
    /// # Errors
    /// `TooMany` after too many different ones.
    pub fn admit(&self, action: Action, team: Option<TeamId>, draft: &Draft) -> Result<bool> {
        if self.gatherer.repeats(self.group(action, team), draft) {
            return Ok(true);
        }
        self.admit_new(action, team)
    }

    /// The same for one that needs an entry in any case: always `false`.
    ///
    /// # Errors
    /// `TooMany` after too many.
    pub fn admit_new(&self, action: Action, team: Option<TeamId>) -> Result<bool> {
        let is_fine = self.gatherer.in_this_minute(self.group(action, team)) < MOST_EXPORTS;
        if is_fine { Ok(false) } else { Err(Error::TooMany { seconds: 60 }) }
    }

    /// Notes that the export's entry is committed.
    pub fn wrote(&self, action: Action, team: Option<TeamId>, draft: &Draft) {
        self.gatherer.wrote(self.group(action, team), draft);
    }
}
