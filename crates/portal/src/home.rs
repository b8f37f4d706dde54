//! What needs attention across a person's teams. It comes from the log, from the search index and from what was read of
//! Workato last: nothing here calls Workato.

mod copies;
mod kind;
mod log_state;
mod setup;
mod side_counts;
mod side_counts_cache;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use store::{OperationSummary, Team, TeamSlug, index::query::PageStart, search::sequences};
use time::{Date, OffsetDateTime};

use self::kind::MOST_LISTED;
pub use self::{
    copies::{BrokenConnection, ConnectorBehind, TeamHealth},
    kind::Kind,
    log_state::LogState,
    setup::{Lacking, SetupProgress, SetupStep},
    side_counts::{Attention, ListCount, SideCounts},
};
use crate::{
    Actor, Error, Portal, Result, TeamId, TeamReader,
    audit::{AuditQuery, Count, EntryActor, OutcomeFilter, TargetType},
};
pub(crate) use side_counts_cache::SideCountsCache;

/// How many days the chart shows.
const DAYS: i64 = 14;
/// How many of the person's own changes are listed.
const OWN: i64 = 5;

/// Searches of the log for what needs attention, as the person may spell them in its search box.
#[derive(Clone, Debug)]
pub struct Searches {
    /// Operations whose outcome nobody knows.
    pub unknown: String,
    /// Flags that the person can answer or whose answers they can review.
    pub flags: String,
    /// Changes outside the portal that nobody has reviewed.
    pub outside: String,
}

/// What needs attention.
#[derive(Clone, Debug)]
pub struct Home {
    /// Every team that the person may read and that is not retired, with how much needs attention in it.
    pub teams: Vec<(Team, usize)>,
    /// How much needs attention in all of them, and in what belongs to no team.
    pub of_all_teams: usize,
    /// The team that the rest is about. `None` for all of them.
    pub team: Option<Team>,
    /// Connections that are broken.
    pub broken: Kind<BrokenConnection>,
    /// Operations whose outcome is not known.
    pub unknown: Kind<OperationSummary>,
    /// Requests that the person can approve.
    pub requests: Kind<OperationSummary>,
    /// Changes that were made without the second person they needed, until somebody has reviewed them.
    pub break_glass: Kind<OperationSummary>,
    /// Flags to answer or to review.
    pub flags: Kind<OperationSummary>,
    /// Changes outside the portal.
    pub outside: Kind<OperationSummary>,
    /// Connectors whose shared version is not the newest released one.
    pub behind: Kind<ConnectorBehind>,
    /// The searches that list the whole of what is in the log.
    pub searches: Searches,
    /// The teams' connections, as they were last read.
    pub health: Vec<TeamHealth>,
    /// What the person changed last, newest first.
    pub own: Vec<OperationSummary>,
    /// How many operations of each day had each outcome, oldest first.
    pub days: Vec<(Date, BTreeMap<OutcomeFilter, i64>)>,
    /// How many of the newest entries are not indexed yet.
    pub unindexed: i64,
    /// The state of the log.
    pub log: LogState,
    /// The steps of setting the portal up, for admins, until all are done.
    pub setup: Option<SetupProgress>,
}

impl Home {
    /// How many things need attention.
    #[must_use]
    pub fn total(&self) -> usize {
        let Self { broken, unknown, requests, break_glass, flags, outside, behind, .. } = self;
        [broken.count, unknown.count, requests.count, break_glass.count, flags.count, outside.count, behind.count]
            .into_iter()
            .sum()
    }

    /// Since when the oldest thing waits.
    #[must_use]
    pub fn oldest(&self) -> Option<OffsetDateTime> {
        let Self { broken, unknown, requests, break_glass, flags, outside, behind, .. } = self;
        let oldest = [broken.oldest, unknown.oldest, requests.oldest, break_glass.oldest, flags.oldest];
        oldest.into_iter().chain([outside.oldest, behind.oldest]).flatten().min()
    }

    /// Whether a team that is shown has not been read since the portal has started, although it has a token.
    #[must_use]
    pub fn lacks_reads(&self) -> bool {
        self.health.iter().any(|team| team.read_at.is_none() && team.team.token.is_some())
    }

    /// When the oldest of the lists of connections and connectors was read.
    #[must_use]
    pub fn read_at(&self) -> Option<OffsetDateTime> {
        self.health.iter().filter_map(|team| team.read_at).min()
    }
}

