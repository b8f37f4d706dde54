//! Why something cannot be said of an operation.

use serde::{Deserialize, Serialize};

/// Why somebody cannot mark an operation reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewObstacle {
    /// It changed nothing, so there is nothing to review.
    NothingToReview,
    /// The reviewer did it, or settled it.
    OwnOperation,
    /// A flag on it waits for an answer.
    FlagWaits,
    /// The reviewer answered the flag on it.
    OwnAnswer,
    /// It has no certain outcome yet.
    NotEnded,
    /// Who did, settled or answered for it chose the reviewer's password or gave the reviewer's role in the last 30 days.
    ReviewerNotIndependent,
    /// The reviewer chose the actor's password in the 30 days before.
    ActorNotIndependent,
}

/// Why an operation cannot be reviewed or flagged, or a flag not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ReviewProblem {
    /// The person cannot review it.
    NotReviewable {
        /// Why.
        obstacle: ReviewObstacle,
    },
    /// A flag without a note.
    FlagNoteMissing,
    /// The operation changed nothing.
    NothingToFlag,
    /// An answer without words.
    FlagAnswerMissing,
    /// No flag waits for an answer.
    NoFlagWaits,
}
