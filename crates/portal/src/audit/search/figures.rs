//! How much was done, when, by whom and how it went: the numbers behind the pictures. What each number counts can be
//! asked for as a search.

use std::collections::{BTreeMap, HashMap};

use time::{Date, Duration, OffsetDateTime};

use super::query::no_team;
use crate::audit::{Action, AuditQuery, Count, OutcomeAsked, Took};
use crate::{Actor, Error, FieldProblems, Portal, Result, TeamSlug};
use store::Person;
use store::index::counts::{ActorCount, day_of};

store::words! {
    /// How far back the pictures reach, in days up to today.
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
    /// What actions have in common, so that few colours tell them apart.
    pub enum Family {
        /// On connectors and recipes: what embedded customers get.
        Shares => "shares",
        /// On connections.
        Connections => "connections",
        /// On teams, their tokens and members, on people, and on those who collect the log.
        Setup => "setup",
        /// Coming and going.
        Sessions => "sessions",
        /// On the log itself: reviews, reading, exports.
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

    /// Whether what is in it changes something, in Workato or in the portal.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(self, Self::Shares | Self::Connections | Self::Setup)
    }

    /// How a search asks for its actions: by the first words of their names.
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

/// What the pictures are asked for.
#[derive(Clone, Debug)]
pub struct FiguresAsked {
    /// In one team; in all that the actor reads, where there is none.
    pub team: Option<TeamSlug>,
    /// How far back.
    pub period: Period,
}

/// What somebody did.
#[derive(Clone, Debug)]
pub struct ByActor {
    /// The name.
    pub name: String,
    /// The e-mail, of a person.
    pub email: Option<String>,
    /// How many operations of each family that changes something.
    pub operations: BTreeMap<Family, i64>,
}

impl ByActor {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.operations.values().sum()
    }
}

/// How much was done.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The days, the oldest first.
    pub days: Vec<Date>,
    /// Operations of each day by family.
    pub by_family: BTreeMap<(Date, Family), i64>,
    /// Operations of each day by outcome.
    pub by_outcome: BTreeMap<(Date, OutcomeAsked), i64>,
    /// Who changes what, the busiest first.
    pub by_actor: Vec<ByActor>,
    /// From intent to outcome.
    pub took: BTreeMap<Took, i64>,
    /// What waits, whenever it was begun: a search for it, and how many.
    pub waits: Vec<(&'static str, Count)>,
    /// How many of the newest entries are not counted yet.
    pub behind: i64,
}

/// What waits for somebody.
const WAITS: [&str; 6] =
    ["outcome:none", "outcome:unknown", "outcome:waiting", "reviewed:flagged", "reviewed:answered", "reviewed:no"];
/// How many people are told apart.
const MOST_ACTORS: usize = 10;

impl Portal {
    /// How much was done in the teams that the actor reads.
    ///
    /// # Errors
    /// `Invalid` for a team that the actor does not read.
    pub async fn figures(&self, actor: &Actor, asked: &FiguresAsked) -> Result<Figures> {
        let teams = match &asked.team {
            None => actor.readable_teams(),
            Some(slug) => match store::teams::by_slug(&mut self.store.read().await?, slug).await? {
                Some(team) if actor.reads(team.id) => Some(vec![team.id]),
                _ => return Err(Error::Invalid(FieldProblems::from([("team", &*no_team())]))),
            },
        };
        let behind = self.indexer.caught_up().await?;
        let now = OffsetDateTime::now_utc();
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
            let query = AuditQuery::read(&format!("{search}{of_team}"), now).map_err(Error::Internal)?;
            waits.push((search, self.count_operations(actor, &query).await?));
        }
        Ok(Figures { days, by_family, by_outcome, by_actor, took: took.into_iter().collect(), waits, behind })
    }

    /// Who changes the most, and what. People are named as they are now.
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
