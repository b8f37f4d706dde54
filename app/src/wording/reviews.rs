//! Words for the review of operations.

use portal::{
    ReviewObstacle,
    audit::{OperationSummary, ReviewFilter, ReviewStanding},
};
use serde_json::{Map, Value};

pub const fn standing(standing: ReviewStanding) -> &'static str {
    match standing {
        ReviewStanding::Reviewed => "reviewed",
        ReviewStanding::Flagged => "flagged",
        ReviewStanding::Answered => "flag answered",
    }
}

/// Why somebody cannot mark an operation reviewed.
pub const fn obstacle(obstacle: ReviewObstacle) -> &'static str {
    match obstacle {
        ReviewObstacle::NothingToReview => "There is nothing to review: nothing was changed.",
        ReviewObstacle::OwnOperation => "You can't review your own change.",
        ReviewObstacle::FlagWaits => "Its flag needs an answer first.",
        ReviewObstacle::OwnAnswer => "You answered its flag, so someone else has to look again.",
        ReviewObstacle::ReviewerNotIndependent => {
            "Your password or your role was set within the last 30 days by someone who took part in this. Someone else \
             has to review it."
        }
        ReviewObstacle::ActorNotIndependent => {
            "You set the password of the person who did this within the 30 days before it. Someone else has to review \
             it."
        }
        ReviewObstacle::NotEnded => "Its outcome isn't final yet. Flag it, or review it once the outcome is known.",
    }
}

/// The choices of the review filter.
pub const fn review_filter(review: ReviewFilter) -> &'static str {
    match review {
        ReviewFilter::Yes => "reviewed",
        ReviewFilter::No => "not yet reviewed",
        ReviewFilter::Flagged => "flagged",
        ReviewFilter::Answered => "flag answered",
    }
}

/// Who else could have said this, from the parameters of its entry: the people who set the password in the 30 days before.
pub fn password_set(parameters: &Map<String, Value>) -> Option<String> {
    let by: Vec<&str> = parameters.get("password_set_by")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let day = parameters.get("password_set_at")?.as_str()?.get(..10)?;
    Some(format!("Password set by {} on {day}", by.join(" and ")))
}

/// What the review of an operation waits for, if for anything.
pub fn what_follows(operation: &OperationSummary, standing: Option<ReviewStanding>) -> String {
    match standing {
        None => "Not reviewed yet.".to_owned(),
        Some(ReviewStanding::Reviewed) => "Reviewed by a second person.".to_owned(),
        Some(ReviewStanding::Flagged) => match &operation.team_name {
            Some(team) => format!("An operator of {team} has to answer the flag."),
            None => "An admin has to answer the flag.".to_owned(),
        },
        Some(ReviewStanding::Answered) => "The flag was answered. A reviewer has to look again.".to_owned(),
    }
}
