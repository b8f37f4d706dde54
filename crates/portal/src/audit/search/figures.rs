//! The numbers behind the charts: how many operations, when, by whom, and with which outcome. Each number has a search
//! that finds what it counts.

use std::collections::{BTreeMap, HashMap};

use time::{Date, Duration, OffsetDateTime};

use crate::audit::{Action, AuditQuery, Count, OutcomeFilter, Took};
use crate::{Actor, Portal, Problem, Result, TeamId, TeamSlug};
use store::Person;
use store::index::counts::{ActorCount, day_of};

store::words! {
    /// How many days up to today the charts cover.
    pub enum Period {
        /// A week.
        Week => "7",
        /// A month.
        Month => "30",
        /// A quarter.
        Quarter => "90",
    }
}

impl Period {
    /// In days.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

store::words! {
    /// Groups of actions, so that a chart needs few colours.
    pub enum Family {
        /// Connectors and recipes: what embedded customers get.
        Shares => "shares",
        /// Connections.
        Connections => "connections",
        /// Teams, their tokens and members, people, and log collectors.
        Setup => "setup",
        /// Signing in and out.
        Sessions => "sessions",
        /// The log itself: reviews, reading, exports.
        Log => "log",
    }
}

impl Family {
    /// The family of an action.
    #[must_use]
    pub fn of(action: Action) -> Self {
        match action.as_str().split('.').next() {
            Some("connector" | "recipe") => Self::Shares,
            Some("connection") => Self::Connections,
            Some("session") => Self::Sessions,
            Some("operation" | "audit" | "search") => Self::Log,
            _ => Self::Setup,
        }
    }

    /// Whether its actions change something in Workato or in the portal.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(self, Self::Shares | Self::Connections | Self::Setup)
    }

    /// The value of `action:` that finds its actions: the first words of their names.
    #[must_use]
    pub fn spelled(self) -> String {
        let mut first: Vec<&str> = Vec::new();
        for action in Action::ALL.iter().filter(|action| Self::of(**action) == self) {
            let word = action.as_str().split('.').next().unwrap_or_default();
            if !first.contains(&word) {
                first.push(word);
            }
        }
        first.join(",")
    }
}

/// What the charts show.
#[derive(Clone, Debug)]
pub struct FiguresQuery {
    /// One team; `None` for all that the actor may read.
    pub team: Option<TeamSlug>,
    /// The days.
    pub period: Period,
}

/// How many operations somebody performed.
#[derive(Clone, Debug)]
pub struct ByActor {
    /// The name.
    pub name: String,
    /// The e-mail, if the actor is a person.
    pub email: Option<String>,
    /// The operations of each family that changes something.
    pub operations: BTreeMap<Family, i64>,
}

impl ByActor {
    /// The total.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.operations.values().sum()
    }
}

/// The numbers behind the charts.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The days, oldest first.
    pub days: Vec<Date>,
    /// Operations of each day by family.
    pub by_family: BTreeMap<(Date, Family), i64>,
    /// Operations of each day by outcome.
    pub by_outcome: BTreeMap<(Date, OutcomeFilter), i64>,
    /// Who changes what, busiest first.
    pub by_actor: Vec<ByActor>,
    /// How long operations took from intent to outcome.
    pub took: BTreeMap<Took, i64>,
    /// What waits for somebody, of any age: a search, and how many it finds.
    pub waits: Vec<(&'static str, Count)>,
    /// How many of the newest entries are not indexed yet.
    pub behind: i64,
    /// When the index did not match the log and was rebuilt, if that was within the last hour.
    pub rebuilt: Option<OffsetDateTime>,
}

/// Searches for what waits for somebody.
const WAITS: [&str; 6] =
    ["outcome:none", "outcome:unknown", "outcome:waiting", "reviewed:flagged", "reviewed:answered", "reviewed:no"];
/// How many actors are shown.
const MOST_ACTORS: usize = 10;

