//! The views that somebody sees, and how much each shows. Views of the audit log are counted in its index, those of a
//! team's list in the list as it was last read: counting calls nothing.

use std::{
    collections::{BTreeMap, HashMap},
    slice,
    sync::Arc,
    time::{Duration, Instant},
};

use store::{PersonId, SavedView, Team, TeamId, ViewedList};
use tokio::time::timeout;

use super::{
    counts::{Counts, Finds, Key},
    query::{self, ListFilter},
};
use crate::{
    Actor, Error, Portal, Result, TeamReader,
    audit::AuditQuery,
    background::compute,
    page_reads::{note_change, passing},
    upstream::Unchanged,
};

/// How old a count of operations may be before it is refreshed.
const FRESH: Duration = Duration::from_secs(10);
/// How long a page waits for missing counts of operations.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most views of teams' lists that one page counts. `make bench` looks at 50,000 connections in less than 2 ms, so
/// that the largest lists take less than a fifth of a second, and few people see half as many views.
const MOST_COUNTED: usize = 100;

/// A view, and how much it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedView {
    /// The view.
    pub saved: SavedView,
    /// How much.
    pub finds: Finds,
}

/// A view of any list.
#[derive(Clone, Debug)]
pub struct ViewOfTeam {
    /// The view.
    pub view: CountedView,
    /// The team whose list it is. `None` for the audit log, and for a team that the person can no longer read.
    pub team: Option<Team>,
}

