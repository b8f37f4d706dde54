//! Connections, with their JSON cached: a list of 20,000 is concatenated bytes.
//! How they change is in `changes`.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use serde::Serialize;

use crate::pacific_time::PacificTime;

/// A connection, with the fields of `GET /api/connections`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The id.
    pub id: u64,
    /// The name, if it has one.
    pub name: Option<String>,
    /// The key of the application, for example `netsuite`.
    pub provider: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// When it was last authorized; `None` for a shell.
    pub authorized_at: Option<PacificTime>,
    /// `success`, `failed`, `exception`, or a status that no document lists.
    pub authorization_status: Option<String>,
    /// Why authorization failed.
    pub authorization_error: Option<String>,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last updated.
    pub updated_at: PacificTime,
    /// The vendor's own id for its owner.
    pub external_id: Option<String>,
    /// The folder that contains it.
    pub folder_id: u64,
    /// When it stopped working.
    pub connection_lost_at: Option<PacificTime>,
    /// Why it stopped working.
    pub connection_lost_reason: Option<String>,
    /// The parent connection, whose settings it shares.
    pub parent_id: Option<u64>,
    /// The handles of its tags; `None` if it never had any.
    pub tags: Option<Vec<String>>,
    /// Whether it is a runtime user connection, which is listed only on request.
    pub runtime_user: bool,
}

impl Connection {
    /// Whether it can be disconnected.
    pub fn is_connected(&self) -> bool {
        !matches!(self.authorization_status.as_deref(), None | Some("failed" | "exception"))
    }
}

/// A connection as in a list, without its tags. `provider` and `application` are the same: the samples in Workato's API
/// reference use one name in lists and the other in answers to changes.
#[derive(Serialize)]
struct Row<'a> {
    application: Option<&'a str>,
    provider: Option<&'a str>,
    id: u64,
    name: Option<&'a str>,
    description: Option<&'a str>,
    authorized_at: Option<PacificTime>,
    authorization_status: Option<&'a str>,
    authorization_error: Option<&'a str>,
    created_at: PacificTime,
    updated_at: PacificTime,
    external_id: Option<&'a str>,
    folder_id: u64,
    connection_lost_at: Option<PacificTime>,
    connection_lost_reason: Option<&'a str>,
    parent_id: Option<u64>,
}

impl<'a> From<&'a Connection> for Row<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self {
            application: connection.provider.as_deref(),
            provider: connection.provider.as_deref(),
            id: connection.id,
            name: connection.name.as_deref(),
            description: connection.description.as_deref(),
            authorized_at: connection.authorized_at,
            authorization_status: connection.authorization_status.as_deref(),
            authorization_error: connection.authorization_error.as_deref(),
            created_at: connection.created_at,
            updated_at: connection.updated_at,
            external_id: connection.external_id.as_deref(),
            folder_id: connection.folder_id,
            connection_lost_at: connection.connection_lost_at,
            connection_lost_reason: connection.connection_lost_reason.as_deref(),
            parent_id: connection.parent_id,
        }
    }
}

/// Connections by id. The JSON of each is cached when it is first listed.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    by_id: BTreeMap<u64, Stored>,
    last_id: u64,
}

#[derive(Clone, Debug)]
struct Stored {
    connection: Connection,
    rendered: OnceLock<Arc<Rendered>>,
}

/// The JSON of one connection: everything but the closing brace, and the tags.
#[derive(Debug)]
struct Rendered {
    open: Vec<u8>,
    tags: Vec<u8>,
}

impl Connections {
    /// No connections. The first new one gets the id after `last_id`.
    pub fn after(last_id: u64) -> Self {
        Self { by_id: BTreeMap::new(), last_id }
    }

    /// Adds a connection, or replaces the one with its id.
    pub fn insert(&mut self, connection: Connection) {
        self.last_id = self.last_id.max(connection.id);
        self.by_id.insert(connection.id, Stored { connection, rendered: OnceLock::new() });
    }

    /// The connection with this id.
    pub fn get(&self, id: u64) -> Option<&Connection> {
        self.by_id.get(&id).map(|stored| &stored.connection)
    }

    /// The connection with this id, to change. Drops its cached JSON.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Connection> {
        self.by_id.get_mut(&id).map(|stored| {
            stored.rendered = OnceLock::new();
            &mut stored.connection
        })
    }

    /// Removes the connection with this id.
    pub fn remove(&mut self, id: u64) -> Option<Connection> {
        self.by_id.remove(&id).map(|stored| stored.connection)
    }

    /// All connections, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.by_id.values().map(|stored| &stored.connection)
    }

    /// The number of connections.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are no connections.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// An id that no connection has or had.
    pub fn next_id(&self) -> u64 {
        self.last_id + 1
    }

    /// The connections that `wanted` accepts, as a JSON array in the order of their ids.
    ///
    /// # Errors
    /// If a connection cannot be serialized.
    pub fn to_json(
        &self,
        include_tags: bool,
        wanted: impl Fn(&Connection) -> bool,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = vec![b'['];
        for stored in self.by_id.values().filter(|stored| wanted(&stored.connection)) {
            if json.len() > 1 {
                json.push(b',');
            }
            let rendered = stored.rendered()?;
            json.extend_from_slice(&rendered.open);
            if include_tags {
                json.extend_from_slice(b",\"tags\":");
                json.extend_from_slice(&rendered.tags);
            }
            json.push(b'}');
        }
        json.push(b']');
        Ok(json)
    }
}

impl Stored {
    fn rendered(&self) -> Result<Arc<Rendered>, serde_json::Error> {
        if let Some(rendered) = self.rendered.get() {
            return Ok(Arc::clone(rendered));
        }
        let mut open = serde_json::to_vec(&Row::from(&self.connection))?;
        open.pop();
        let tags = serde_json::to_vec(&self.connection.tags)?;
        Ok(Arc::clone(self.rendered.get_or_init(|| Arc::new(Rendered { open, tags }))))
    }
}