impl Portal {
    /// The numbers behind the charts, for the teams that the actor may read.
    ///
    /// # Errors
    /// `Invalid` for a team that the actor may not read.
    pub async fn figures(&self, actor: &Actor, asked: &FiguresQuery) -> Result<Figures> {
        let teams = match &asked.team {
            None => actor.readable_teams(),
            Some(slug) => match store::teams::by_slug(&mut self.store.read().await?, slug).await? {
                Some(team) if actor.reads(team.id) => Some(vec![team.id]),
                _ => return Err(Problem::NoTeam.of("team")),
            },
        };
        let behind = self.indexer.caught_up().await?;
        let now = self.now();
        let today = now.date();
        let days: Vec<Date> =
            (0..asked.period.days()).rev().filter_map(|back| today.checked_sub(Duration::days(back))).collect();
        let range = (days.first().map_or(0, |day| number(*day)), number(today));
        let index = self.indexer.index();
        let (mut by_family, mut by_outcome) = (BTreeMap::new(), BTreeMap::new());
        for counts in index.by_day(range, teams.as_deref()).await? {
            let Some(day) = date(counts.day) else { continue };
            *by_family.entry((day, Family::of(counts.action))).or_insert(0) += counts.operations;
            *by_outcome.entry((day, counts.outcome)).or_insert(0) += counts.operations;
        }
        let by_actor = self.busiest(index.by_actor(range, teams.as_deref()).await?).await?;
        let took = index.by_took(range, teams.as_deref()).await?;
        let mut waits = Vec::new();
        for search in WAITS {
            let of_team = asked.team.as_ref().map_or_else(String::new, |team| format!(" team:{team}"));
            let query = AuditQuery::of_portal(&format!("{search}{of_team}"), now)?;
            waits.push((search, self.count_operations(actor, &query).await?));
        }
        Ok(Figures {
            days,
            by_family,
            by_outcome,
            by_actor,
            took: took.into_iter().collect(),
            waits,
            behind,
            rebuilt: self.indexer.mismatched_at(),
        })
    }

    /// How many changes of each of the last days had each outcome, oldest first, in these teams or in all.
    pub(crate) async fn changes_by_day(
        &self,
        teams: Option<Vec<TeamId>>,
        days: i64,
    ) -> Result<Vec<(Date, BTreeMap<OutcomeFilter, i64>)>> {
        let today = self.now().date();
        let mut by_day: BTreeMap<Date, BTreeMap<OutcomeFilter, i64>> =
            (0..days).filter_map(|back| Some((today.checked_sub(Duration::days(back))?, BTreeMap::new()))).collect();
        let range = (by_day.first_key_value().map_or(0, |(day, _)| number(*day)), number(today));
        for counts in self.indexer.index().by_day(range, teams.as_deref()).await? {
            let of_day = date(counts.day).filter(|_| Family::of(counts.action).changes());
            if let Some(of_day) = of_day.and_then(|day| by_day.get_mut(&day)) {
                *of_day.entry(counts.outcome).or_default() += counts.operations;
            }
        }
        Ok(by_day.into_iter().collect())
    }

    /// Who changes the most, and what. People have their present names.
    async fn busiest(&self, counted: Vec<ActorCount>) -> Result<Vec<ByActor>> {
        let people = store::people::list(&mut self.store.read().await?).await?;
        let people: HashMap<String, Person> =
            people.into_iter().map(|person| (person.id.to_string(), person)).collect();
        let mut by_actor: BTreeMap<(String, Option<String>), BTreeMap<Family, i64>> = BTreeMap::new();
        for ActorCount { actor, action, operations } in counted {
            let family = Family::of(action);
            if family.changes() {
                let known = people.get(&actor).map(|person| (person.name.clone(), Some(person.email.clone())));
                let name = known.unwrap_or((actor, None));
                *by_actor.entry(name).or_default().entry(family).or_insert(0) += operations;
            }
        }
        let mut by_actor: Vec<ByActor> =
            by_actor.into_iter().map(|((name, email), operations)| ByActor { name, email, operations }).collect();
        by_actor.sort_by_key(|actor| std::cmp::Reverse(actor.total()));
        by_actor.truncate(MOST_ACTORS);
        Ok(by_actor)
    }
}

fn number(day: Date) -> i64 {
    day_of(day.midnight().assume_utc())
}

fn date(number: i64) -> Option<Date> {
    OffsetDateTime::from_unix_timestamp(number * 86_400).ok().map(OffsetDateTime::date)
}

#[cfg(test)]
mod tests;