impl Portal {
    /// The actor's own views of the audit log by name, then the shared ones, at most `most`, each with how many
    /// operations it finds. Counts may be some seconds old, since every page shows them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn saved_views(self: &Arc<Self>, actor: &Actor, most: Option<u32>) -> Result<Vec<CountedView>> {
        let saved = self.kept_views(ViewedList::Audit, None, actor.id(), most).await?;
        self.counted_in_log(actor, saved, most).await
    }

    /// The views of a team's list: the reader's own by name, then the shared ones, at most `most`, each with how many
    /// rows it shows.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn list_views(
        &self,
        reader: &TeamReader,
        list: ViewedList,
        most: Option<u32>,
    ) -> Result<Vec<CountedView>> {
        let (team, person) = (reader.team(), reader.actor().id());
        let saved = self.kept_views(list, Some(team.id), person, most).await?;
        Ok(self.counted_in_lists(slice::from_ref(team), saved).await)
    }

    async fn kept_views(
        &self,
        list: ViewedList,
        team: Option<TeamId>,
        person: PersonId,
        most: Option<u32>,
    ) -> Result<Vec<SavedView>> {
        let read = async {
            let mut conn = self.store.read().await?;
            Ok(store::saved_views::of_list(&mut conn, list, team, person, most).await?)
        };
        Ok(self.kept.get(&self.store, ("views", list, team, person, most), read).await?.to_vec())
    }

    /// The actor's own views of every list by name, then the shared ones of lists that they may read.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn every_view(self: &Arc<Self>, actor: &Actor) -> Result<Vec<ViewOfTeam>> {
        let teams = self.teams(actor).await?;
        let saved = store::saved_views::of_every_list(&mut self.store.read().await?, actor.id()).await?;
        let order: Vec<_> = saved.iter().map(|view| view.id).collect();
        let seen = saved.into_iter().filter(|view| actor.sees_view(view));
        let (of_log, of_lists): (Vec<_>, Vec<_>) = seen.partition(|view| view.list == ViewedList::Audit);
        let mut counted = self.counted_in_log(actor, of_log, None).await?;
        counted.extend(self.counted_in_lists(&teams, of_lists).await);
        counted.sort_by_key(|counted| order.iter().position(|id| *id == counted.saved.id));
        let team = |view: &CountedView| teams.iter().find(|team| Some(team.id) == view.saved.team).cloned();
        Ok(counted.into_iter().map(|view| ViewOfTeam { team: team(&view), view }).collect())
    }

    /// Views of lists of these teams. Those of other teams cannot be shown.
    async fn counted_in_lists(&self, teams: &[Team], saved: Vec<SavedView>) -> Vec<CountedView> {
        let lists: BTreeMap<TeamId, Unchanged> = saved
            .iter()
            .filter_map(|view| teams.iter().find(|team| Some(team.id) == view.team))
            .map(|team| (team.id, self.upstream.unchanged(team)))
            .collect();
        let mut counted = Vec::with_capacity(saved.len());
        for (number, saved) in saved.into_iter().enumerate() {
            let finds = match saved.team.and_then(|team| lists.get(&team)) {
                None => Finds::CannotBeAsked,
                Some(_) if number >= MOST_COUNTED => Finds::NotCounted,
                Some(lists) => self.rows_of(&saved, lists).await,
            };
            counted.push(CountedView { saved, finds });
        }
        counted
    }

    /// How many rows of a list a view shows.
    async fn rows_of(&self, saved: &SavedView, lists: &Unchanged) -> Finds {
        let counted = match query::filter(saved.list, &saved.query, self.now()) {
            Err(_) => return Finds::CannotBeAsked,
            // That depends on the recipes, which are not in the list.
            Ok(ListFilter::Connections(filter)) if filter.usage.is_some() => None,
            Ok(ListFilter::Connections(filter)) => match lists.connections(filter.query.include_runtime_connections) {
                Some(list) => Some((self.known_lists.filtered(list, &filter, None).await.places.len(), list.read_at)),
                None => None,
            },
            Ok(ListFilter::Connectors(filter)) => match lists.connectors.clone() {
                Some(list) => {
                    let (read_at, rows) = (list.read_at, list.items.len());
                    let count = move || list.items.iter().filter(|one| filter.matches(one)).count();
                    Some((compute(rows, count).await, read_at))
                }
                None => None,
            },
        };
        counted.map_or(Finds::NotCounted, |(count, read_at)| Finds::Rows { count, read_at })
    }

    async fn counted_in_log(
        self: &Arc<Self>,
        actor: &Actor,
        saved: Vec<SavedView>,
        most: Option<u32>,
    ) -> Result<Vec<CountedView>> {
        if saved.is_empty() {
            return Ok(Vec::new());
        }
        let key = (actor.id(), actor.role(), actor.readable_teams().unwrap_or_default(), most);
        let cache = &self.saved_view_counts.0;
        let counts = match cache.get(&key).await {
            Some(known) if !saved.iter().all(|saved| known.finds.contains_key(&saved.id)) => {
                cache.invalidate(&key).await;
                self.counted_soon(actor, &saved, key).await
            }
            None => self.counted_soon(actor, &saved, key).await,
            Some(known) => {
                if known.begun.elapsed() >= FRESH {
                    // Keeps other requests from starting the same count.
                    passing();
                    let begun = Counts { begun: Instant::now(), finds: known.finds.clone() };
                    cache.insert(key.clone(), Arc::new(begun)).await;
                    self.count_beside(actor.clone(), saved.clone(), key);
                }
                Some(known)
            }
        };
        let finds = |id| counts.as_ref().and_then(|counts| counts.finds.get(&id)).copied().unwrap_or(Finds::NotCounted);
        Ok(saved.into_iter().map(|saved| CountedView { finds: finds(saved.id), saved }).collect())
    }

    /// Counts once for all requests that wait for the same. A request gives up after [`PATIENCE`].
    async fn counted_soon(self: &Arc<Self>, actor: &Actor, saved: &[SavedView], key: Key) -> Option<Arc<Counts>> {
        let (portal, actor, saved) = (Arc::clone(self), actor.clone(), saved.to_vec());
        let counting = self.running.spawn(async move {
            let counts = portal.saved_view_counts.0.try_get_with(key, portal.count_all(&actor, &saved)).await;
            counts.inspect_err(|error| tracing::error!(%error, "saved views cannot be counted")).ok()
        });
        let counts = timeout(PATIENCE, counting).await.ok().and_then(|counting| counting.ok().flatten());
        if counts.is_none() {
            passing();
        }
        counts
    }

    /// Refreshes counts in the background.
    fn count_beside(self: &Arc<Self>, actor: Actor, saved: Vec<SavedView>, key: Key) {
        let portal = Arc::clone(self);
        self.running.spawn(async move {
            match portal.count_all(&actor, &saved).await {
                Ok(counts) => {
                    portal.saved_view_counts.0.insert(key, counts).await;
                    note_change();
                }
                Err(error) => tracing::error!(%error, "saved views cannot be counted again"),
            }
        });
    }

    async fn count_all(&self, actor: &Actor, saved: &[SavedView]) -> Result<Arc<Counts>> {
        let now = self.now();
        let mut counts = Counts { begun: Instant::now(), finds: HashMap::new() };
        for saved in saved {
            let finds = match AuditQuery::read(&saved.query, now) {
                Ok(query) => match self.count_as_indexed(actor, &query).await {
                    Ok(count) => Finds::Operations(count),
                    // A team that was renamed, or that the actor may not read.
                    Err(Error::Invalid(_)) => Finds::CannotBeAsked,
                    Err(error) => return Err(error),
                },
                Err(_) => Finds::CannotBeAsked,
            };
            counts.finds.insert(saved.id, finds);
        }
        Ok(Arc::new(counts))
    }
}
