//! How an operation stands, as people see it everywhere: a shape, a colour and a word.
//! What it means for the target is told by `operation_notice`.

use leptos::prelude::*;
use portal::audit::{OperationSummary, Outcome, State};

/// How an operation stands, as people tell operations apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Succeeded,
    Rejected,
    Failed,
    Unknown,
    /// Unknown, and no read of Workato could tell.
    Waiting,
    Denied,
    /// There is no outcome in the log.
    NotRecorded,
}

impl Standing {
    pub fn of(operation: &OperationSummary) -> Self {
        Self::new(operation.outcome, operation.state)
    }

    pub fn new(outcome: Option<Outcome>, state: State) -> Self {
        match (outcome, state) {
            (_, State::Waiting) => Self::Waiting,
            (Some(outcome), _) => Self::from(outcome),
            (None, _) => Self::NotRecorded,
        }
    }

    /// The id of the shape in the frame, and the class of the colour.
    fn shape_and_class(self) -> (&'static str, &'static str) {
        match self {
            Self::Succeeded => ("#s-ok", "status ok"),
            Self::Rejected | Self::Failed => ("#s-bad", "status bad"),
            Self::Unknown | Self::Waiting => ("#s-unk", "status warn"),
            Self::Denied => ("#s-exc", "status none"),
            Self::NotRecorded => ("#s-none", "status none"),
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Waiting => "unknown: waits for a person",
            Self::Denied => "denied",
            Self::NotRecorded => "not recorded yet",
        }
    }
}

impl From<Outcome> for Standing {
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

/// Shape, colour and word.
#[component]
pub fn OutcomePill(standing: Standing) -> impl IntoView {
    let (shape, class) = standing.shape_and_class();
    view! {
        <span class=class>
            <svg aria-hidden="true"><use href=shape></use></svg>
            {standing.words()}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Outcome, State};

    use super::Standing;

    #[test]
    fn what_no_read_could_tell_is_told_apart_from_what_a_read_may_still_tell() {
        assert_eq!(Standing::new(Some(Outcome::Unknown), State::Unsettled), Standing::Unknown);
        assert_eq!(Standing::new(Some(Outcome::Unknown), State::Waiting), Standing::Waiting);
    }

    #[test]
    fn an_operation_without_an_outcome_is_never_called_failed() {
        assert_eq!(Standing::new(None, State::Open).words(), "not recorded yet");
    }
}
