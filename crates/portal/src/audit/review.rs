//! Review: what auditors and operators say of an operation after it was done.

#[cfg(feature = "server")]
use super::Entry;

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

/// What was last said of an operation by its reviewers or to them.
#[cfg(feature = "server")]
#[derive(Clone, Debug)]
pub struct Review {
    /// Where it stands since.
    pub standing: ReviewStanding,
    /// The entry that says so; none where retention removed it.
    pub said: Option<Entry>,
}
