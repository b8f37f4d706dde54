//! Saved searches, private or shared, and how many operations each finds. A shared search finds and counts only what
//! its reader may see.

use super::search_counts::Counts;
use super::search_counts::Finds;
use super::search_counts::Key;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use store::SavedSearch;

use tokio::time::timeout;

use crate::audit::{Action, AuditQuery, Draft, append};
use crate::{
    Actor, Attempt, Error, FieldProblems, Portal, PortalRole, Result, SavedSearchId, SearchProblem, fields, one_line,
};

/// The most saved searches of one person.
const MOST: i64 = 50;
/// The most shared searches.
const MOST_SHARED: i64 = 100;
/// The most characters of a name.
const LONGEST_NAME: usize = 60;
/// How old a count may be before it is refreshed.
const FRESH: Duration = Duration::from_secs(10);
/// How long a page waits for missing counts.
const PATIENCE: Duration = Duration::from_secs(1);

/// A saved search, and how many operations it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedSearch {
    /// The search.
    pub saved: SavedSearch,
    /// How many.
    pub finds: Finds,
}

impl Actor {
    /// Whether the person may rename a saved search: the owner may.
    #[must_use]
    pub fn may_rename(&self, search: &SavedSearch) -> bool {
        search.person == self.id()
    }

    /// Whether the person may delete a saved search: the owner may, and an admin if everybody sees it.
    #[must_use]
    pub fn may_delete(&self, search: &SavedSearch) -> bool {
        self.may_rename(search) || (search.shared && self.role() == PortalRole::Admin)
    }
}

