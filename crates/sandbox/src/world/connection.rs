//! Connections, and the table that keeps their JSON at hand: a list of 20,000 is bytes put end to end.
//! How they change by Workato's rules is in `changes`.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use serde::Serialize;

use crate::pacific_time::PacificTime;

/// A connection, with the fields that `GET /api/connections` gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Workato's id.
    pub id: u64,
    /// Its name; some have none.
    pub name: Option<String>,
    /// The key of the application it connects to, for example `netsuite`.
    pub provider: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// When it was last authorized; `None` for a shell.
    pub authorized_at: Option<PacificTime>,
    /// `success`, `failed`, `exception`, none, or a word that clients do not know.
    pub authorization_status: Option<String>,
    /// Why authorization failed.
    pub authorization_error: Option<String>,
    /// When it was created.
    pub created_at: PacificTime,
    /// When it was last changed.
    pub updated_at: PacificTime,
    /// The partner's own id for whoever owns it.
    pub external_id: Option<String>,
    /// The folder that holds it.
    pub folder_id: u64,
    /// When it stopped working.
    pub connection_lost_at: Option<PacificTime>,
    /// Why it stopped working.
    pub connection_lost_reason: Option<String>,
    /// The connection it takes its settings from.
    pub parent_id: Option<u64>,
    /// Handles of its tags; `None` when it never had any.
    pub tags: Option<Vec<String>>,
    /// Whether it is a runtime user connection, listed only when asked for.
    pub runtime_user: bool,
}

impl Connection {
    /// Whether there is anything to disconnect.
    pub fn is_connected(&self) -> bool {
        !matches!(self.authorization_status.as_deref(), None | Some("failed" | "exception"))
    }
}

/// A connection as a list gives it, but for its tags. `provider` and `application` are the same thing: the documents'
/// samples use one name in the list and the other in the answers to changes.
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

/// Connections by id, each with its JSON once somebody has listed it.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    by_id: BTreeMap<u64, Shelved>,
    last_id: u64,
}

#[derive(Clone, Debug)]
struct Shelved {
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
    /// No connections yet; the first new one gets the id after `last_id`.
    pub fn after(last_id: u64) -> Self {
        Self { by_id: BTreeMap::new(), last_id }
    }

    /// Adds a connection, or replaces the one with its id.
    pub fn insert(&mut self, connection: Connection) {
        self.last_id = self.last_id.max(connection.id);
        self.by_id.insert(connection.id, Shelved { connection, rendered: OnceLock::new() });
    }

    /// The connection with this id.
    pub fn get(&self, id: u64) -> Option<&Connection> {
        self.by_id.get(&id).map(|shelved| &shelved.connection)
    }

    /// The connection with this id, to change; its JSON is made anew when next listed.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Connection> {
        self.by_id.get_mut(&id).map(|shelved| {
            shelved.rendered = OnceLock::new();
            &mut shelved.connection
        })
    }

    /// Takes the connection with this id away.
    pub fn remove(&mut self, id: u64) -> Option<Connection> {
        self.by_id.remove(&id).map(|shelved| shelved.connection)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.by_id.values().map(|shelved| &shelved.connection)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// An id that none of them has or ever had.
    pub fn next_id(&self) -> u64 {
        self.last_id + 1
    }

    /// The JSON array of those that `wanted` keeps, by id.
    ///
    /// # Errors
    /// When one of them cannot be written as JSON.
    pub fn to_json(
        &self,
        include_tags: bool,
        wanted: impl Fn(&Connection) -> bool,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = vec![b'['];
        for shelved in self.by_id.values().filter(|shelved| wanted(&shelved.connection)) {
            if json.len() > 1 {
                json.push(b',');
            }
            let rendered = shelved.rendered()?;
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

impl Shelved {
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
