//! The standing of an operation with its reviewers, derived from its last review, flag or answer.

use super::action::Action;
use crate::words;

words! {
    /// The standing of an operation that was reviewed or flagged.
    pub enum ReviewStanding {
        /// Somebody other than its actor has reviewed it.
        Reviewed => "reviewed",
        /// A reviewer has flagged it; the flag needs an answer.
        Flagged => "flagged",
        /// The flag is answered; a reviewer has to look again.
        Answered => "answered",
    }
}

impl ReviewStanding {
    /// The standing after this action; `None` if it changes none.
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
