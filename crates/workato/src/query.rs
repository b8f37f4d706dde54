//! The filters of the connection and connector lists. They can serve as cache keys.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, FolderId, UpdatedAfter};

/// The filters of the connection list (Workato API reference, List connections).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionQuery {
    /// Only connections in this folder.
    pub folder_id: Option<FolderId>,
    /// Only children of this connection.
    pub parent_id: Option<ConnectionId>,
    /// Only connections with this external id.
    pub external_id: Option<String>,
    /// Also connections of runtime users.
    pub include_runtime_connections: bool,
    /// Only connections to this application: `salesforce`.
    pub provider: Option<String>,
    /// Only connections updated after this second.
    pub updated_after: Option<UpdatedAfter>,
    /// Include each connection's tags.
    pub tags: bool,
}

impl Default for ConnectionQuery {
    /// All connections but those of runtime users, with their tags.
    fn default() -> Self {
        Self {
            folder_id: None,
            parent_id: None,
            external_id: None,
            include_runtime_connections: false,
            provider: None,
            updated_after: None,
            tags: true,
        }
    }
}

impl ConnectionQuery {
    /// The query parameters, not yet percent-encoded.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        let mut add = |name, value: Option<String>| parameters.extend(value.map(|value| (name, value)));
        add("folder_id", self.folder_id.map(|id| id.to_string()));
        add("parent_id", self.parent_id.map(|id| id.to_string()));
        add("external_id", self.external_id.clone());
        add("include_runtime_connections", self.include_runtime_connections.then(|| "true".to_owned()));
        add("provider", self.provider.clone());
        add("updated_after", self.updated_after.map(UpdatedAfter::to_query));
        add("includes[]", self.tags.then(|| "tags".to_owned()));
        parameters
    }
}

/// The filters of the connector list (Workato API reference, Custom connectors).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectorQuery {
    /// Only connectors whose title contains this text.
    pub title: Option<String>,
    /// Only connectors that are shared (`true`) or not shared (`false`).
    pub oem_shared: Option<bool>,
}

impl ConnectorQuery {
    /// The query parameters, not yet percent-encoded.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let title = self.title.clone().map(|title| ("title", title));
        let oem_shared = self.oem_shared.map(|shared| ("oem_shared", shared.to_string()));
        title.into_iter().chain(oem_shared).collect()
    }
}
