//! Finding operations: what a person asks for, what he or she may see, and pages by keyset.

use time::OffsetDateTime;

use super::{
    Action, Asks, AuditFilter, AuditQuery, Cursor, Entry, Hash, Outcome, Review, Stage, Target, TargetType, Words,
    query,
};
use crate::{
    Actor, Error, FieldProblems, OperationId, PersonId, Portal, Result, TeamId, TeamReader, TeamSlug,
    store::{
        self, Store,
        entries::RemovedBody,
        search::{Asked, Column, From, Term},
        search_index::{facet_of_action, facet_of_outcome, facet_of_review, facet_of_team, facet_of_took},
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
    /// What was last said of it by its reviewers or to them, if anything.
    pub review: Option<Review>,
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
    /// Its entries whose contents are kept.
    pub entries: Vec<LoggedEntry>,
    /// Those whose contents retention has removed.
    pub removed: Vec<RemovedEntry>,
}

/// An entry of which only its place and its hash are kept.
#[derive(Clone, Debug)]
pub struct RemovedEntry {
    /// Its place in the log.
    pub sequence: i64,
    /// The hash of its bytes.
    pub leaf: Hash,
    /// When its contents were removed.
    pub at: OffsetDateTime,
    /// For how many days contents were kept then.
    pub days: i64,
    /// The operation that tells of the removal.
    pub told: Option<OperationId>,
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
    /// How many of the newest entries the search does not know yet; none, unless the index cannot be written or is
    /// being filled anew.
    pub behind: i64,
}

/// How many there are, counted no further than to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(usize),
    /// More than [`Count::MOST`].
    More,
}

impl Count {
    /// Nobody needs to know more exactly than this, and counting on would make every page slower than the last.
    pub const MOST: usize = 1_000;

    fn of(found: usize) -> Self {
        if found > Self::MOST { Self::More } else { Self::Exactly(found) }
    }
}

fn words_in(column: Column, words: &Words) -> Term {
    Term::Words { column, text: words.text.clone(), exact: words.exact }
}

fn facets<T: Copy>(values: &[T], facet: impl Fn(T) -> String) -> Term {
    Term::Facets(values.iter().map(|value| facet(*value)).collect())
}

impl Portal {
    /// A page of the operations that the actor may see.
    ///
    /// # Errors
    /// When the filter names a team that the actor may not read, or the log cannot be read.
    pub async fn audit_page(&self, actor: &Actor, filter: &AuditFilter) -> Result<AuditPage> {
        let asked = self.asked(actor, &filter.query).await?;
        let behind = if asked.is_plain() { 0 } else { self.indexer.caught_up().await? };
        let (from, back) = match filter.cursor {
            Cursor::Newest => (From::Newest, false),
            Cursor::Older(sequence) => (From::OlderThan(sequence), false),
            Cursor::Newer(sequence) => (From::NewerThan(sequence), true),
        };
        let mut conn = self.store.read().await?;
        // One more than a page tells whether there is another.
        let mut sequences = store::search::sequences(&mut conn, &asked, from, PAGE + 1).await?;
        let more = sequences.len() as i64 > PAGE;
        if more {
            sequences.remove(if back { 0 } else { sequences.len() - 1 });
        }
        let (first, last) = (sequences.first().copied(), sequences.last().copied());
        Ok(AuditPage {
            older: last.filter(|_| more || back),
            newer: first.filter(|_| if back { more } else { filter.cursor != Cursor::Newest }),
            operations: store::operations::at(&mut conn, &sequences).await?,
            behind,
        })
    }

    /// How many operations that the actor may see match, counted no further than a thousand.
    ///
    /// # Errors
    /// When the query names a team that the actor may not read, or the log cannot be read.
    pub async fn count_operations(&self, actor: &Actor, query: &AuditQuery) -> Result<Count> {
        let asked = self.asked(actor, query).await?;
        if !asked.is_plain() {
            self.indexer.caught_up().await?;
        }
        self.count_asked(&asked).await
    }

    /// The same, as far as the index is by itself: at most some seconds behind, and without waiting for it.
    pub(super) async fn count_as_indexed(&self, actor: &Actor, query: &AuditQuery) -> Result<Count> {
        self.count_asked(&self.asked(actor, query).await?).await
    }

    async fn count_asked(&self, asked: &Asked) -> Result<Count> {
        let mut conn = self.store.read().await?;
        let found = store::search::sequences(&mut conn, asked, From::Newest, Count::MOST as i64 + 1).await?;
        Ok(Count::of(found.len()))
    }

