//! What the lists of connections and connectors can be asked for. Plain data that can serve as a cache key.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, FolderId, UpdatedAfter};

/// The filters of the connection list (Workato API reference, List connections).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionQuery {
    /// Only those in this folder.
    pub folder_id: Option<FolderId>,
    /// Only those derived from this connection.
    pub parent_id: Option<ConnectionId>,
    /// Only those with this external id.
    pub external_id: Option<String>,
    /// Also the connections of runtime users.
    pub include_runtime_connections: bool,
    /// Only those of this application: `salesforce`.
    pub provider: Option<String>,
    /// Only those updated after this second.
    pub updated_after: Option<UpdatedAfter>,
    /// Ask for each connection's tags.
    pub tags: bool,
}

impl Default for ConnectionQuery {
    /// Every connection, with its tags, without those of runtime users.
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
    /// Name and value of each query parameter to send, not yet encoded.
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
    /// Only those whose title contains this.
    pub title: Option<String>,
    /// Only those shared (`true`) or not shared (`false`).
    pub oem_shared: Option<bool>,
}

impl ConnectorQuery {
    /// Name and value of each query parameter to send, not yet encoded.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let title = self.title.clone().map(|title| ("title", title));
        let oem_shared = self.oem_shared.map(|shared| ("oem_shared", shared.to_string()));
        title.into_iter().chain(oem_shared).collect()
    }
}
