//! An operation as lists show it: its row, and its first and newest entry.

use evidence::verify::BadEntry;
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

/// An operation, as lists show it.
#[derive(Clone, Debug)]
pub struct OperationSummary {
    /// Its id.
    pub id: OperationId,
    /// The sequence of its first entry.
    pub sequence: i64,
    /// The sequence of its newest entry.
    pub last_sequence: i64,
    /// When it began.
    pub at: OffsetDateTime,
    /// The actor, if they are a signed-in person.
    pub actor_id: Option<PersonId>,
    /// The actor's name then.
    pub actor_name: String,
    /// The actor's e-mail then.
    pub actor_email: Option<String>,
    /// The team, if it belongs to one.
    pub team_id: Option<TeamId>,
    /// The team's present slug, for links. Another team may have had it then.
    pub team_slug: Option<TeamSlug>,
    /// The team's name then.
    pub team_name: Option<String>,
    /// What was attempted.
    pub action: Action,
    /// What it acted on.
    pub target: Option<Target>,
    /// Until when the call may still reach Workato.
    pub deadline: Option<OffsetDateTime>,
    /// How it ended, if that is known.
    pub outcome: Option<Outcome>,
    /// Its state.
    pub state: State,
    /// The sequence of the entry with which it was carried out; `None` for a request that nobody has approved.
    pub acted_in: Option<i64>,
    /// Whether it was carried out at once although a second person was needed.
    pub break_glass: bool,
    /// The operation that asked for several at once, if this is one of them.
    pub batch: Option<OperationId>,
    /// Its first entry; `None` if retention removed its contents, or if they were changed.
    pub first: Option<Entry>,
    /// Its newest entry; `None` if retention removed its contents, or if they were changed.
    pub last: Option<Entry>,
    /// The entry that is not as it was appended, or that the fields above differ from: what this says may be false.
    pub changed: Option<BadEntry>,
    /// Its last review, flag or answer.
    pub review: Option<Review>,
    /// The operation that it is about, if it is a review, a flag or an answer.
    pub about: Option<Box<OperationSummary>>,
}

/// The last review, flag or answer of an operation.
#[derive(Clone, Debug)]
pub struct Review {
    /// The standing since then.
    pub standing: ReviewStanding,
    /// Its entry; `None` if retention removed its contents, or if they were changed.
    pub said: Option<Entry>,
}

impl OperationSummary {
    /// Whether it was more than an attempt that the portal refused.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.outcome != Some(Outcome::Denied) && self.acted_in.is_some()
    }

    /// Whether it waits for a second person, or none approved it.
    #[must_use]
    pub fn is_unapproved(&self) -> bool {
        self.acted_in.is_none()
    }
}
