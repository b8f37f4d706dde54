//! Saved views of lists: searches of the audit log, and filters of a team's connections or connectors with how the list
//! looks. A view is its owner's, or shared with everybody who sees the list. It shows each reader what they may see.

mod counting;
mod counts;
mod query;
#[cfg(test)]
mod tests;

pub use store::{SavedView, ViewedList};

pub use self::{
    counting::{CountedView, ViewOfTeam},
    counts::Finds,
};
pub(crate) use counts::SavedViewCounts;

use crate::{
    Actor, Attempt, Error, FieldProblems, Portal, PortalRole, Result, SavedViewId, TeamReader, ViewProblem,
    audit::{Action, AuditQuery, Draft, EntryTeam, append},
    fields::own_name,
};

/// The most views of one list that a person has.
const MOST: i64 = 50;
/// The most shared views of one list.
const MOST_SHARED: i64 = 100;

impl Actor {
    /// Whether the person may rename a view: the owner may.
    #[must_use]
    pub fn may_rename(&self, view: &SavedView) -> bool {
        view.person == self.id()
    }

    /// Whether the person may delete a view: the owner may, and an admin if everybody sees it.
    #[must_use]
    pub fn may_delete(&self, view: &SavedView) -> bool {
        self.may_rename(view) || (view.shared && self.role() == PortalRole::Admin)
    }

    /// Whether the person sees a view: their own, and shared ones of lists that they may read.
    fn sees_view(&self, view: &SavedView) -> bool {
        self.may_rename(view) || (view.shared && view.team.is_none_or(|team| self.reads(team)))
    }
}

impl Portal {
    /// Saves a search of the audit log under a name. A shared one is recorded.
    ///
    /// # Errors
    /// `Invalid` for `name` or `query`; `LogUnavailable` if a shared one cannot be recorded.
    pub async fn save_view(&self, actor: &Actor, name: &str, search: &str, shared: bool) -> Result<SavedView> {
        let mut problems = FieldProblems::default();
        let query = AuditQuery::read(search, self.now()).unwrap_or_else(|problem| {
            problems.add("query", problem);
            AuditQuery::default()
        });
        if problems.is_empty() && query.is_empty() {
            problems.add("query", ViewProblem::EmptyView);
        }
        let view = new_view(actor, ViewedList::Audit, query.to_string(), shared);
        self.save(actor, view, None, name, problems).await
    }

    /// Saves a view of a team's list under a name. `query` is the list's, as in its URL. A shared view is recorded.
    ///
    /// # Errors
    /// `Invalid` for `name` or `query`; `LogUnavailable` if a shared one cannot be recorded.
    pub async fn save_list_view(
        &self,
        reader: &TeamReader,
        list: ViewedList,
        name: &str,
        query: &str,
        shared: bool,
    ) -> Result<SavedView> {
        let (query, problems) = match query::normalized(list, query, self.now()) {
            Ok(query) => (query, FieldProblems::default()),
            Err(problems) => (String::new(), problems),
        };
        let (actor, team) = (reader.actor(), reader.team());
        let view = SavedView { team: Some(team.id), ..new_view(actor, list, query, shared) };
        self.save(actor, view, Some(team.entry_team()), name, problems).await
    }

    async fn save(
        &self,
        actor: &Actor,
        view: SavedView,
        team: Option<EntryTeam>,
        name: &str,
        mut problems: FieldProblems,
    ) -> Result<SavedView> {
        let view = SavedView { name: own_name(name, &mut problems), ..view };
        let mut tx = self.store.write().await?;
        let (kept, is_taken) = store::saved_views::kept(&mut tx, &view).await?;
        if is_taken {
            problems.add("name", ViewProblem::ViewNameTaken);
        } else if kept >= MOST {
            problems.add("name", ViewProblem::TooManyViews { most: MOST });
        } else if view.shared && store::saved_views::shared(&mut tx, view.list, view.team).await? >= MOST_SHARED {
            problems.add("name", ViewProblem::TooManySharedViews { most: MOST_SHARED });
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let told = match view.shared {
            true => {
                let draft = Draft::recorded(actor.entry_actor(), Action::ViewShare).team(team);
                Some(append(&mut tx, about(draft, &view)).await?)
            }
            false => None,
        };
        store::saved_views::insert(&mut tx, &view, told.as_ref(), self.now()).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Renames one of the actor's own views. For a shared one that is recorded.
    ///
    /// # Errors
    /// `Invalid` for the name; `NotFound` if the actor has no such view.
    pub async fn rename_view(&self, actor: &Actor, id: SavedViewId, name: &str) -> Result<()> {
        let mut problems = FieldProblems::default();
        let name = own_name(name, &mut problems);
        let mut tx = self.store.write().await?;
        let view = store::saved_views::find(&mut tx, id).await?.filter(|view| actor.may_rename(view));
        let view = view.ok_or(Error::NotFound)?;
        let renamed = SavedView { name, ..view.clone() };
        let (_, is_taken) = store::saved_views::kept(&mut tx, &renamed).await?;
        if is_taken {
            problems.add("name", ViewProblem::ViewNameTaken);
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if view.name == renamed.name {
            return Ok(());
        }
        let told = match view.shared {
            true => {
                let team = entry_team(&mut tx, &view).await?;
                let draft = about(Draft::recorded(actor.entry_actor(), Action::ViewRename).team(team), &view)
                    .parameter("name", &renamed.name)
                    .before(serde_json::json!({ "name": view.name }));
                Some(append(&mut tx, draft).await?)
            }
            false => None,
        };
        store::saved_views::rename(&mut tx, id, &renamed.name, told.as_ref()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes a view. For a shared one that is recorded. The owner may delete a view of a team that they no longer
    /// read.
    ///
    /// # Errors
    /// `NotFound` if the actor sees no such view, `Forbidden` for somebody else's, which is recorded.
    pub async fn delete_view(&self, actor: &Actor, id: SavedViewId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let view = store::saved_views::find(&mut tx, id).await?;
        let view = view.filter(|view| actor.sees_view(view)).ok_or(Error::NotFound)?;
        let team = entry_team(&mut tx, &view).await?;
        if !actor.may_delete(&view) {
            drop(tx);
            return Err(self.deny(actor, team, Attempt::new(Action::ViewDelete, Some(view.target()))).await);
        }
        store::saved_views::remove(&mut tx, id).await?;
        if view.shared {
            let draft = Draft::recorded(actor.entry_actor(), Action::ViewDelete)
                .team(team)
                .target(view.target())
                .before(serde_json::json!({ "list": view.list, "query": view.query, "owner": view.owner }));
            append(&mut tx, draft).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// A view that has no name and no team yet.
fn new_view(actor: &Actor, list: ViewedList, query: String, shared: bool) -> SavedView {
    SavedView {
        id: SavedViewId::new(),
        person: actor.id(),
        owner: actor.name().to_owned(),
        list,
        team: None,
        name: String::new(),
        query,
        shared,
    }
}

/// The view's team, as entries name it.
async fn entry_team(tx: &mut store::Write, view: &SavedView) -> Result<Option<EntryTeam>> {
    let Some(id) = view.team else { return Ok(None) };
    Ok(store::teams::by_id(tx, id).await?.map(|team| team.entry_team()))
}

/// An entry about a shared view, with everything that the log says of it: what it is is derived from the newest entry
/// alone.
fn about(draft: Draft, view: &SavedView) -> Draft {
    draft
        .target(view.target())
        .parameter("name", &view.name)
        .parameter("list", view.list)
        .parameter("query", &view.query)
        .parameter("owner", view.person)
}
