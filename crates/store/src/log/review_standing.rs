//! Review: what auditors and operators say of an operation after it was done. An auditor marks it reviewed or flags it
//! with a note, an operator of its team answers the flag; each is an entry of its own.

use super::action::Action;
use crate::words;

words! {
    /// Where an operation stands with its reviewers, once one of them has said something.
    pub enum ReviewStanding {
        /// Somebody else than its actor has looked at it and found it right.
        Reviewed => "reviewed",
        /// Something about it needs an answer.
        Flagged => "flagged",
        /// The flag has an answer; a reviewer has to look again.
        Answered => "answered",
    }
}

impl ReviewStanding {
    /// Where an operation stands after somebody did this to it.
    #[must_use]
    pub const fn after(action: Action) -> Option<Self> {
        match action {
            Action::OperationReview => Some(Self::Reviewed),
            Action::OperationFlag => Some(Self::Flagged),
            Action::OperationAnswer => Some(Self::Answered),
            _ => None,
        }
    }
}
