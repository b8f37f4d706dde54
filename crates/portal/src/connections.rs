//! Connections. Workato filters by folder, parent, external id, provider and time of update. The portal applies these
//! filters to the answer as well, filters by tag, status and text, sorts, and cuts pages, since Workato returns a list in
//! one piece.

mod choices;
mod column;
mod credentials;
mod draft;
mod export;
mod filter;
mod known_lists;
mod sort;
mod status;
mod tagging;
mod usage;

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Value, json};
use time::OffsetDateTime;
use workato::{Call, Connection, ConnectionId, ConnectionQuery, List, ReadError, ReplyError};

pub use choices::Choices;
pub use column::Column;
pub use credentials::{Authentication, CredentialsInput, is_name};
pub use draft::{ConnectionFields, DraftInput, UpdateInput};
pub use export::ConnectionsFile;
pub use filter::{Filter, FilterInput, PARAMETERS};
pub(crate) use known_lists::KnownLists;
pub use known_lists::{UsageCounts, ViewCounts};
pub use sort::{Sort, SortKey};
pub use status::StatusFilter;
pub use tagging::tag_assignment;
pub use usage::UsageFilter;

use crate::{
    Error, ListPage, Portal, Result, TeamReader,
    background::compute,
    impact::{Known, OwnRecipes, Wanted},
    unreadable::without_unreadable,
    upstream::{Asker, Names, Shown, Snapshot, Stale, TeamWorkato},
};

/// One page of the connection list.
#[derive(Clone, Debug)]
pub struct ConnectionPage {
    /// The page.
    pub list: ListPage<List<Connection>>,
    /// The connections on this page that belong to runtime users.
    pub of_runtime_users: HashSet<ConnectionId>,
    /// How many connections the views have, if that is known.
    pub views: Option<ViewCounts>,
    /// How many connections the views by usage have, if that is known.
    pub used: Option<UsageCounts>,
    /// What the team's recipes use, as far as it is known.
    pub recipes: Known<OwnRecipes>,
    /// The applications of all connections, without duplicates.
    pub applications: Arc<Vec<String>>,
}

impl ConnectionPage {
    /// This page's connections, in order.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.list.places.iter().filter_map(|place| self.list.all.items.get(*place))
    }

    /// The page of Workato's answer that a filter selects.
    pub async fn of(all: Shown<List<Connection>>, filter: &Filter) -> Self {
        Self::with_recipes(&KnownLists::default(), all, filter, Known::default()).await
    }

    /// The same with what the team's recipes use.
    async fn with_recipes(
        known: &KnownLists,
        all: Shown<List<Connection>>,
        filter: &Filter,
        recipes: Known<OwnRecipes>,
    ) -> Self {
        let whole = known.whole(&all.snapshot).await;
        let found = known.filtered(&all.snapshot, filter, recipes.read.as_ref()).await;
        Self {
            list: ListPage::cut(all, &found.places, filter.paging),
            of_runtime_users: HashSet::new(),
            views: filter.asks_for_all().then_some(whole.views),
            used: None,
            applications: Arc::clone(&whole.applications),
            recipes,
        }
    }
}

/// Which list of connections is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SearchIn {
    /// The list that pages show.
    Shown,
    /// The list as it is now.
    Current,
}

/// A connection and the list that has it.
#[derive(Clone, Debug)]
pub struct FoundConnection {
    /// The connection.
    pub connection: Connection,
    /// Whether it belongs to a runtime user.
    pub of_runtime_user: bool,
    list: Shown<List<Connection>>,
}

impl FoundConnection {
    /// When Workato's answer was complete.
    #[must_use]
    pub fn read_at(&self) -> OffsetDateTime {
        self.list.read_at
    }

    /// How long the call waited in the queue.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.list.waited
    }

    /// Why the list is an old one, if it is.
    #[must_use]
    pub fn stale(&self) -> Option<&Stale> {
        self.list.stale.as_ref()
    }

    /// The parent connection, if the list has it.
    #[must_use]
    pub fn parent(&self) -> Option<&Connection> {
        let id = self.connection.parent_id?;
        self.list.items.iter().find(|other| other.id == id)
    }

    /// The child connections, in the order of the list. Those of runtime users are included only if the connection
    /// itself belongs to one.
    pub fn children(&self) -> impl Iterator<Item = &Connection> {
        self.list.items.iter().filter(|other| other.parent_id == Some(self.connection.id))
    }
}

impl Portal {
    /// A page of the team's connections.
    ///
    /// # Errors
    /// `Workato` if they cannot be read.
    pub async fn connections(self: &Arc<Self>, reader: &TeamReader, filter: &Filter) -> Result<ConnectionPage> {
        let workato = self.workato(reader.team(), reader.actor()).await?;
        let all = workato.connections(filter.query.clone()).await?;
        let recipes = self.recipes_for(reader, filter).await;
        let page = ConnectionPage::with_recipes(&self.known_lists, all, filter, recipes).await;
        let of_runtime_users = of_runtime_users(&workato, filter, &page.list.all.snapshot, &page.list.places).await?;
        // The whole list, if it was read lately.
        let whole = match page.views {
            Some(_) => Some(Arc::clone(&page.list.all.snapshot)),
            None => self.upstream.unchanged(reader.team()).connections(false).map(Arc::clone),
        };
        let (mut views, mut used) = (page.views, None);
        if let Some(list) = &whole {
            views = Some(self.known_lists.whole(list).await.views);
            if let Some(recipes) = &page.recipes.read {
                used = Some(self.known_lists.used(list, recipes).await);
            }
        }
        Ok(ConnectionPage { of_runtime_users, views, used, ..page })
    }

