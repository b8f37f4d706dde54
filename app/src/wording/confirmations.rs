//! What a page says after a form was sent.

use crate::done::Done;

pub const fn sentence(done: Done) -> &'static str {
    match done {
        Done::PasswordChanged => "Password changed. You were signed out everywhere else.",
        Done::SessionRevoked => "The session has ended.",
        Done::SessionOver => "That session had already ended.",
        Done::SessionsRevoked => "Your other sessions have ended.",
        Done::SessionsEnded => "All sessions of this person have ended.",
        Done::OwnRoleChanged => "Your role was changed.",
        Done::TeamCreated => "Team created.",
        Done::TeamSaved => "Team saved.",
        Done::RequestApproved => "Approved. The change was sent to Workato; its outcome is below.",
        Done::RequestDeclined => "Declined. Nothing was sent.",
        Done::RequestWithdrawn => "Withdrawn. Nothing was sent.",
        Done::Paired => "Counterpart confirmed.",
        Done::PolicySaved => "Policy saved.",
        Done::JobStarted => "Recorded.",
        Done::JobPaused => "Paused. What was sent stays as it is.",
        Done::JobResumed => "Resumed.",
        Done::JobCancelled => "Cancelled. What was sent stays as it is; the rest was not started.",
        Done::JobReviewed => "Job reviewed, with every operation of it that you can review.",
        Done::TokenSet => "Token saved and working.",
        Done::TokenSetUntested => "Token saved, but Workato did not confirm that it works. Test it to see why.",
        Done::TokenTested => "The token works.",
        Done::TokenWithdrawn => {
            "Token destroyed. The portal reads and changes nothing in this team's Workato until you set a new one."
        }
        Done::TeamRetired => "Team retired and its token destroyed. Its history stays in the audit log.",
        Done::MemberSet => "Membership saved.",
        Done::MemberRemoved => "Membership ended.",
        Done::Invited => "Person invited.",
        Done::LinkMade => "New one-time link created; earlier links no longer work.",
        Done::LinkReleased => "Link released. It works now.",
        Done::RoleChanged => "Role changed.",
        Done::Disabled => "Person disabled. All their sessions have ended, and they can't sign in.",
        Done::Enabled => "The person can sign in again.",
        Done::WatchBegun => "Baseline saved. Changes made outside the portal now show up here.",
        Done::NothingObserved => "No outside changes since the last check.",
        Done::Reviewed => "Operation marked reviewed.",
        Done::Flagged => "Operation flagged. An operator of its team has to answer.",
        Done::FlagAnswered => "Flag answered. A reviewer has to look again.",
        Done::ViewSaved => "View saved.",
        Done::ViewRenamed => "View renamed.",
        Done::ViewDeleted => "View deleted.",
        Done::FeedCreated => "Token created.",
        Done::FactorAdded => "Second factor added. You were signed out everywhere else.",
        Done::FactorRemoved => "Second factor removed. You were signed out everywhere else.",
        Done::RecoveryCodesMade => "New recovery codes created. The earlier ones no longer work.",
        Done::FeedRevoked => "Token revoked.",
    }
}