/// Operations whose outcome nobody knows.
const UNKNOWN: &str = "outcome:unknown,waiting,none";
/// Operations that somebody has flagged.
const FLAGGED: &str = "reviewed:flagged";
/// Flags that were answered.
const ANSWERED: &str = "reviewed:answered";

/// Changes outside the portal that nobody has reviewed.
fn outside() -> String {
    format!("reviewed:no actor:\"{}\"", EntryActor::OUTSIDE)
}

/// The flags that wait for the person.
fn flags_of(actor: &Actor) -> &'static str {
    if actor.reviews() { ANSWERED } else { FLAGGED }
}

/// What the log has that needs the person's attention.
struct OfLog {
    unknown: FoundInLog,
    outside: FoundInLog,
    flagged: FoundInLog,
    /// For those who review.
    answered: Option<FoundInLog>,
    /// Requests that the person can approve.
    requests: FoundInLog,
    /// Changes without the approval that they needed, which nobody has reviewed.
    break_glass: FoundInLog,
}

/// Operations that a search found.
struct FoundInLog {
    kind: Kind<OperationSummary>,
    of_teams: BTreeMap<Option<TeamId>, usize>,
}

impl Portal {
    /// What needs the person's attention, in one team or in all that they may read.
    ///
    /// # Errors
    /// `NotFound` for a team that the person may not read.
    pub async fn home(&self, actor: &Actor, slug: Option<&TeamSlug>) -> Result<Home> {
        let teams: Vec<Team> = self.teams(actor).await?.into_iter().filter(|team| team.retired_at.is_none()).collect();
        let team = match slug {
            Some(slug) => Some(teams.iter().find(|team| team.slug == *slug).cloned().ok_or(Error::NotFound)?),
            None => None,
        };
        let shown_team = team.as_ref().map(|team| team.id);
        let is_shown = |id: TeamId| shown_team.is_none_or(|team| team == id);
        let of_team = slug.map_or_else(String::new, |slug| format!(" team:{slug}"));
        let searches = Searches {
            unknown: format!("{UNKNOWN}{of_team}"),
            flags: format!("{}{of_team}", flags_of(actor)),
            outside: format!("{}{of_team}", outside()),
        };
        let unindexed = self.indexer.caught_up().await?;
        let OfLog { unknown, outside, flagged, answered, requests, break_glass } =
            self.of_log(actor, shown_team).await?;
        let (copies, read) = self.read_of(&teams).await;
        let mut totals: BTreeMap<TeamId, usize> = copies.totals;
        let mut total: usize = totals.values().sum();
        for found in [&unknown, &outside, &flagged, &requests, &break_glass].into_iter().chain(&answered) {
            for (team, count) in &found.of_teams {
                total += count;
                if let Some(team) = team {
                    *totals.entry(*team).or_default() += count;
                }
            }
        }
        let shown: Vec<TeamId> = teams.iter().map(|team| team.id).filter(|id| is_shown(*id)).collect();
        let own = store::own_operations::newest(&mut self.store.read().await?, actor.id(), &shown, OWN).await?;
        let (broken, behind) = (read.broken(is_shown), read.behind(is_shown));
        let health = copies.health.into_iter().filter(|health| is_shown(health.team.id)).collect();
        let flags = match answered {
            Some(answered) => both(flagged.kind, answered.kind),
            None => flagged.kind,
        };
        let shown_teams = team.as_ref().map_or_else(|| actor.readable_teams(), |team| Some(vec![team.id]));
        let (log, days) = (self.log_state(&teams, is_shown).await?, self.changes_by_day(shown_teams, DAYS).await?);
        let setup = match actor.admin() {
            Ok(admin) => self.setup_progress(&admin).await?,
            Err(_) => None,
        };
        let teams = teams.into_iter().map(|team| (totals.get(&team.id).copied().unwrap_or(0), team));
        let teams = teams.map(|(total, team)| (team, total)).collect();
        let (unknown, outside) = (unknown.kind, outside.kind);
        let (requests, break_glass) = (requests.kind, break_glass.kind);
        Ok(Home {
            teams,
            of_all_teams: total,
            team,
            broken,
            unknown,
            requests,
            break_glass,
            flags,
            outside,
            behind,
            searches,
            health,
            own,
            days,
            unindexed,
            log,
            setup,
        })
    }

