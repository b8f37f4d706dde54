//! Suggestions for the search box: actors and targets of the newest operations that somebody may see.

use crate::audit::{Target, TargetType};
use crate::{Actor, Portal, Result, TeamId};
use store::index::query::{Criteria, PageStart};

/// How many of the newest operations are read.
const LOOKED_AT: i64 = 500;
/// How many of a kind are suggested.
const MOST: usize = 40;

/// Actors and targets, each once, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// Names of actors, with the e-mail of those who have one.
    pub actors: Vec<(String, Option<String>)>,
    /// Targets.
    pub targets: Vec<Target>,
}

impl Portal {
    /// Actors and targets of the newest operations that the actor may see.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn suggestions(&self, actor: &Actor) -> Result<Suggestions> {
        let visible = actor.readable_teams();
        let read = self.read_suggestions(visible.clone());
        Ok(Suggestions::clone(&*self.kept_long.get(&self.store, visible, read).await?))
    }

    async fn read_suggestions(&self, visible: Option<Vec<TeamId>>) -> Result<Suggestions> {
        let asked = Criteria { visible, ..Criteria::default() };
        let mut conn = self.store.read().await?;
        let newest =
            store::search::sequences(&mut conn, self.indexer.index(), &asked, PageStart::Newest, LOOKED_AT).await?;
        let mut suggestions = Suggestions::default();
        for named in store::operations::names_at(&mut conn, &newest).await? {
            let actor = (named.actor, named.email);
            if suggestions.actors.len() < MOST && !suggestions.actors.contains(&actor) {
                suggestions.actors.push(actor);
            }
            // Nobody searches for a session by name.
            let Some(target) = named.target.filter(|target| target.kind != TargetType::Session) else { continue };
            let is_new = suggestions.targets.iter().all(|known| (known.kind, &known.id) != (target.kind, &target.id));
            if suggestions.targets.len() < MOST && is_new {
                suggestions.targets.push(target);
            }
        }
        Ok(suggestions)
    }
}
