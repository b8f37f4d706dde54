//! The status of an operation, as pages distinguish it: its outcome, or why it has none yet.

use portal::audit::{OperationSummary, Outcome, Stage, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStatus {
    Succeeded,
    Rejected,
    Failed,
    Unknown,
    /// Unknown, and reads of Workato did not resolve it: a person has to settle it.
    Waiting,
    Denied,
    /// It waits for a second person.
    Requested,
    /// A second person declined it.
    Declined,
    /// The person who asked took it back.
    Withdrawn,
    /// It ended without an approval for another reason.
    Expired,
    /// The log has no outcome yet.
    NotRecorded,
}

impl OperationStatus {
    pub fn of(operation: &OperationSummary) -> Self {
        let last = operation.last.as_ref().map(|last| last.stage);
        match (operation.is_unapproved(), last) {
            (false, _) => Self::new(operation.outcome, operation.state),
            (true, Some(Stage::Declined)) => Self::Declined,
            (true, Some(Stage::Withdrawn)) => Self::Withdrawn,
            (true, _) if operation.state == State::Requested => Self::Requested,
            (true, _) => Self::Expired,
        }
    }

    pub fn new(outcome: Option<Outcome>, state: State) -> Self {
        match (outcome, state) {
            (_, State::Waiting) => Self::Waiting,
            (Some(outcome), _) => Self::from(outcome),
            (None, _) => Self::NotRecorded,
        }
    }
}

impl From<Outcome> for OperationStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Succeeded,
            Outcome::Rejected => Self::Rejected,
            Outcome::Failed => Self::Failed,
            Outcome::Unknown => Self::Unknown,
            Outcome::Denied => Self::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Outcome, State};

    use super::OperationStatus;

    #[test]
    fn an_unknown_outcome_that_waits_for_a_person_is_a_status_of_its_own() {
        assert_eq!(OperationStatus::new(Some(Outcome::Unknown), State::Unsettled), OperationStatus::Unknown);
        assert_eq!(OperationStatus::new(Some(Outcome::Unknown), State::Waiting), OperationStatus::Waiting);
    }
}
