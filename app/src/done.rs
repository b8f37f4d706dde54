//! What a form has just done, for the page that it redirects to. The URL carries one word of a closed set and no text,
//! so that a forged link cannot show a message of its own. A change in Workato is shown by its operation instead.

use crate::{answer::with_parameter, context};

/// The URL parameter that carries the word.
const PARAMETER: &str = "done";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    PasswordChanged,
    SessionRevoked,
    SessionOver,
    SessionsRevoked,
    SessionsEnded,
    OwnRoleChanged,
    TeamCreated,
    TeamSaved,
    PolicySaved,
    RequestApproved,
    RequestDeclined,
    RequestWithdrawn,
    Paired,
    JobStarted,
    JobPaused,
    JobResumed,
    JobCancelled,
    JobReviewed,
    TokenSet,
    TokenSetUntested,
    TokenTested,
    TokenWithdrawn,
    TeamRetired,
    MemberSet,
    MemberRemoved,
    Invited,
    LinkMade,
    LinkReleased,
    RoleChanged,
    Disabled,
    Enabled,
    WatchBegun,
    NothingObserved,
    Reviewed,
    Flagged,
    FlagAnswered,
    ViewSaved,
    ViewRenamed,
    ViewDeleted,
    FeedCreated,
    FeedRevoked,
    FactorAdded,
    FactorRemoved,
    RecoveryCodesMade,
}

impl Done {
    const ALL: [Self; 44] = [
        Self::PasswordChanged,
        Self::SessionRevoked,
        Self::SessionOver,
        Self::SessionsRevoked,
        Self::SessionsEnded,
        Self::OwnRoleChanged,
        Self::TeamCreated,
        Self::TeamSaved,
        Self::PolicySaved,
        Self::RequestApproved,
        Self::RequestDeclined,
        Self::RequestWithdrawn,
        Self::Paired,
        Self::JobStarted,
        Self::JobPaused,
        Self::JobResumed,
        Self::JobCancelled,
        Self::JobReviewed,
        Self::TokenSet,
        Self::TokenSetUntested,
        Self::TokenTested,
        Self::TokenWithdrawn,
        Self::TeamRetired,
        Self::MemberSet,
        Self::MemberRemoved,
        Self::Invited,
        Self::LinkMade,
        Self::LinkReleased,
        Self::RoleChanged,
        Self::Disabled,
        Self::Enabled,
        Self::WatchBegun,
        Self::NothingObserved,
        Self::Reviewed,
        Self::Flagged,
        Self::FlagAnswered,
        Self::ViewSaved,
        Self::ViewRenamed,
        Self::ViewDeleted,
        Self::FeedCreated,
        Self::FeedRevoked,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesMade,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password-changed",
            Self::SessionRevoked => "session-revoked",
            Self::SessionOver => "session-over",
            Self::SessionsRevoked => "sessions-revoked",
            Self::SessionsEnded => "sessions-ended",
            Self::OwnRoleChanged => "own-role-changed",
            Self::TeamCreated => "team-created",
            Self::RequestApproved => "request-approved",
            Self::RequestDeclined => "request-declined",
            Self::RequestWithdrawn => "request-withdrawn",
            Self::Paired => "paired",
            Self::PolicySaved => "policy-saved",
            Self::TeamSaved => "team-saved",
            Self::JobStarted => "job-started",
            Self::JobPaused => "job-paused",
            Self::JobResumed => "job-resumed",
            Self::JobCancelled => "job-cancelled",
            Self::JobReviewed => "job-reviewed",
            Self::TokenSet => "token-set",
            Self::TokenSetUntested => "token-set-untested",
            Self::TokenTested => "token-tested",
            Self::TokenWithdrawn => "token-withdrawn",
            Self::TeamRetired => "team-retired",
            Self::MemberSet => "member-set",
            Self::MemberRemoved => "member-removed",
            Self::Invited => "invited",
            Self::LinkMade => "link-made",
            Self::LinkReleased => "link-released",
            Self::RoleChanged => "role-changed",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::WatchBegun => "watch-begun",
            Self::NothingObserved => "nothing-observed",
            Self::Reviewed => "reviewed",
            Self::Flagged => "flagged",
            Self::FlagAnswered => "flag-answered",
            Self::ViewSaved => "view-saved",
            Self::ViewRenamed => "view-renamed",
            Self::ViewDeleted => "view-deleted",
            Self::FeedCreated => "feed-created",
            Self::FeedRevoked => "feed-revoked",
            Self::FactorAdded => "factor-added",
            Self::FactorRemoved => "factor-removed",
            Self::RecoveryCodesMade => "recovery-codes-made",
        }
    }

    /// The URL of `page` that shows the confirmation.
    pub fn on(self, page: &str) -> String {
        with_parameter(page, PARAMETER, self.word())
    }

    /// What the URL of this request names.
    pub fn from_url() -> Option<Self> {
        Self::of_word(&context::query().get(PARAMETER))
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::Done;

    #[test]
    fn each_word_parses_to_its_confirmation_and_other_words_to_none() {
        for done in Done::ALL {
            assert_eq!(Done::of_word(done.word()), Some(done));
        }
        assert_eq!(Done::of_word(""), None);
        assert_eq!(Done::of_word("Your account is locked"), None);
    }

    #[test]
    fn the_word_is_in_the_query_of_the_page() {
        assert_eq!(Done::TeamSaved.on("/admin/teams/payments"), "/admin/teams/payments?done=team-saved");
    }
}
