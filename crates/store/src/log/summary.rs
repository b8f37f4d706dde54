//! One operation as lists show it: its row, and its first and newest entry.

use time::OffsetDateTime;

use super::{
    action::{Action, Outcome},
    entry::{Entry, Target},
    review_standing::ReviewStanding,
    state::State,
};
use crate::{
    ids::{OperationId, PersonId, TeamId},
    slug::TeamSlug,
};

/// One operation, as lists show it.
#[derive(Clone, Debug)]
pub struct OperationSummary {
    /// Its id.
    pub id: OperationId,
    /// Its first entry's place in the log.
    pub sequence: i64,
    /// Its newest entry's place in the log.
    pub last_sequence: i64,
    /// When it began.
    pub at: OffsetDateTime,
    /// Who, if a person who was signed in.
    pub actor_id: Option<PersonId>,
    /// The actor's name then.
    pub actor_name: String,
    /// The actor's e-mail then.
    pub actor_email: Option<String>,
    /// In which team, if in one.
    pub team_id: Option<TeamId>,
    /// The team's slug now, for links: another team may have had it then.
    pub team_slug: Option<TeamSlug>,
    /// The team's name then.
    pub team_name: Option<String>,
    /// What.
    pub action: Action,
    /// On what, if on something.
    pub target: Option<Target>,
    /// Until when the call may still land.
    pub deadline: Option<OffsetDateTime>,
    /// How it ended, as far as is known.
    pub outcome: Option<Outcome>,
    /// Where it stands.
    pub state: State,
    /// Its first entry; none where retention removed it.
    pub first: Option<Entry>,
    /// Its newest entry; none where retention removed it.
    pub last: Option<Entry>,
    /// What was last said of it by its reviewers or to them, if anything.
    pub review: Option<Review>,
    /// The operation that this one is about, if its target is one: a review, a flag, an answer.
    pub about: Option<Box<OperationSummary>>,
}

/// What was last said of an operation by its reviewers or to them.
#[derive(Clone, Debug)]
pub struct Review {
    /// Where it stands since.
    pub standing: ReviewStanding,
    /// The entry that says so; none where retention removed it.
    pub said: Option<Entry>,
}

impl OperationSummary {
    /// Whether it went further than the portal's own refusal, which tells nothing about its target.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.outcome != Some(Outcome::Denied)
    }
}
