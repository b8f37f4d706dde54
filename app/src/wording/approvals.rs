//! Words about changes that need a second person.

use portal::{
    ApprovalObstacle, ApprovalProblem,
    audit::{Entry, Stage},
    teams::Guarded,
};

/// Below the boxes of a team's policy.
pub const POLICY_HINT: &str = "These changes wait until another operator of the team approves them. Creating and editing \
                               connections can't wait: a request would have to hold their credentials.";
/// In the form of a team in which nobody could approve anything.
pub const TOO_FEW_OPERATORS: &str =
    "This team has fewer than two operators. Add another one, or nobody can approve a request.";
/// Below the box that allows break-glass.
pub const BREAK_GLASS_HINT: &str = "They give a reason of at least 20 characters. Everyone responsible is notified, and the change stays on the \
     home page until a second person has reviewed it.";
/// Below the reason of a policy.
pub const LOOSEN_HINT: &str =
    "If you require less, everyone responsible is notified, and your own changes still need approval for 24 hours.";

/// The kinds of changes that can need a second person: for a box, and in a sentence after “approval to”.
pub const fn guarded(kind: Guarded) -> (&'static str, &'static str) {
    match kind {
        Guarded::Share => ("Share a version", "share a version"),
        Guarded::RollBack => ("Roll back to an earlier version", "roll back to an earlier version"),
        Guarded::Suppress => ("Suppress a connector", "suppress a connector"),
        Guarded::Disconnect => ("Disconnect a connection", "disconnect a connection"),
        Guarded::Delete => ("Delete a connection", "delete a connection"),
    }
}

/// Beside the button of a change that needs a second person.
pub fn needs_second_person(team: &str) -> String {
    format!("This change needs a second person. Nothing is sent until another operator of {team} approves it.")
}

/// What acting at once means.
pub const AT_ONCE: &str = "For emergencies. Your reason needs at least 20 characters. Everyone responsible is notified, and a second person \
     has to review the change afterwards.";

/// Why somebody cannot approve a request.
pub const fn obstacle(obstacle: ApprovalObstacle) -> &'static str {
    match obstacle {
        ApprovalObstacle::OwnRequest => "This is your own request. Another operator of the team has to approve it.",
        ApprovalObstacle::ApproverNotIndependent => {
            "Your password or your role was set within the last 30 days by the person who asked. Someone else has to \
             approve it."
        }
        ApprovalObstacle::RequesterNotIndependent => {
            "You set the password of the person who asked within the last 30 days. Someone else has to approve it."
        }
    }
}

/// What is wrong with a request, an approval, or a change that is made at once.
pub fn problem(problem: ApprovalProblem) -> String {
    let text = match problem {
        ApprovalProblem::NotApprovable { obstacle: why } => obstacle(why),
        ApprovalProblem::RequestClosed => "This request no longer waits.",
        ApprovalProblem::RequestExpired => "This request has expired. Ask for it again.",
        ApprovalProblem::RequestStale => {
            "What this request would change has changed since. Nothing was sent, and the request is closed."
        }
        ApprovalProblem::ImpactGrown => {
            "More customers or running recipes use this than when it was requested. Nothing was sent, and the request is \
             closed. Ask for it again."
        }
        ApprovalProblem::RequesterLeft => {
            "The person who asked is no longer an operator of this team. Nothing was sent, and the request is closed."
        }
        ApprovalProblem::StateUnknown => {
            "Workato can't be read, so nobody could see what would change. Nothing was sent. Try again later."
        }
        ApprovalProblem::AlreadyRequested => "You have already asked for this change, and the request still waits.",
        ApprovalProblem::TooManyRequests { most } => {
            return format!(
                "You have {most} requests that wait in this team. Withdraw some, or wait until they are decided."
            );
        }
        ApprovalProblem::DeclineNoteMissing => "Enter why you decline it. The person who asked reads it.",
        ApprovalProblem::PolicyChanged => {
            "The team's policy changed while you sent this. Nothing was sent. Check the form and send it again."
        }
        ApprovalProblem::BreakGlassOff => {
            "This team doesn't allow acting without approval. If you have just allowed it, you may use it after 24 hours."
        }
        ApprovalProblem::BreakGlassReason { least } => {
            return format!("Enter a reason of at least {least} characters to act without approval.");
        }
    };
    text.to_owned()
}

/// Why a request was closed without an approval, from the evidence of its last entry.
pub fn closed_because(why: &str) -> Option<&'static str> {
    match why {
        "time" => Some("Nobody approved it in time."),
        "changed" => Some("What it would change had changed."),
        "impact" => Some("More customers or running recipes used it than when it was requested."),
        "another_workspace" => Some("The team's token now belongs to another workspace."),
        "requester" => Some("The person who asked was no longer an operator of the team."),
        _ => None,
    }
}

/// Below the heading of the page of requests.
pub const ABOUT: &str = "Changes that need a second person before they are sent to Workato.";
/// On the page of a request, to the person who made it.
pub const OWN: &str = "You asked for this. Another operator of the team has to approve it.";
/// Above the button that approves.
pub const APPROVING: &str = "Approving sends the change to Workato at once. The portal first checks that nothing has changed since the request.";

/// Who decided a request, and how.
pub fn decision(entry: &Entry) -> String {
    let actor = &entry.actor.name;
    match entry.stage {
        Stage::Approved => format!("Approved by {actor}"),
        Stage::Declined => format!("Declined by {actor}"),
        Stage::Withdrawn => format!("Withdrawn by {actor}"),
        _ => "Closed without approval".to_owned(),
    }
}

/// For monitoring: how many changes were made without approval and wait for a review.
pub fn unreviewed(count: i64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 change without approval waits for a review".to_owned()),
        count => Some(format!("{count} changes without approval wait for a review")),
    }
}
