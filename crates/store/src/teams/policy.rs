//! Which of a team's changes need a second person.

use std::collections::BTreeSet;

use crate::{StoreError, values::parsed, words};

words! {
    /// A kind of change that can need a second person. Changes that can carry credentials are not among them: a request
    /// waits in the log, and no credentials may.
    pub enum Guarded {
        /// Sharing a newer version of a connector, or the first.
        Share => "share",
        /// Sharing an older version of a connector than the one that is shared.
        RollBack => "roll_back",
        /// Removing a connector's share.
        Suppress => "suppress",
        /// Disconnecting a connection.
        Disconnect => "disconnect",
        /// Deleting a connection.
        Delete => "delete",
    }
}

/// Which of a team's changes need a second person, and whether operators may act without one in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The changes that need a second person.
    pub guarded: BTreeSet<Guarded>,
    /// Jobs over more items than this need a second person; `None` if jobs do not.
    pub items: Option<u32>,
    /// Whether operators may act at once all the same. Everybody responsible is then notified.
    pub break_glass: bool,
}

impl Policy {
    /// The policy of a new team: a production team needs a second person to suppress and to delete.
    #[must_use]
    pub fn of_new_team(production: bool) -> Self {
        let guarded = if production { BTreeSet::from([Guarded::Suppress, Guarded::Delete]) } else { BTreeSet::new() };
        Self { guarded, items: None, break_glass: true }
    }

    /// The words of what needs a second person, separated by spaces.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.guarded.iter().map(|guarded| guarded.as_str()).collect();
        words.join(" ")
    }

    /// The policy as it is stored.
    pub(super) fn stored(words: &str, items: Option<i64>, break_glass: bool) -> Result<Self, StoreError> {
        let guarded = words.split_whitespace().map(|word| parsed("approval policy", word)).collect::<Result<_, _>>()?;
        let items =
            items.map(u32::try_from).transpose().map_err(|error| StoreError::damaged("approval policy", error))?;
        Ok(Self { guarded, items, break_glass })
    }
}
