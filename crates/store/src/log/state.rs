//! Where an operation stands, derived from its newest entry.

use super::action::{Outcome, Stage};
use crate::words;

words! {
    /// Where an operation stands.
    pub enum State {
        /// Sent, or about to be; no outcome yet.
        Open => "open",
        /// Its outcome is unknown; a read of Workato may still tell.
        Unsettled => "unsettled",
        /// No read could tell; a person has to.
        Waiting => "waiting",
        /// Ended.
        Closed => "closed",
    }
}

impl State {
    /// Where an operation stands after an entry of this stage and outcome.
    #[must_use]
    pub fn after(stage: Stage, outcome: Option<Outcome>) -> Self {
        match (stage, outcome) {
            (Stage::Intent, _) => Self::Open,
            (Stage::Outcome, Some(Outcome::Unknown)) => Self::Unsettled,
            (Stage::Waiting, _) => Self::Waiting,
            (Stage::Outcome | Stage::Settled | Stage::Recorded | Stage::Observed | Stage::Denied, _) => Self::Closed,
        }
    }
}
