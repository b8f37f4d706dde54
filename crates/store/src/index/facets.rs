//! The words that operations are filtered by, and the tokens that stand for them in the index.

use crate::{Action, Outcome, TargetType, TeamId, Took, words};

/// The facet of every document.
pub(super) const ALL: &str = "all";
/// The first characters of the tokens of facets and of exact targets: private-use characters, which queries are
/// stripped of.
const FACET: char = '\u{E000}';
const TARGET: char = '\u{E001}';

words! {
    /// The values of the outcome filter.
    pub enum OutcomeFilter {
        /// It was done.
        Succeeded => "succeeded",
        /// Workato refused it.
        Rejected => "rejected",
        /// It did not happen.
        Failed => "failed",
        /// It may or may not have happened.
        Unknown => "unknown",
        /// The person did not have the right.
        Denied => "denied",
        /// It has no outcome yet.
        None => "none",
        /// It may or may not have happened, and a person has to find out.
        Waiting => "waiting",
    }
}

impl From<Option<Outcome>> for OutcomeFilter {
    fn from(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Succeeded) => Self::Succeeded,
            Some(Outcome::Rejected) => Self::Rejected,
            Some(Outcome::Failed) => Self::Failed,
            Some(Outcome::Unknown) => Self::Unknown,
            Some(Outcome::Denied) => Self::Denied,
            None => Self::None,
        }
    }
}

words! {
    /// The values of the review filter.
    pub enum ReviewFilter {
        /// It is reviewed.
        Yes => "yes",
        /// It can be reviewed and is not, whether or not it is flagged.
        No => "no",
        /// It is flagged, and the flag has no answer.
        Flagged => "flagged",
        /// Its flag is answered, and it was not reviewed since.
        Answered => "answered",
    }
}

/// The facet of operations of this team.
#[must_use]
pub fn facet_of_team(team: TeamId) -> String {
    format!("team:{team}")
}

/// The facet of operations with this action.
#[must_use]
pub fn facet_of_action(action: Action) -> String {
    format!("action:{action}")
}

/// The facet of operations with this outcome.
#[must_use]
pub fn facet_of_outcome(outcome: OutcomeFilter) -> String {
    format!("outcome:{outcome}")
}

/// The facet of operations with this standing.
#[must_use]
pub fn facet_of_review(review: ReviewFilter) -> String {
    format!("reviewed:{review}")
}

/// The facet of operations that took this long.
#[must_use]
pub fn facet_of_took(took: Took) -> String {
    format!("took:{took}")
}

/// The token that stands for a facet.
pub(super) fn facet_token(code: i64) -> String {
    format!("{FACET}{code:x}")
}

/// The words that a target's text begins with, so that exactly this target can be asked for.
#[must_use]
pub fn target_phrase(kind: TargetType, id: &str) -> String {
    format!("{TARGET}{kind} {id}")
}
