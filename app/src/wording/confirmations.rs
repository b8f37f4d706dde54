//! What a page says after a form was sent.

use crate::done::Done;

pub const fn sentence(done: Done) -> &'static str {
    match done {
        Done::PasswordChanged => "Your password is changed. Every other session of yours has ended.",
        Done::SessionRevoked => "The session has ended.",
        Done::SessionOver => "That session had ended already.",
        Done::SessionsRevoked => "Your other sessions have ended.",
        Done::SessionsEnded => "Every session of this person has ended.",
        Done::OwnRoleChanged => "Your role is changed.",
        Done::TeamCreated => "The team is set up.",
        Done::TeamSaved => "The team is saved.",
        Done::TokenSet => "The token is kept, and Workato takes it.",
        Done::TokenSetUntested => "The token is kept, but Workato did not say what it opens. Test it to see why.",
        Done::TokenTested => "Workato takes the token.",
        Done::TokenWithdrawn => {
            "The token is destroyed. Nothing is read or changed in this team's Workato until you set another."
        }
        Done::TeamRetired => "The team is retired and its token is destroyed. The audit log keeps its past.",
        Done::MemberSet => "The membership is saved.",
        Done::MemberRemoved => "The membership is ended.",
        Done::Invited => "The person is invited.",
        Done::LinkMade => "There is a new one-time link; earlier ones open nothing any more.",
        Done::LinkReleased => "The link is released. It works now.",
        Done::RoleChanged => "The role is changed.",
        Done::Disabled => "The person is disabled: every session has ended, and no new one begins.",
        Done::Enabled => "The person can sign in again.",
        Done::WatchBegun => "The portal has noted what Workato says now, and will compare with it from now on.",
        Done::NothingObserved => "Nothing was changed outside the portal since the last comparison.",
        Done::Reviewed => "The operation is marked reviewed.",
        Done::Flagged => "The operation is flagged. An operator of its team answers.",
        Done::FlagAnswered => "The flag is answered. A reviewer looks at it again.",
        Done::SearchSaved => "The search is kept; it stands in the sidebar.",
        Done::SearchRenamed => "The search has its new name.",
        Done::SearchDeleted => "The search is deleted.",
        Done::FeedCreated => "The token is made.",
        Done::FactorAdded => "Your second factor is set up. Every other session of yours has ended.",
        Done::FactorRemoved => "Your second factor is removed. Every other session of yours has ended.",
        Done::RecoveryCodesMade => "You have new recovery codes. The earlier ones no longer work.",
        Done::FeedRevoked => "The token is revoked. It can no longer read the log.",
    }
}
