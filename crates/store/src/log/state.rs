//! The state of an operation, derived from its newest entry.

use super::action::{Outcome, Stage};
use crate::words;

words! {
    /// The state of an operation.
    pub enum State {
        /// It waits for a second person. Nothing was sent.
        Requested => "requested",
        /// Sent, or about to be sent; no outcome yet.
        Open => "open",
        /// Its outcome is unknown; a read of Workato may still show it.
        Unsettled => "unsettled",
        /// No read could show its outcome; a person has to find out.
        Waiting => "waiting",
        /// Ended.
        Closed => "closed",
    }
}

impl State {
    /// The state after an entry of this stage and outcome.
    #[must_use]
    pub fn after(stage: Stage, outcome: Option<Outcome>) -> Self {
        match (stage, outcome) {
            // The intent follows an approval in the same transaction.
            (Stage::Requested | Stage::Approved, _) => Self::Requested,
            (Stage::Intent, _) => Self::Open,
            (Stage::Outcome, Some(Outcome::Unknown)) => Self::Unsettled,
            (Stage::Waiting, _) => Self::Waiting,
            (Stage::Declined | Stage::Withdrawn | Stage::Expired, _)
            | (Stage::Outcome | Stage::Settled | Stage::Recorded | Stage::Observed | Stage::Denied, _) => Self::Closed,
        }
    }
}
