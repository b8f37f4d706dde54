//! Words for the status of operations and the stages of entries.

use portal::audit::{Entry, Outcome, OutcomeFilter, Stage};

use crate::operation_status::OperationStatus;

pub fn status(status: OperationStatus) -> &'static str {
    match status {
        OperationStatus::Succeeded => "Succeeded",
        OperationStatus::Rejected => "Rejected",
        OperationStatus::Failed => "Failed",
        OperationStatus::Unknown => "Unknown",
        OperationStatus::Waiting => "Unknown, check needed",
        OperationStatus::Denied => "Denied",
        OperationStatus::Requested => "Waiting for approval",
        OperationStatus::Declined => "Declined",
        OperationStatus::Withdrawn => "Withdrawn",
        OperationStatus::Expired => "Expired",
        OperationStatus::NotRecorded => "Pending",
    }
}

/// The choices of the outcome filter.
pub fn outcome_filter(outcome: OutcomeFilter) -> &'static str {
    match outcome {
        OutcomeFilter::None => "none yet",
        OutcomeFilter::Waiting => "check needed",
        OutcomeFilter::Requested => "waiting for approval",
        OutcomeFilter::Unapproved => "not approved",
        other => other.as_str(),
    }
}

/// What happens next, if the log does not have the final outcome yet. `unrecorded` is an outcome that is known but
/// could not be written to the log.
pub fn what_follows(status: OperationStatus, unrecorded: Option<Outcome>) -> Option<&'static str> {
    match status {
        OperationStatus::NotRecorded => Some(match unrecorded {
            Some(Outcome::Succeeded) => "Done. The log entry is late; the portal retries.",
            Some(_) => "The outcome is known. The log entry is late; the portal retries.",
            None => "No outcome yet. If none is recorded by the deadline, the portal checks in Workato.",
        }),
        OperationStatus::Unknown => Some("The outcome is unknown. The portal keeps checking in Workato."),
        OperationStatus::Waiting => {
            Some("The portal can't tell if this went through. Check in Workato, then record the outcome.")
        }
        OperationStatus::Requested => Some("Nothing was sent. Another operator of the team has to approve it."),
        OperationStatus::Succeeded
        | OperationStatus::Rejected
        | OperationStatus::Failed
        | OperationStatus::Denied
        | OperationStatus::Declined
        | OperationStatus::Withdrawn
        | OperationStatus::Expired => None,
    }
}

/// The step of an operation that an entry records.
pub fn step(entry: &Entry) -> String {
    let actor = &entry.actor.name;
    match (entry.stage, entry.outcome) {
        (Stage::Requested, _) => format!("Approval requested by {actor}"),
        (Stage::Approved, _) => format!("Approved by {actor}"),
        (Stage::Declined, _) => format!("Declined by {actor}"),
        (Stage::Withdrawn, _) => format!("Withdrawn by {actor}"),
        (Stage::Expired, _) => "Closed without approval".to_owned(),
        (Stage::Intent, _) if entry.break_glass => format!("Requested by {actor} without approval"),
        (Stage::Intent, _) => format!("Requested by {actor}"),
        (Stage::Outcome, Some(Outcome::Succeeded)) => "Done in Workato".to_owned(),
        (Stage::Outcome, Some(Outcome::Rejected)) => "Rejected by Workato".to_owned(),
        (Stage::Outcome, Some(Outcome::Failed)) => "Failed".to_owned(),
        (Stage::Outcome, _) => "Outcome unknown".to_owned(),
        (Stage::Settled, Some(Outcome::Succeeded)) => format!("Settled by {actor}: it was done"),
        (Stage::Settled, _) => format!("Settled by {actor}: it was not done"),
        (Stage::Waiting, _) => "Check needed".to_owned(),
        (Stage::Observed, _) => "Seen in Workato".to_owned(),
        (Stage::Recorded, _) if entry.break_glass => format!("Done by {actor} without approval"),
        (Stage::Recorded, _) => format!("Done by {actor}"),
        (Stage::Denied, _) => format!("Denied to {actor}"),
    }
}

/// What it means that the log has this entry.
pub fn entry_meaning(entry: &Entry) -> &'static str {
    match (entry.stage, entry.outcome) {
        (Stage::Requested, _) => "The team's policy asks for a second person. Nothing was sent.",
        (Stage::Approved, _) => "A second person agreed.",
        (Stage::Declined | Stage::Withdrawn | Stage::Expired, _) => "Nothing was sent.",
        (Stage::Intent, _) if entry.break_glass => {
            "Recorded before anything was sent. The team's policy asked for a second person."
        }
        (Stage::Intent, _) => "Recorded before anything was sent.",
        (Stage::Outcome, Some(Outcome::Unknown)) => "Workato's answer didn't say whether it was done.",
        (Stage::Outcome, Some(Outcome::Failed)) => "It did not happen.",
        (Stage::Outcome, _) => "What Workato answered.",
        (Stage::Settled, _) if entry.reason.is_some() => "A person checked in Workato and recorded the outcome.",
        (Stage::Settled, _) => "A later read of Workato showed the outcome.",
        (Stage::Waiting, _) => "A later read of Workato could not show the outcome. A person has to check.",
        (Stage::Observed, _) => "Changed outside the portal: a read of Workato shows it, and no operation explains it.",
        (Stage::Recorded, _) if entry.break_glass => "The team's policy asked for a second person.",
        (Stage::Recorded, _) => "A change in the portal itself, recorded together with it.",
        (Stage::Denied, _) => "Not allowed. Nothing was sent.",
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::Outcome;

    use super::{status, what_follows};
    use crate::operation_status::OperationStatus;

    #[test]
    fn an_operation_without_an_outcome_is_never_called_failed() {
        assert_eq!(status(OperationStatus::NotRecorded), "Pending");
    }

    #[test]
    fn only_an_operation_without_a_final_outcome_says_what_follows() {
        assert_eq!(what_follows(OperationStatus::Rejected, None), None);
        let open = what_follows(OperationStatus::NotRecorded, Some(Outcome::Succeeded));
        assert!(open.is_some_and(|words| words.starts_with("Done.")));
        let waiting = what_follows(OperationStatus::Waiting, None);
        assert!(waiting.is_some_and(|words| words.contains("record the outcome")));
    }
}
