//! Finding operations: what a person asks for, what he or she may see, and pages by keyset.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Action, Entry, Hash, Outcome, Stage, Target, TargetType};
use crate::{
    Actor, Error, FieldProblems, OperationId, PersonId, Portal, Result, TeamId, TeamSlug, moment,
    store::{
        self,
        operations::{Asked, From, TargetAsked},
    },
};

/// Operations on one page of the log.
const PAGE: i64 = 50;

words! {
    /// Where an operation stands.
    pub enum State {
        /// Sent, or about to be; no outcome yet.
        Open => "open",
        /// Its outcome is unknown; a read of Workato may still tell.
        Unsettled => "unsettled",
        /// No read could tell; a person has to.
        Waiting => "waiting",
        /// Ended.
        Closed => "closed",
    }
}

impl State {
    /// Where an operation stands after an entry of this stage and outcome.
    #[must_use]
    pub fn after(stage: Stage, outcome: Option<Outcome>) -> Self {
        match (stage, outcome) {
            (Stage::Intent, _) => Self::Open,
            (Stage::Outcome, Some(Outcome::Unknown)) => Self::Unsettled,
            (Stage::Waiting, _) => Self::Waiting,
            (Stage::Outcome | Stage::Settled | Stage::Recorded | Stage::Observed | Stage::Denied, _) => Self::Closed,
        }
    }
}

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
}

impl OperationSummary {
    /// Whether it went further than the portal's own refusal, which tells nothing about its target.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.outcome != Some(Outcome::Denied)
    }
}

/// One entry as it stands in the log.
#[derive(Clone, Debug)]
pub struct LoggedEntry {
    /// What it says.
    pub entry: Entry,
    /// The exact bytes that are hashed.
    pub json: String,
    /// Their hash.
    pub leaf: Hash,
}

/// One operation with all its entries, oldest first.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The operation.
    pub summary: OperationSummary,
    /// Its entries.
    pub entries: Vec<LoggedEntry>,
}

/// The filter as it stands in a URL or a form; an empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterInput {
    /// A team's slug.
    pub team: String,
    /// Part of an actor's name or e-mail.
    pub actor: String,
    /// An action's name.
    pub action: String,
    /// An outcome, or `none` for operations that have none yet.
    pub outcome: String,
    /// A target: `connector:3066`, an id, or part of a name.
    pub target: String,
    /// Only operations begun after this moment.
    pub after: String,
    /// Only operations begun before this moment.
    pub before: String,
    /// Free text.
    pub q: String,
    /// Only operations older than this sequence: the next page.
    pub older: String,
    /// Only operations newer than this sequence: the page before.
    pub newer: String,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// At the newest operation.
    Newest,
    /// After this sequence, towards older ones.
    Older(i64),
    /// Before this sequence, towards newer ones.
    Newer(i64),
}

/// A filter that has been read and is right.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    team: Option<TeamSlug>,
    actor: Option<String>,
    action: Option<Action>,
    outcome: Option<Option<Outcome>>,
    target: Option<TargetAsked>,
    after: Option<OffsetDateTime>,
    before: Option<OffsetDateTime>,
    text: Option<String>,
    cursor: Cursor,
}

/// One page of operations, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The operations.
    pub operations: Vec<OperationSummary>,
    /// What to ask for to see the next, older page; none on the last.
    pub older: Option<i64>,
    /// What to ask for to see the page before; none on the first.
    pub newer: Option<i64>,
}

impl FilterInput {
    /// Reads the filter; `now` is what `24h` and the like count from.
    ///
    /// # Errors
    /// What is wrong, field by field.
    pub fn read(&self, now: OffsetDateTime) -> std::result::Result<AuditFilter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let filter = AuditFilter {
            team: read(&mut problems, "team", &self.team, |text| {
                text.parse().map_err(|_| "There is no such team.".into())
            }),
            actor: given(&self.actor).map(str::to_ascii_lowercase),
            action: read(&mut problems, "action", &self.action, |text| {
                text.parse().map_err(|_| "There is no such action.".into())
            }),
            outcome: read(&mut problems, "outcome", &self.outcome, |text| match text {
                "none" => Ok(None),
                text => text.parse().map(Some).map_err(|error| format!("{error}, or none.")),
            }),
            target: given(&self.target).map(target),
            after: read(&mut problems, "after", &self.after, |text| {
                moment::parse(text, now).ok_or_else(|| moment::EXPECTED.into())
            }),
            before: read(&mut problems, "before", &self.before, |text| {
                moment::parse(text, now).ok_or_else(|| moment::EXPECTED.into())
            }),
            text: given(&self.q).map(str::to_lowercase),
            cursor: match (given(&self.older), given(&self.newer)) {
                (None, None) => Cursor::Newest,
                (Some(_), Some(_)) => {
                    problems.add("older", "Give older or newer, not both.");
                    Cursor::Newest
                }
                (Some(older), None) => {
                    read(&mut problems, "older", older, sequence).map_or(Cursor::Newest, Cursor::Older)
                }
                (None, Some(newer)) => {
                    read(&mut problems, "newer", newer, sequence).map_or(Cursor::Newest, Cursor::Newer)
                }
            },
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }

