//! Why something cannot be said of an operation.

use serde::{Deserialize, Serialize};

use crate::audit::ReviewObstacle;

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
