//! A custom connector with its released versions. Its source code is not part of it.

use serde::{Deserialize, Serialize};

use crate::{ConnectorId, ConnectorVersion, Timestamp, tolerant};

/// A custom connector (Workato API reference, Custom connectors). Any field but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// Names the connector in its workspace.
    pub id: ConnectorId,
    /// Its technical name: `new_connector_1_connector_4771_1626869114`.
    pub name: Option<String>,
    /// What people call it: `Acme Connector`.
    pub title: Option<String>,
    /// The newest released version; `None` when nothing was released yet.
    pub latest_released_version: Option<ConnectorVersion>,
    /// What was noted when that version was released.
    pub latest_released_version_note: Option<String>,
    /// The version that embedded customers receive; `None` when none is shared.
    pub oem_shared_version: Option<ConnectorVersion>,
    /// Since when that version is shared.
    pub oem_shared_at: Option<Timestamp>,
    /// Every released version, in the order Workato gave them.
    #[serde(default, deserialize_with = "tolerant::null_is_empty")]
    pub released_versions: Vec<ReleasedVersion>,
}

/// A version of a connector that was released, hence can be shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedVersion {
    /// Its number.
    pub version: ConnectorVersion,
    /// What was noted when it was released.
    pub version_note: Option<String>,
    /// When the version was made.
    pub created_at: Option<Timestamp>,
    /// When it was released.
    pub released_at: Option<Timestamp>,
}

impl Connector {
    /// The version that embedded customers receive, if one is shared.
    #[must_use]
    pub const fn shared_version(&self) -> Option<ConnectorVersion> {
        self.oem_shared_version
    }

    /// The newest released version, from Workato's own field or else from the list of released versions.
    #[must_use]
    pub fn latest_version(&self) -> Option<ConnectorVersion> {
        self.latest_released_version.or_else(|| self.released_versions.iter().map(|released| released.version).max())
    }

    /// Whether a version is shared and a newer one has been released.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        matches!((self.shared_version(), self.latest_version()), (Some(shared), Some(latest)) if shared < latest)
    }

    /// The release of this version, if there is one.
    #[must_use]
    pub fn released(&self, version: ConnectorVersion) -> Option<&ReleasedVersion> {
        self.released_versions.iter().find(|released| released.version == version)
    }
}
