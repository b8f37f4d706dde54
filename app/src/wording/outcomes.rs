//! Words for the status of operations and the stages of entries.

use portal::audit::{Entry, Outcome, OutcomeFilter, Stage};

use crate::operation_status::OperationStatus;

pub fn status(status: OperationStatus) -> &'static str {
    match status {
        OperationStatus::Succeeded => "succeeded",
        OperationStatus::Rejected => "rejected",
        OperationStatus::Failed => "failed",
        OperationStatus::Unknown => "unknown",
        OperationStatus::Waiting => "unknown: waits for a person",
        OperationStatus::Denied => "denied",
        OperationStatus::NotRecorded => "not recorded yet",
    }
}

/// The choices of the outcome filter.
pub fn outcome_filter(outcome: OutcomeFilter) -> &'static str {
    match outcome {
        OutcomeFilter::None => "none yet",
        OutcomeFilter::Waiting => "waits for a person",
        other => other.as_str(),
    }
}

/// What happens next, if the log does not have the final outcome yet. `unrecorded` is an outcome that is known but
/// could not be written to the log.
pub fn what_follows(status: OperationStatus, unrecorded: Option<Outcome>) -> Option<&'static str> {
    match status {
        OperationStatus::NotRecorded => Some(match unrecorded {
            Some(Outcome::Succeeded) => "Done, but its outcome is not recorded yet. The portal tries again by itself.",
            Some(_) => "Its outcome is known, but not recorded yet. The portal tries again by itself.",
            None => {
                "Its outcome is not recorded yet. If none comes by its deadline, the portal looks it up in Workato."
            }
        }),
        OperationStatus::Unknown => {
            Some("Whether it was done is not known yet. The portal looks it up in Workato until a read tells.")
        }
        OperationStatus::Waiting => {
            Some("No read of Workato could tell whether it was done. A person has to look into Workato.")
        }
        OperationStatus::Succeeded | OperationStatus::Rejected | OperationStatus::Failed | OperationStatus::Denied => {
            None
        }
    }
}

pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Intent => "Intent",
        Stage::Outcome => "Outcome",
        Stage::Settled => "Settled",
        Stage::Waiting => "Waiting",
        Stage::Observed => "Observed",
        Stage::Recorded => "Recorded",
        Stage::Denied => "Denied",
    }
}

/// What it means that the log has this entry.
pub fn entry_meaning(entry: &Entry) -> &'static str {
    match (entry.stage, entry.outcome) {
        (Stage::Intent, _) => "Written before anything was sent to Workato.",
        (Stage::Outcome, Some(Outcome::Unknown)) => "Workato's answer did not tell whether it was done.",
        (Stage::Outcome, Some(Outcome::Failed)) => "It did not happen.",
        (Stage::Outcome, _) => "What Workato answered.",
        (Stage::Settled, _) if entry.reason.is_some() => {
            "A person looked into Workato and wrote down what became of it."
        }
        (Stage::Settled, _) => "A later read of Workato showed what became of it.",
        (Stage::Waiting, _) => "A later read of Workato could not show what became of it: a person has to.",
        (Stage::Observed, _) => {
            "Changed outside the portal: a read of Workato showed it, and no operation explains it."
        }
        (Stage::Recorded, _) => "A change of the portal's own, written together with it.",
        (Stage::Denied, _) => "The actor had no right to it; nothing was sent.",
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::Outcome;

    use super::{status, what_follows};
    use crate::operation_status::OperationStatus;

    #[test]
    fn an_operation_without_an_outcome_is_never_called_failed() {
        assert_eq!(status(OperationStatus::NotRecorded), "not recorded yet");
    }

    #[test]
    fn only_an_operation_without_a_final_outcome_says_what_follows() {
        assert_eq!(what_follows(OperationStatus::Rejected, None), None);
        let open = what_follows(OperationStatus::NotRecorded, Some(Outcome::Succeeded));
        assert!(open.is_some_and(|words| words.starts_with("Done, but its outcome is not recorded yet")));
        let waiting = what_follows(OperationStatus::Waiting, None);
        assert!(waiting.is_some_and(|words| words.contains("A person")));
    }
}
