//! Why a change cannot be requested, approved, declined or made at once.

use serde::{Deserialize, Serialize};

/// Why somebody cannot approve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalObstacle {
    /// It is their own.
    OwnRequest,
    /// Who asked chose their password or gave them their role in the last 30 days.
    ApproverNotIndependent,
    /// They chose the password of who asked in the 30 days before.
    RequesterNotIndependent,
}

/// Why a change cannot be requested, approved, declined or made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ApprovalProblem {
    /// The person cannot approve it.
    NotApprovable {
        /// Why.
        obstacle: ApprovalObstacle,
    },
    /// Somebody declined it, or it was withdrawn.
    RequestClosed,
    /// Nobody approved it in time.
    RequestExpired,
    /// What it would change is no longer as it was.
    RequestStale,
    /// More customers or running recipes use the target than when somebody asked.
    ImpactGrown,
    /// Who asked may no longer make this change.
    RequesterLeft,
    /// Workato cannot say how the target is now, so nobody could see what would change.
    StateUnknown,
    /// The same person already asks for the same change.
    AlreadyRequested,
    /// The person has as many requests that wait as one may have in a team.
    TooManyRequests {
        /// The most that may wait.
        most: usize,
    },
    /// Declining takes a note.
    DeclineNoteMissing,
    /// The team's policy was changed while the change was sent.
    PolicyChanged,
    /// The team's policy allows nobody to act at once.
    BreakGlassOff,
    /// A reason with fewer characters than acting at once takes.
    BreakGlassReason {
        /// The least characters.
        least: usize,
    },
}