    /// The newest operations on one of a team's things, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn history(
        &self,
        reader: &TeamReader,
        kind: TargetType,
        id: impl ToString,
    ) -> Result<Vec<OperationSummary>> {
        let (team, id) = (reader.team().id, id.to_string());
        if kind == TargetType::Customer {
            // A recipe's customer is its share's second target: only the index knows those.
            let asked = Asked { visible: Some(vec![team]), all: vec![Term::Target(kind, id)], ..Asked::default() };
            self.indexer.caught_up().await?;
            let mut conn = self.store.read().await?;
            let sequences = store::search::sequences(&mut conn, &asked, From::Newest, PAGE).await?;
            return Ok(store::operations::at(&mut conn, &sequences).await?);
        }
        let mut conn = self.store.read().await?;
        let target = (kind, id.as_str());
        Ok(store::operations::on_target(&mut conn, Some(team), target, PAGE).await?)
    }

    /// What a query asks of the store, for this actor.
    pub(super) async fn asked(&self, actor: &Actor, query: &AuditQuery) -> Result<Asked> {
        asked(&self.store, actor.readable_teams(), query).await
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
        let mut logged = Logged { summary, entries: Vec::new(), removed: Vec::new() };
        for stored in store::entries::of_operation(&mut conn, id).await? {
            let leaf = stored.leaf.try_into().map_err(|_| store::StoreError::damaged("leaf hash", "not 32 bytes"))?;
            match (stored.body, stored.removed) {
                (Some(body), _) => logged.entries.push(LoggedEntry {
                    entry: store::entries::read(&body.bytes)?,
                    json: String::from_utf8_lossy(&body.bytes).into_owned(),
                    leaf,
                }),
                (None, Some(RemovedBody { run, days, at, .. })) => {
                    let told = store::operations::beginning_at(&mut conn, run).await?;
                    logged.removed.push(RemovedEntry { sequence: stored.sequence, leaf, at, days, told });
                }
                // `audit verify` tells of it.
                (None, None) => {}
            }
        }
        Ok(logged)
    }
}

/// What a query asks of the store, for somebody who may read these teams; none stands for all.
pub(super) async fn asked(store: &Store, visible: Option<Vec<TeamId>>, query: &AuditQuery) -> Result<Asked> {
    let reads = |team| visible.as_ref().is_none_or(|visible| visible.contains(&team));
    let mut asked = Asked { visible: visible.clone(), ..Asked::default() };
    let mut problems = FieldProblems::default();
    let mut conn = store.read().await?;
    for clause in &query.clauses {
        let term = match &clause.asks {
            Asks::Text(words) => words_in(Column::Any, words),
            Asks::Actor(words) => words_in(Column::Actor, words),
            Asks::Target(words) => words_in(Column::Target, words),
            Asks::ExactTarget(kind, id) => Term::Target(*kind, id.clone()),
            Asks::Action(any) => facets(&any.values, facet_of_action),
            Asks::Outcome(any) => facets(&any.values, facet_of_outcome),
            Asks::Reviewed(any) => facets(&any.values, facet_of_review),
            Asks::Took(any) => facets(&any.values, facet_of_took),
            Asks::Operation(id) if !clause.excluded => {
                // Two different ones at once are none.
                match asked.only {
                    Some(other) if other != *id => asked.visible = Some(Vec::new()),
                    _ => asked.only = Some(*id),
                }
                continue;
            }
            Asks::Operation(_) => continue,
            Asks::After(when) => {
                asked.after = asked.after.max(Some(when.at));
                continue;
            }
            Asks::Before(when) => {
                asked.before = Some(asked.before.map_or(when.at, |before| before.min(when.at)));
                continue;
            }
            Asks::Team(any) => {
                let mut teams = Vec::new();
                for slug in &any.values {
                    match store::teams::by_slug(&mut conn, slug).await? {
                        Some(team) if reads(team.id) => teams.push(team.id),
                        _ => problems.add(clause.field, query::no_team()),
                    }
                }
                if clause.excluded {
                    facets(&teams, facet_of_team)
                } else {
                    let visible = asked.visible.take();
                    teams.retain(|team| visible.as_ref().is_none_or(|visible| visible.contains(team)));
                    asked.visible = Some(teams);
                    continue;
                }
            }
        };
        if clause.excluded { asked.none.push(term) } else { asked.all.push(term) }
    }
    if problems.is_empty() { Ok(asked) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests;
