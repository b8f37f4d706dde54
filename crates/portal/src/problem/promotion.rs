//! Why a connector cannot be paired, promoted, or released.

use serde::{Deserialize, Serialize};

/// Why a connector cannot be paired, promoted, or released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PromotionProblem {
    /// Somebody wrote another draft since.
    DraftChanged,
    /// Workato does not say which code the draft has.
    DraftUnknown,
    /// Both teams are the same.
    SameTeam,
    /// The two teams have the same Workato workspace.
    SameWorkspace,
    /// Workato has no connector with this id in the other team.
    NoCounterpart,
    /// The connector has no counterpart in the other team yet.
    NotPaired,
    /// No version of the connector is released.
    NothingReleased,
    /// The portal cannot read the version's code.
    CodeUnknown,
    /// The version or its code is no longer what the form showed.
    CodeChanged,
    /// The same connector is being promoted to the same team.
    AlreadyRunning,
    /// The promotion has ended, or its next step waits for somebody.
    NothingToResume,
}