impl Portal {
    /// The actor's own searches by name, then the shared ones, at most `most`, each with how many operations it finds.
    /// Counts may be some seconds old, since every page shows them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn saved_searches(self: &Arc<Self>, actor: &Actor, most: Option<u32>) -> Result<Vec<CountedSearch>> {
        let saved = store::saved_searches::list(&mut self.store.read().await?, actor.id(), most).await?;
        if saved.is_empty() {
            return Ok(Vec::new());
        }
        let key = (actor.id(), actor.role(), actor.readable_teams().unwrap_or_default(), most);
        let cache = &self.search_counts.0;
        let counts = match cache.get(&key).await {
            Some(known) if !saved.iter().all(|saved| known.finds.contains_key(&saved.id)) => {
                cache.invalidate(&key).await;
                self.counted_soon(actor, &saved, key).await
            }
            None => self.counted_soon(actor, &saved, key).await,
            Some(known) => {
                if known.begun.elapsed() >= FRESH {
                    // Keeps other requests from starting the same count.
                    let begun = Counts { begun: Instant::now(), finds: known.finds.clone() };
                    cache.insert(key.clone(), Arc::new(begun)).await;
                    self.count_beside(actor.clone(), saved.clone(), key);
                }
                Some(known)
            }
        };
        let finds = |id| counts.as_ref().and_then(|counts| counts.finds.get(&id)).copied().unwrap_or(Finds::NotCounted);
        Ok(saved.into_iter().map(|saved| CountedSearch { finds: finds(saved.id), saved }).collect())
    }

    /// Counts once for all requests that wait for the same. A request gives up after [`PATIENCE`].
    async fn counted_soon(self: &Arc<Self>, actor: &Actor, saved: &[SavedSearch], key: Key) -> Option<Arc<Counts>> {
        let (portal, actor, saved) = (Arc::clone(self), actor.clone(), saved.to_vec());
        let counting = self.running.spawn(async move {
            let counts = portal.search_counts.0.try_get_with(key, portal.count_all(&actor, &saved)).await;
            counts.inspect_err(|error| tracing::error!(%error, "saved searches cannot be counted")).ok()
        });
        timeout(PATIENCE, counting).await.ok()?.ok()?
    }

    /// Refreshes counts in the background.
    fn count_beside(self: &Arc<Self>, actor: Actor, saved: Vec<SavedSearch>, key: Key) {
        let portal = Arc::clone(self);
        self.running.spawn(async move {
            match portal.count_all(&actor, &saved).await {
                Ok(counts) => portal.search_counts.0.insert(key, counts).await,
                Err(error) => tracing::error!(%error, "saved searches cannot be counted again"),
            }
        });
    }

    async fn count_all(&self, actor: &Actor, saved: &[SavedSearch]) -> Result<Arc<Counts>> {
        let now = self.now();
        let mut counts = Counts { begun: Instant::now(), finds: HashMap::new() };
        for saved in saved {
            let finds = match AuditQuery::read(&saved.search, now) {
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

    /// Saves a search under a name. A shared one is recorded.
    ///
    /// # Errors
    /// `Invalid` for name or search; `LogUnavailable` if a shared one cannot be recorded.
    pub async fn save_search(&self, actor: &Actor, name: &str, search: &str, shared: bool) -> Result<SavedSearch> {
        let mut problems = FieldProblems::default();
        let name = read_name(name, &mut problems);
        let query = AuditQuery::read(search, self.now()).unwrap_or_else(|problem| {
            problems.add("search", problem);
            AuditQuery::default()
        });
        if problems.is_empty() && query.is_empty() {
            problems.add("search", SearchProblem::EmptySearch);
        }
        let saved = SavedSearch {
            id: SavedSearchId::new(),
            person: actor.id(),
            owner: actor.name().to_owned(),
            name,
            search: query.to_string(),
            shared,
        };
        let mut tx = self.store.write().await?;
        let (kept, is_taken) = store::saved_searches::kept(&mut tx, actor.id(), &saved.name, None).await?;
        if is_taken {
            problems.add("name", SearchProblem::SearchNameTaken);
        } else if kept >= MOST {
            problems.add("name", SearchProblem::TooManySearches { most: MOST });
        } else if shared && store::saved_searches::shared(&mut tx).await? >= MOST_SHARED {
            problems.add("name", SearchProblem::TooManySharedSearches { most: MOST_SHARED });
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let told = match saved.shared {
            true => {
                Some(append(&mut tx, about(Draft::recorded(actor.entry_actor(), Action::SearchShare), &saved)).await?)
            }
            false => None,
        };
        store::saved_searches::insert(&mut tx, &saved, told.as_ref(), self.now()).await?;
        tx.commit().await?;
        Ok(saved)
    }

    /// Renames one of the actor's own searches. For a shared one that is recorded.
    ///
    /// # Errors
    /// `Invalid` for the name; `NotFound` if the actor has no such search.
    pub async fn rename_search(&self, actor: &Actor, id: SavedSearchId, name: &str) -> Result<()> {
        let mut problems = FieldProblems::default();
        let name = read_name(name, &mut problems);
        let mut tx = self.store.write().await?;
        let saved = store::saved_searches::find(&mut tx, id).await?.filter(|saved| actor.may_rename(saved));
        let saved = saved.ok_or(Error::NotFound)?;
        let (_, is_taken) = store::saved_searches::kept(&mut tx, actor.id(), &name, Some(id)).await?;
        if is_taken {
            problems.add("name", SearchProblem::SearchNameTaken);
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if saved.name == name {
            return Ok(());
        }
        let told = match saved.shared {
            true => {
                let draft = about(Draft::recorded(actor.entry_actor(), Action::SearchRename), &saved)
                    .parameter("name", &name)
                    .before(serde_json::json!({ "name": saved.name }));
                Some(append(&mut tx, draft).await?)
            }
            false => None,
        };
        store::saved_searches::rename(&mut tx, id, &name, told.as_ref()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes a saved search. For a shared one that is recorded.
    ///
    /// # Errors
    /// `NotFound` if the actor sees no such search, `Forbidden` for somebody else's, which is recorded.
    pub async fn delete_search(&self, actor: &Actor, id: SavedSearchId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let saved = store::saved_searches::find(&mut tx, id).await?;
        let saved = saved.filter(|saved| saved.shared || actor.may_rename(saved)).ok_or(Error::NotFound)?;
        if !actor.may_delete(&saved) {
            drop(tx);
            return Err(self.deny(actor, None, Attempt::new(Action::SearchDelete, Some(saved.target()))).await);
        }
        store::saved_searches::remove(&mut tx, id).await?;
        if saved.shared {
            let draft = Draft::recorded(actor.entry_actor(), Action::SearchDelete)
                .target(saved.target())
                .before(serde_json::json!({ "search": saved.search, "owner": saved.owner }));
            append(&mut tx, draft).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// An entry about a shared search, with everything that the log says of it: what it is is derived from the newest entry
/// alone.
fn about(draft: Draft, saved: &SavedSearch) -> Draft {
    draft
        .target(saved.target())
        .parameter("name", &saved.name)
        .parameter("search", &saved.search)
        .parameter("owner", saved.person)
}

/// A name that somebody gives to a thing of the audit log: a search, a collector's token.
pub(in crate::audit) fn read_name(text: &str, problems: &mut FieldProblems) -> String {
    fields::name(&one_line(text), LONGEST_NAME).unwrap_or_else(|problem| {
        problems.add("name", problem);
        String::new()
    })
}

#[cfg(test)]
mod tests;
