//! Connections: what Workato filters is asked of Workato; tag, status and text are filtered here.
//! Sorting and paging are here, too: Workato answers a list whole.

mod filter;
mod sort;

use std::sync::Arc;

use serde_json::{Value, json};
use workato::{Connection, ConnectionId, ConnectionQuery};

pub use filter::{Filter, FilterInput, StatusFilter};
pub use sort::{Sort, SortKey};

use crate::{
    Error, Portal, Result, TeamReader,
    upstream::{Names, Snapshot},
};

/// Connections on one page of the list.
pub const PAGE: usize = 50;

/// One page of the list: places in the one copy that everybody shares.
#[derive(Clone, Debug)]
pub struct ConnectionPage {
    /// Everything Workato answered.
    pub snapshot: Arc<Snapshot<Vec<Connection>>>,
    /// Where in it this page's connections are, in order.
    pub places: Vec<usize>,
    /// How many the whole filtered list holds.
    pub total: usize,
    /// Which page this is, from 1.
    pub page: usize,
}

impl ConnectionPage {
    /// This page's connections, in order.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.places.iter().filter_map(|place| self.snapshot.items.get(*place))
    }

    /// The page that a filter asks for, of everything that Workato answered.
    pub(crate) fn of(snapshot: Arc<Snapshot<Vec<Connection>>>, filter: &Filter) -> Self {
        let mut places: Vec<usize> =
            (0..snapshot.items.len()).filter(|place| filter.matches(&snapshot.items[*place])).collect();
        filter.sort.apply(&snapshot.items, &mut places);
        let total = places.len();
        let start = (filter.page - 1).saturating_mul(PAGE).min(total);
        let end = (start + PAGE).min(total);
        Self { places: places[start..end].to_vec(), total, page: filter.page, snapshot }
    }

    /// How many pages there are; one, if nothing matches.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.total.div_ceil(PAGE).max(1)
    }
}

/// One connection, and when it was read.
#[derive(Clone, Debug)]
pub struct FoundConnection {
    /// The connection.
    pub connection: Connection,
    /// When Workato's answer was whole.
    pub read_at: time::OffsetDateTime,
}

impl Portal {
    /// A page of the team's connections.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn connections(&self, reader: &TeamReader, filter: &Filter) -> Result<ConnectionPage> {
        let snapshot = self.read_connections(reader.team(), reader.actor(), filter.query.clone()).await?;
        Ok(ConnectionPage::of(snapshot, filter))
    }

    /// One connection. Workato has no call for one, so it is found in the list.
    ///
    /// # Errors
    /// `NotFound` when the list does not hold it, `Workato` when the list cannot be read.
    pub async fn connection(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        for include_runtime_connections in [false, true] {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            let snapshot = self.read_connections(reader.team(), reader.actor(), query).await?;
            if let Some(connection) = snapshot.items.iter().find(|connection| connection.id == id) {
                return Ok(FoundConnection { connection: connection.clone(), read_at: snapshot.read_at });
            }
        }
        Err(Error::NotFound)
    }

    /// One connection as it is now: what a change is measured against must not be half a minute old.
    pub(crate) async fn connection_afresh(&self, reader: &TeamReader, id: ConnectionId) -> Result<FoundConnection> {
        self.forget_connections(reader.team()).await?;
        self.connection(reader, id).await
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
        self.upstream.drop_reads(reader.team().id);
    }
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