    /// Changes of this kind that were made in the team's workspace outside the portal, and that nobody has reviewed.
    ///
    /// # Errors
    /// `Store` if the log cannot be read.
    pub async fn outside_changes(&self, reader: &TeamReader, of: TargetType) -> Result<Kind<OperationSummary>> {
        let search = format!("{} team:{} action:{of}", outside(), reader.team().slug);
        let team = Some(reader.team().id);
        Ok(self.found(reader.actor(), &search, |_| true, team).await?.kind)
    }

    async fn of_log(&self, actor: &Actor, shown_team: Option<TeamId>) -> Result<OfLog> {
        let all = |_: Option<TeamId>| true;
        // A flag waits for somebody who can answer it, and its answer for somebody who can review it.
        let answers = |team: Option<TeamId>| match team {
            Some(team) => actor.operates(team),
            None => actor.admin().is_ok(),
        };
        let for_me = self.approvals(actor).await?.for_me.into_iter().map(|waiting| waiting.operation).collect();
        let (visible, most) = (actor.readable_teams(), Count::MOST as i64);
        let mut conn = self.store.read().await?;
        let unreviewed = store::requests::unreviewed_break_glass(&mut conn, visible.as_deref(), most).await?;
        drop(conn);
        Ok(OfLog {
            requests: of_operations(for_me, shown_team),
            break_glass: of_operations(unreviewed, shown_team),
            unknown: self.found(actor, UNKNOWN, all, shown_team).await?,
            outside: self.found(actor, &outside(), all, shown_team).await?,
            flagged: self.found(actor, FLAGGED, answers, shown_team).await?,
            answered: match actor.reviews() {
                true => Some(self.found(actor, ANSWERED, all, shown_team).await?),
                false => None,
            },
        })
    }

    /// The operations that a search finds in what the person may read, of teams that count, and those that are shown.
    async fn found(
        &self,
        actor: &Actor,
        search: &str,
        counts: impl Fn(Option<TeamId>) -> bool,
        shown_team: Option<TeamId>,
    ) -> Result<FoundInLog> {
        let query = AuditQuery::of_portal(search, self.now())?;
        let asked = self.asked(actor, &query).await?;
        let mut conn = self.store.read().await?;
        let most = Count::MOST as i64;
        let sequences = sequences(&mut conn, self.indexer.index(), &asked, PageStart::Newest, most + 1).await?;
        let places = store::operations::teams_of(&mut conn, &sequences).await?;
        let mut of_teams = BTreeMap::new();
        let mut shown: Vec<(i64, OffsetDateTime)> = Vec::new();
        for place in places.into_iter().filter(|place| counts(place.team)) {
            *of_teams.entry(place.team).or_default() += 1;
            if shown_team.is_none() || place.team == shown_team {
                shown.push((place.sequence, place.at));
            }
        }
        let first: Vec<i64> = shown.iter().take(MOST_LISTED).map(|(sequence, _)| *sequence).collect();
        let kind = Kind {
            listed: store::operations::at(&mut conn, &first).await?,
            count: shown.len(),
            has_more: sequences.len() > Count::MOST,
            oldest: shown.iter().map(|(_, at)| *at).min(),
        };
        Ok(FoundInLog { kind, of_teams })
    }
}

/// These operations, oldest first, and those of the team that is shown.
fn of_operations(operations: Vec<OperationSummary>, shown_team: Option<TeamId>) -> FoundInLog {
    let mut of_teams = BTreeMap::new();
    for operation in &operations {
        *of_teams.entry(operation.team_id).or_default() += 1;
    }
    let is_shown = |operation: &OperationSummary| shown_team.is_none() || operation.team_id == shown_team;
    let shown: Vec<OperationSummary> = operations.into_iter().filter(is_shown).collect();
    let (count, oldest) = (shown.len(), shown.first().map(|operation| operation.at));
    let listed = shown.into_iter().take(MOST_LISTED).collect();
    FoundInLog { kind: Kind { listed, count, has_more: false, oldest }, of_teams }
}

/// Both, newest first.
fn both(one: Kind<OperationSummary>, other: Kind<OperationSummary>) -> Kind<OperationSummary> {
    let mut listed: Vec<_> = one.listed.into_iter().chain(other.listed).collect();
    listed.sort_by_key(|operation| std::cmp::Reverse(operation.sequence));
    listed.truncate(MOST_LISTED);
    Kind {
        listed,
        count: one.count + other.count,
        has_more: one.has_more || other.has_more,
        oldest: [one.oldest, other.oldest].into_iter().flatten().min(),
    }
}