    /// What the team's recipes use. Waited for only if the filter needs it.
    async fn recipes_for(self: &Arc<Self>, reader: &TeamReader, filter: &Filter) -> Known<OwnRecipes> {
        self.recipes_in_use(reader, if filter.needs_recipes() { Wanted::Some } else { Wanted::Held }).await
    }

    /// A connection. Workato has no call for one, so it is searched for in the list.
    ///
    /// # Errors
    /// `NotFound` if the list does not have it, `Workato` if the list cannot be read.
    pub async fn connection(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        self.find_connection(reader, id, SearchIn::Shown).await
    }

    /// A connection as it is now. The state before a change must not be half a minute old.
    pub(crate) async fn connection_now(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        self.find_connection(reader, id, SearchIn::Current).await
    }

    async fn find_connection(&self, reader: &TeamReader, id: ConnectionId, list: SearchIn) -> Result<FoundConnection> {
        let asker = match list {
            SearchIn::Shown => reader.actor().into(),
            SearchIn::Current => Asker::before_a_change(reader.actor()),
        };
        let workato = self.workato(reader.team(), asker).await?;
        let sought = |list: &Snapshot<List<Connection>>| list.items.iter().find(|other| other.id == id).cloned();
        let read = async |include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            if list == SearchIn::Shown {
                let shown = workato.connections(query.clone()).await?;
                // A connection that an old copy does not have may exist now.
                if shown.stale.is_none() || sought(&shown).is_some() {
                    return Ok(shown);
                }
            }
            Ok::<_, Error>(Shown::current(workato.connections_now(query).await?))
        };
        let usual = read(false).await?;
        if let Some(connection) = sought(&usual) {
            return Ok(FoundConnection { connection, of_runtime_user: false, list: usual });
        }
        let all = read(true).await?;
        let Some(connection) = sought(&all) else {
            return Err(match all.items.left_out {
                0 => Error::NotFound,
                // It may be one of those.
                count => {
                    let why = ReplyError::IdsUnreadable { count };
                    Arc::new(ReadError::Unreadable { call: Call::Connections, why }).into()
                }
            });
        };
        Ok(FoundConnection { of_runtime_user: was_there(&connection, &usual), connection, list: all })
    }

    /// Names for the ids in the team's connections. The answer says which names are missing, and why.
    ///
    /// # Errors
    /// `NoToken` if the team has no token.
    pub async fn connection_names(&self, reader: &TeamReader) -> Result<Arc<Names>> {
        Ok(self.workato(reader.team(), reader.actor()).await?.names().await)
    }

    /// Makes the next page read the team's connections and connectors again.
    pub fn refresh(&self, reader: &TeamReader) {
        self.upstream.refresh(reader.team().id);
    }
}

/// The filtered list, as Workato's answer and positions in it. Never a stale copy: a file does not say how old it is.
pub(crate) async fn filtered(
    workato: &TeamWorkato<'_>,
    filter: &Filter,
    recipes: Option<Arc<OwnRecipes>>,
) -> Result<(Arc<Snapshot<List<Connection>>>, Vec<usize>)> {
    let shown = workato.connections(filter.query.clone()).await?;
    let snapshot = match shown.stale {
        None => shown.snapshot,
        Some(_) => workato.connections_now(filter.query.clone()).await?,
    };
    let (all, filtering) = (Arc::clone(&snapshot), filter.clone());
    let places = compute(snapshot.items.len(), move || filtering.places(&all.items, recipes.as_deref())).await;
    Ok((snapshot, places))
}

/// Which connections at these positions belong to runtime users. A connection does not say so itself, so they are those
/// that the same query without runtime users does not return.
async fn of_runtime_users(
    workato: &TeamWorkato<'_>,
    filter: &Filter,
    snapshot: &Arc<Snapshot<List<Connection>>>,
    places: &[usize],
) -> Result<HashSet<ConnectionId>> {
    if !filter.query.include_runtime_connections {
        return Ok(HashSet::new());
    }
    let query = ConnectionQuery { include_runtime_connections: false, ..filter.query.clone() };
    let others = workato.connections(query).await?;
    let (snapshot, places) = (Arc::clone(snapshot), places.to_vec());
    let found = compute(others.items.len(), move || {
        let shown = places.iter().filter_map(|place| snapshot.items.get(*place));
        let mut found: HashSet<_> = shown.filter(|one| was_there(one, &others)).map(|one| one.id).collect();
        for other in &others.items {
            found.remove(&other.id);
        }
        found
    });
    Ok(found.await)
}

/// Whether the connection existed when the list was requested. The list does not have what is newer.
fn was_there(connection: &Connection, list: &Snapshot<List<Connection>>) -> bool {
    connection.created_at.is_none_or(|at| at.get() < list.began_at)
}

/// The connection's name and state before a change, for the log.
pub(crate) fn before(connection: &Connection) -> (Option<String>, Value) {
    let state = json!({
        "found": true,
        "name": connection.name,
        "application": connection.application,
        "authorization_status": connection.authorization_status,
        "authorized_at": connection.authorized_at,
        "folder_id": connection.folder_id,
        "parent_id": connection.parent_id,
        "external_id": connection.external_id,
        "tags": connection.tags,
        "updated_at": connection.updated_at,
    });
    (connection.name.clone(), without_unreadable(state, &connection.unreadable))
}
