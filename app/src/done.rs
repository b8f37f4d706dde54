//! What a form has just done, said on the page that it led to. The URL carries a word of a closed set and no text,
//! so that nobody can put words into the portal's mouth. What reached Workato is told by its operation instead.

use leptos::prelude::*;

use crate::{answer::with_parameter, context};

/// The parameter that carries the word.
const PARAMETER: &str = "done";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    PasswordChanged,
    SessionRevoked,
    SessionOver,
    OwnRoleChanged,
    TeamCreated,
    TeamSaved,
    TokenSet,
    TokenSetUntested,
    TokenTested,
    MemberSet,
    MemberRemoved,
    Invited,
    LinkMade,
    RoleChanged,
    Disabled,
    Enabled,
    WatchBegun,
    NothingObserved,
    Reviewed,
    Flagged,
    FlagAnswered,
    SearchSaved,
    SearchRenamed,
    SearchDeleted,
    FeedCreated,
    FeedRevoked,
}

impl Done {
    const ALL: [Self; 26] = [
        Self::PasswordChanged,
        Self::SessionRevoked,
        Self::SessionOver,
        Self::OwnRoleChanged,
        Self::TeamCreated,
        Self::TeamSaved,
        Self::TokenSet,
        Self::TokenSetUntested,
        Self::TokenTested,
        Self::MemberSet,
        Self::MemberRemoved,
        Self::Invited,
        Self::LinkMade,
        Self::RoleChanged,
        Self::Disabled,
        Self::Enabled,
        Self::WatchBegun,
        Self::NothingObserved,
        Self::Reviewed,
        Self::Flagged,
        Self::FlagAnswered,
        Self::SearchSaved,
        Self::SearchRenamed,
        Self::SearchDeleted,
        Self::FeedCreated,
        Self::FeedRevoked,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password-changed",
            Self::SessionRevoked => "session-revoked",
            Self::SessionOver => "session-over",
            Self::OwnRoleChanged => "own-role-changed",
            Self::TeamCreated => "team-created",
            Self::TeamSaved => "team-saved",
            Self::TokenSet => "token-set",
            Self::TokenSetUntested => "token-set-untested",
            Self::TokenTested => "token-tested",
            Self::MemberSet => "member-set",
            Self::MemberRemoved => "member-removed",
            Self::Invited => "invited",
            Self::LinkMade => "link-made",
            Self::RoleChanged => "role-changed",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::WatchBegun => "watch-begun",
            Self::NothingObserved => "nothing-observed",
            Self::Reviewed => "reviewed",
            Self::Flagged => "flagged",
            Self::FlagAnswered => "flag-answered",
            Self::SearchSaved => "search-saved",
            Self::SearchRenamed => "search-renamed",
            Self::SearchDeleted => "search-deleted",
            Self::FeedCreated => "feed-created",
            Self::FeedRevoked => "feed-revoked",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Your password is changed. Every other session of yours has ended.",
            Self::SessionRevoked => "The session is revoked: it opens nothing any more.",
            Self::SessionOver => "That session had ended already.",
            Self::OwnRoleChanged => "Your role is changed.",
            Self::TeamCreated => "The team is set up.",
            Self::TeamSaved => "The team is saved.",
            Self::TokenSet => "The token is kept, and Workato takes it.",
            Self::TokenSetUntested => "The token is kept, but Workato did not say what it opens. Test it to see why.",
            Self::TokenTested => "Workato takes the token.",
            Self::MemberSet => "The membership is saved.",
            Self::MemberRemoved => "The membership is ended.",
            Self::Invited => "The person is invited.",
            Self::LinkMade => "There is a new one-time link; earlier ones open nothing any more.",
            Self::RoleChanged => "The role is changed.",
            Self::Disabled => "The person is disabled: every session has ended, and no new one begins.",
            Self::Enabled => "The person can sign in again.",
            Self::WatchBegun => "The portal has noted what Workato says now, and will compare with it from now on.",
            Self::NothingObserved => "Nothing was changed outside the portal since the last comparison.",
            Self::Reviewed => "The operation is marked reviewed.",
            Self::Flagged => "The operation is flagged. An operator of its team answers.",
            Self::FlagAnswered => "The flag is answered. A reviewer looks at it again.",
            Self::SearchSaved => "The search is kept; it stands in the sidebar.",
            Self::SearchRenamed => "The search has its new name.",
            Self::SearchDeleted => "The search is deleted.",
            Self::FeedCreated => "The token is made.",
            Self::FeedRevoked => "The token is revoked: it opens nothing any more.",
        }
    }

    /// `page`, told to say that this was done.
    pub fn on(self, page: &str) -> String {
        with_parameter(page, PARAMETER, self.word())
    }

    /// What the page that was asked for is to say, if anything.
    pub fn asked() -> Option<Self> {
        Self::of_word(&context::query().get(PARAMETER))
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }
}

/// Says what was just done, if the page was led to by that.
#[component]
pub fn DoneNotice(
    /// What the page itself can add.
    #[prop(optional_no_strip)]
    more: Option<String>,
) -> impl IntoView {
    let more = more.map(|more| format!(" {more}"));
    Done::asked().map(|done| view! { <p class="notice" role="status">{done.sentence()}{more}</p> })
}

#[cfg(test)]
mod tests {
    use super::Done;

    #[test]
    fn every_word_leads_to_what_was_done_and_no_other_word_to_anything() {
        for done in Done::ALL {
            assert_eq!(Done::of_word(done.word()), Some(done));
        }
        assert_eq!(Done::of_word(""), None);
        assert_eq!(Done::of_word("Your account is locked"), None);
    }

    #[test]
    fn the_word_stands_in_the_query_of_the_page() {
        assert_eq!(Done::TeamSaved.on("/admin/teams/payments"), "/admin/teams/payments?done=team-saved");
    }
}