    /// Whether anything restricts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let anywhere = Self { older: String::new(), newer: String::new(), ..self.clone() };
        anywhere == Self::default()
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn read<T>(
    problems: &mut FieldProblems,
    field: &str,
    text: &str,
    parse: impl FnOnce(&str) -> std::result::Result<T, String>,
) -> Option<T> {
    match parse(given(text)?) {
        Ok(value) => Some(value),
        Err(message) => {
            problems.add(field, message);
            None
        }
    }
}

fn sequence(text: &str) -> std::result::Result<i64, String> {
    text.parse::<i64>().ok().filter(|sequence| *sequence > 0).ok_or_else(|| "This is no place in the log.".into())
}

fn target(text: &str) -> TargetAsked {
    match text.split_once(':').map(|(kind, id)| (kind.parse::<TargetType>(), id)) {
        Some((Ok(kind), id)) => TargetAsked::Exactly(kind, id.to_owned()),
        _ => TargetAsked::Like(text.to_ascii_lowercase()),
    }
}

impl AuditFilter {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            team: None,
            actor: None,
            action: None,
            outcome: None,
            target: None,
            after: None,
            before: None,
            text: None,
            cursor: Cursor::Newest,
        }
    }

    /// Only operations on this target.
    #[must_use]
    pub fn on(kind: TargetType, id: impl ToString, team: TeamSlug) -> Self {
        Self { team: Some(team), target: Some(TargetAsked::Exactly(kind, id.to_string())), ..Self::everything() }
    }
}

impl Portal {
    /// A page of the operations that the actor may see.
    ///
    /// # Errors
    /// When the filter names a team that the actor may not read, or the log cannot be read.
    pub async fn audit_page(&self, actor: &Actor, filter: &AuditFilter) -> Result<AuditPage> {
        let mut conn = self.store.read().await?;
        let team = match &filter.team {
            None => None,
            Some(slug) => match store::teams::by_slug(&mut conn, slug).await? {
                Some(team) if actor.reads(team.id) => Some(team.id),
                _ => {
                    return Err(Error::Invalid(FieldProblems::from([("team", "You read no team of this name.")])));
                }
            },
        };
        let asked = Asked {
            visible: actor.readable_teams(),
            team,
            actor: filter.actor.clone(),
            action: filter.action,
            outcome: filter.outcome,
            target: filter.target.clone(),
            after: filter.after,
            before: filter.before,
            text: filter.text.clone(),
        };
        let (from, back) = match filter.cursor {
            Cursor::Newest => (From::Newest, false),
            Cursor::Older(sequence) => (From::OlderThan(sequence), false),
            Cursor::Newer(sequence) => (From::NewerThan(sequence), true),
        };
        // One more than a page tells whether there is another.
        let mut operations = store::operations::list(&mut conn, &asked, from, PAGE + 1).await?;
        let more = operations.len() as i64 > PAGE;
        if more {
            if back { drop(operations.remove(0)) } else { drop(operations.pop()) }
        }
        let (first, last) = (operations.first().map(|o| o.sequence), operations.last().map(|o| o.sequence));
        Ok(AuditPage {
            older: last.filter(|_| more || back),
            newer: first.filter(|_| if back { more } else { filter.cursor != Cursor::Newest }),
            operations,
        })
    }

    /// One operation with all its entries.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Forbidden` when it is another team's.
    pub async fn operation(&self, actor: &Actor, id: OperationId) -> Result<Logged> {
        let mut conn = self.store.read().await?;
        let Some(summary) = store::operations::find(&mut conn, id).await? else { return Err(Error::NotFound) };
        let may_see = match summary.team_id {
            Some(team) => actor.reads(team),
            None => actor.role().reads_every_team() || summary.actor_id == Some(actor.id()),
        };
        if !may_see {
            return Err(Error::Forbidden { operation: None });
        }
        let entries = store::entries::of_operation(&mut conn, id)
            .await?
            .into_iter()
            .filter_map(|stored| Some((stored.leaf, stored.body?.bytes)))
            .map(|(leaf, bytes)| {
                Ok(LoggedEntry {
                    entry: store::entries::read(&bytes)?,
                    json: String::from_utf8_lossy(&bytes).into_owned(),
                    leaf: leaf.try_into().map_err(|_| store::StoreError::damaged("leaf hash", "not 32 bytes"))?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Logged { summary, entries })
    }
}
