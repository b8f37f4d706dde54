//! Connections: what Workato filters is asked of Workato; tag, status and text are filtered here.
//! Sorting and paging are here, too: Workato answers a list whole.

mod choices;
mod credentials;
mod draft;
mod export;
mod filter;
mod sort;
mod tagging;

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Value, json};
use time::OffsetDateTime;
use workato::{Connection, ConnectionId, ConnectionQuery};

pub use choices::{Choices, applications};
pub use credentials::{Authentication, CredentialsInput, is_name};
pub use draft::{ConnectionFields, DraftInput, UpdateInput};
pub use export::ConnectionsFile;
pub use filter::{Filter, FilterInput, StatusFilter};
pub use sort::{Sort, SortKey};
pub use tagging::tag_assignment;

use crate::{
    Error, ListPage, Portal, Result, TeamReader,
    upstream::{Names, Shown, Snapshot, Stale},
};

/// One page of the connection list.
#[derive(Clone, Debug)]
pub struct ConnectionPage {
    /// The page.
    pub list: ListPage<Vec<Connection>>,
    /// The connections on this page that belong to runtime users.
    pub of_runtime_users: HashSet<ConnectionId>,
}

impl ConnectionPage {
    /// This page's connections, in order.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.list.places.iter().filter_map(|place| self.list.all.items.get(*place))
    }

    /// The page that a filter asks for, of everything that Workato answered.
    #[must_use]
    pub fn of(all: Shown<Vec<Connection>>, filter: &Filter) -> Self {
        let mut places = filter.places(&all.items);
        if all.stale.is_some() {
            // What Workato could not be asked to filter is filtered here.
            places.retain(|place| filter.asks_for(&all.items[*place]));
        }
        Self { list: ListPage::new(all, places, filter.page), of_runtime_users: HashSet::new() }
    }
}

/// Where a connection is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// In what pages show.
    OnPage,
    /// In what Workato answers now.
    Now,
}

/// One connection, and the list that it was found in.
#[derive(Clone, Debug)]
pub struct FoundConnection {
    /// The connection.
    pub connection: Connection,
    /// Whether it is a runtime user's.
    pub of_runtime_user: bool,
    list: Shown<Vec<Connection>>,
}

impl FoundConnection {
    /// When Workato's answer was whole.
    #[must_use]
    pub fn read_at(&self) -> OffsetDateTime {
        self.list.read_at
    }

    /// How long the call had waited for its turn.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.list.waited
    }

    /// Why it is not as it is now, where it is not.
    #[must_use]
    pub fn stale(&self) -> Option<&Stale> {
        self.list.stale.as_ref()
    }

    /// The connection that it is derived from, where the list has it.
    #[must_use]
    pub fn parent(&self) -> Option<&Connection> {
        let id = self.connection.parent_id?;
        self.list.items.iter().find(|other| other.id == id)
    }

    /// The connections that are derived from it, in the order of the list. Those of runtime users are among them only
    /// where it is one itself.
    pub fn children(&self) -> impl Iterator<Item = &Connection> {
        self.list.items.iter().filter(|other| other.parent_id == Some(self.connection.id))
    }
}

impl Portal {
    /// A page of the team's connections.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn connections(&self, reader: &TeamReader, filter: &Filter) -> Result<ConnectionPage> {
        let all = self.read_connections(reader.team(), reader.actor(), filter.query.clone()).await?;
        let page = ConnectionPage::of(all, filter);
        let of_runtime_users = self.of_runtime_users(reader, filter, &page.list.all, &page.list.places).await?;
        Ok(ConnectionPage { of_runtime_users, ..page })
    }

    /// Everything Workato answers, and where in it the filtered list is, in order. No old copy: a file does not say how
    /// old it is.
    async fn filtered(
        &self,
        reader: &TeamReader,
        filter: &Filter,
    ) -> Result<(Arc<Snapshot<Vec<Connection>>>, Vec<usize>)> {
        let shown = self.read_connections(reader.team(), reader.actor(), filter.query.clone()).await?;
        let snapshot = match shown.stale {
            None => shown.snapshot,
            Some(_) => self.read_connections_afresh(reader.team(), reader.actor(), filter.query.clone()).await?,
        };
        let places = filter.places(&snapshot.items);
        Ok((snapshot, places))
    }

    /// Which of the connections at these places are runtime users'. No field of a connection tells it, so they are
    /// those that the same question without runtime users' does not list.
    async fn of_runtime_users(
        &self,
        reader: &TeamReader,
        filter: &Filter,
        snapshot: &Snapshot<Vec<Connection>>,
        places: &[usize],
    ) -> Result<HashSet<ConnectionId>> {
        if !filter.query.include_runtime_connections {
            return Ok(HashSet::new());
        }
        let query = ConnectionQuery { include_runtime_connections: false, ..filter.query.clone() };
        let others = self.read_connections(reader.team(), reader.actor(), query).await?;
        let asked = places.iter().filter_map(|place| snapshot.items.get(*place));
        let mut found: HashSet<_> = asked.filter(|one| was_there(one, &others)).map(|one| one.id).collect();
        for other in &others.items {
            found.remove(&other.id);
        }
        Ok(found)
    }

    /// One connection. Workato has no call for one, so it is found in the list.
    ///
    /// # Errors
    /// `NotFound` when the list does not hold it, `Workato` when the list cannot be read.
    pub async fn connection(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        self.find_connection(reader, id, Look::OnPage).await
    }

    /// One connection as it is now: what a change is measured against must not be half a minute old.
    pub(crate) async fn connection_afresh(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        self.find_connection(reader, id, Look::Now).await
    }

    async fn find_connection(&self, reader: &TeamReader, id: ConnectionId, look: Look) -> Result<FoundConnection> {
        let sought = |list: &Snapshot<Vec<Connection>>| list.items.iter().find(|other| other.id == id).cloned();
        let read = async |include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            if look == Look::OnPage {
                let shown = self.read_connections(reader.team(), reader.actor(), query.clone()).await?;
                // What is not in an old copy may be there now.
                if shown.stale.is_none() || sought(&shown).is_some() {
                    return Ok(shown);
                }
            }
            let snapshot = self.read_connections_afresh(reader.team(), reader.actor(), query).await?;
            Ok::<_, Error>(Shown { snapshot, stale: None })
        };
        let usual = read(false).await?;
        if let Some(connection) = sought(&usual) {
            return Ok(FoundConnection { connection, of_runtime_user: false, list: usual });
        }
        let all = read(true).await?;
        let connection = sought(&all).ok_or(Error::NotFound)?;
        Ok(FoundConnection { of_runtime_user: was_there(&connection, &usual), connection, list: all })
    }

    /// Names for the ids that the team's connections carry.
    ///
    /// # Errors
    /// `NoToken` when Workato cannot be asked; what Workato does not tell is said in the answer.
    pub async fn connection_names(&self, reader: &TeamReader) -> Result<Arc<Names>> {
        self.names(reader.team()).await
    }

    /// Forgets what was read of the team, so that the next page asks Workato again.
    pub fn refresh(&self, reader: &TeamReader) {
        self.upstream.refresh(reader.team().id);
    }
}

/// Whether it was there already when the list was asked for: what is newer than a list is missing from it, whatever it is.
fn was_there(connection: &Connection, list: &Snapshot<Vec<Connection>>) -> bool {
    connection.created_at.is_none_or(|at| at.get() < list.began_at)
}

/// The state before a change, for the log.
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
    (connection.name.clone(), state)
}
