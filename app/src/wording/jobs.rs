//! What jobs do, how they stand, and why they stop.

use portal::{
    JobProblem,
    audit::Entry,
    jobs::{Act, ItemState, JobState, Stop, Verdict},
};
use serde_json::Value;

use super::numbers::grouped;

/// What a job does: "delete 120 connections".
pub fn what(act: Act, items: usize) -> String {
    let count = grouped(items);
    let noun = noun(act, items);
    match act {
        Act::Delete => format!("delete {count} {noun}"),
        Act::Disconnect => format!("disconnect {count} {noun}"),
        Act::Tag => format!("tag {count} {noun}"),
        Act::Untag => format!("remove a tag from {count} {noun}"),
        Act::Move => format!("move {count} {noun}"),
        Act::Share => format!("share the latest release of {count} {noun}"),
    }
}

/// What a job does, as its entry has it, with a space before it.
pub fn clause(entry: Option<&Entry>) -> String {
    let parameter = |name: &str| entry.and_then(|entry| entry.parameters.get(name));
    let act = parameter("act").and_then(Value::as_str).and_then(|act| act.parse().ok());
    let items = parameter("items").and_then(Value::as_u64).and_then(|items| usize::try_from(items).ok());
    match (act, items) {
        (Some(act), Some(items)) => format!(" {}", what(act, items)),
        _ => " change several things at once".to_owned(),
    }
}

/// What it acts on.
pub const fn noun(act: Act, items: usize) -> &'static str {
    match (act, items) {
        (Act::Share, 1) => "connector",
        (Act::Share, _) => "connectors",
        (_, 1) => "connection",
        (..) => "connections",
    }
}

/// What becomes of an item that is carried out: "Deleted".
pub const fn done(act: Act) -> &'static str {
    match act {
        Act::Delete => "Deleted",
        Act::Disconnect => "Disconnected",
        Act::Tag => "Tagged",
        Act::Untag => "Tag removed",
        Act::Move => "Moved",
        Act::Share => "Shared",
    }
}

/// The act in a list of choices.
pub const fn act(act: Act) -> &'static str {
    match act {
        Act::Delete => "Delete",
        Act::Disconnect => "Disconnect",
        Act::Tag => "Add a tag",
        Act::Untag => "Remove a tag",
        Act::Move => "Move to a folder",
        Act::Share => "Share latest release",
    }
}

/// What a dry run says of an item. `active` is how many running recipes use it.
pub fn verdict(verdict: Verdict, act: Act, active: Option<i64>) -> String {
    match verdict {
        Verdict::Ready => match act {
            Act::Delete => "Can be deleted",
            Act::Disconnect => "Can be disconnected",
            Act::Tag | Act::Untag => "Can be changed",
            Act::Move => "Can be moved",
            Act::Share => "Can be shared",
        }
        .to_owned(),
        Verdict::InUse => match active {
            Some(1) => "1 active recipe uses it".to_owned(),
            Some(active) => format!("{active} active recipes use it"),
            None => "Active recipes use it".to_owned(),
        },
        Verdict::AlreadySo => match act {
            Act::Delete => "Already deleted",
            Act::Disconnect => "Not connected",
            Act::Tag => "Has the tag already",
            Act::Untag => "Doesn’t have the tag",
            Act::Move => "In this folder already",
            Act::Share => "Latest release is shared already",
        }
        .to_owned(),
        Verdict::Gone => "No longer in Workato".to_owned(),
        Verdict::Unreadable => "Workato sent values that can’t be read".to_owned(),
        Verdict::NotReleased => "Never released".to_owned(),
    }
}

/// How an item stands.
pub const fn item(state: ItemState, act: Act) -> &'static str {
    match state {
        ItemState::LeftOut => "Skipped",
        ItemState::Waiting => "Not started",
        ItemState::Sent => "Pending",
        ItemState::Succeeded => done(act),
        ItemState::Rejected => "Rejected",
        ItemState::Failed => "Failed",
        ItemState::Unknown => "Unknown",
        ItemState::Changed => "Changed since the dry run",
    }
}

/// How a job stands.
pub const fn state(state: JobState, is_closed: bool) -> &'static str {
    match state {
        JobState::Draft => "Dry run",
        JobState::Requested if is_closed => "Not approved",
        JobState::Requested => "Needs approval",
        JobState::Running => "Running",
        JobState::Paused => "Paused",
        JobState::Cancelled => "Cancelled",
        JobState::Finished => "Finished",
    }
}

/// Why the portal paused a job by itself.
pub const fn stopped(why: Stop) -> &'static str {
    match why {
        Stop::Refusals => {
            "The portal paused this job because several items in a row were rejected or failed. Check the report, then \
             resume or cancel it."
        }
        Stop::Creator => {
            "The portal paused this job because the person who started it is no longer an operator of the team. Its items \
             run in that person’s name. Cancel it and start a new one."
        }
        Stop::Policy => {
            "The portal paused this job because the team’s policy now asks for approval. Cancel it and start a new one."
        }
        Stop::Workspace => {
            "The portal paused this job because the team’s token now belongs to another workspace. Cancel it."
        }
        Stop::Altered => {
            "The portal paused this job because its items aren’t what was recorded when it started. Ask an admin to run \
             `partner-portal audit verify`."
        }
    }
}

pub fn problem(problem: JobProblem) -> String {
    let text = match problem {
        JobProblem::NothingSelected => "Select at least one row.",
        JobProblem::TooManyItems { most, found } => {
            return format!(
                "A job can have {} items at most. This selection has {}. Use a narrower filter.",
                grouped(most),
                grouped(found)
            );
        }
        JobProblem::ChooseAct => "Choose what to do.",
        JobProblem::ChooseFolder => "Choose a folder.",
        JobProblem::NothingLeft => "No item is left to change.",
        JobProblem::TypeCount { expected } => return format!("Type {expected}, the number of items."),
        JobProblem::ItemsChanged => "The items have changed since this page was loaded. Check them again.",
        JobProblem::OtherState => "The job’s state has changed. Check it and try again.",
        JobProblem::CreatorLeft => {
            "The person who started this job is no longer an operator of the team, so it can’t resume."
        }
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use portal::jobs::{Act, Verdict};

    use super::{verdict, what};

    #[test]
    fn a_job_says_what_it_does_to_how_many() {
        assert_eq!(what(Act::Delete, 1), "delete 1 connection");
        assert_eq!(what(Act::Share, 1_200), "share the latest release of 1,200 connectors");
    }

    #[test]
    fn an_item_that_recipes_use_says_how_many() {
        assert_eq!(verdict(Verdict::InUse, Act::Delete, Some(1)), "1 active recipe uses it");
        assert_eq!(verdict(Verdict::InUse, Act::Delete, Some(3)), "3 active recipes use it");
    }
}
