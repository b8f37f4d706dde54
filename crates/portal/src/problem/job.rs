//! Why a job cannot be tried, started, paused or resumed.

use serde::{Deserialize, Serialize};

/// Why a job cannot be tried, started, paused or resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum JobProblem {
    /// No row is selected, or nothing matches the filter.
    NothingSelected,
    /// More items than a job may have.
    TooManyItems {
        /// The most items.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// No act is chosen.
    ChooseAct,
    /// No folder is chosen.
    ChooseFolder,
    /// Every item is taken out, or would be refused.
    NothingLeft,
    /// Another number was typed than the job has items.
    TypeCount {
        /// How many items the job has.
        expected: usize,
    },
    /// The items are no longer those that the page showed.
    ItemsChanged,
    /// The job is in another state by now.
    OtherState,
    /// Who made the job is no longer an operator of the team.
    CreatorLeft,
}
