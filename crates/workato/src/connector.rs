//! A custom connector with its released versions, without its source code.

use serde::Serialize;

use crate::list::differing;
use crate::row::{row, row_as_field};
use crate::{ConnectorId, ConnectorVersion, Timestamp, Unreadable};

/// A custom connector (Workato API reference, Custom connectors). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connector {
    /// The id, unique in the workspace.
    pub id: ConnectorId,
    /// The technical name, which connections have as their application: `new_connector_1_connector_4771_1626869114`.
    pub name: Option<String>,
    /// The title that people see: `Acme Connector`.
    pub title: Option<String>,
    /// The newest released version; `None` if there is none.
    pub latest_released_version: Option<ConnectorVersion>,
    /// The release note of that version.
    pub latest_released_version_note: Option<String>,
    /// The version that embedded customers receive; `None` if none is shared.
    pub oem_shared_version: Option<ConnectorVersion>,
    /// When that version was shared.
    pub oem_shared_at: Option<Timestamp>,
    /// All released versions, in Workato's order, without those whose number cannot be read.
    pub released_versions: Vec<ReleasedVersion>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

/// A released version of a connector. Only released versions can be shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleasedVersion {
    /// The number.
    pub version: ConnectorVersion,
    /// The release note.
    pub version_note: Option<String>,
    /// When the version was saved.
    pub created_at: Option<Timestamp>,
    /// When it was released.
    pub released_at: Option<Timestamp>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

impl Connector {
    /// Makes unreadable what differs in another row with the same id.
    pub(crate) fn doubt(&mut self, other: &Self) {
        let differing = differing!(
            self,
            other,
            name,
            title,
            latest_released_version,
            latest_released_version_note,
            oem_shared_version,
            oem_shared_at,
            released_versions,
        );
        self.unreadable.add(&differing);
    }
}

row! {
    Fields => Connector {
        id: ConnectorId,
        name: String,
        title: String,
        latest_released_version: ConnectorVersion,
        latest_released_version_note: String,
        oem_shared_version: ConnectorVersion,
        oem_shared_at: Timestamp,
        released_versions: Vec<ReleasedVersion>,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value?,
            name: fields.name.value,
            title: fields.title.value,
            latest_released_version: fields.latest_released_version.value,
            latest_released_version_note: fields.latest_released_version_note.value,
            oem_shared_version: fields.oem_shared_version.value,
            oem_shared_at: fields.oem_shared_at.value,
            released_versions: fields.released_versions.value.unwrap_or_default(),
            unreadable,
        })
    }
}

row! {
    ReleasedFields => ReleasedVersion {
        version: ConnectorVersion,
        version_note: String,
        created_at: Timestamp,
        released_at: Timestamp,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            version: fields.version.value?,
            version_note: fields.version_note.value,
            created_at: fields.created_at.value,
            released_at: fields.released_at.value,
            unreadable,
        })
    }
}

row_as_field!(ReleasedVersion);

impl Connector {
    /// The version that embedded customers receive, if one is shared.
    #[must_use]
    pub const fn shared_version(&self) -> Option<ConnectorVersion> {
        self.oem_shared_version
    }

    /// The newest released version: Workato's field, or else the highest of the released versions.
    #[must_use]
    pub fn latest_version(&self) -> Option<ConnectorVersion> {
        self.latest_released_version.or_else(|| self.released_versions.iter().map(|released| released.version).max())
    }

    /// Whether it is known which version is shared, if any.
    #[must_use]
    pub fn is_share_known(&self) -> bool {
        !self.unreadable.has("oem_shared_version")
    }

    /// Whether every released version is known.
    #[must_use]
    pub fn are_releases_known(&self) -> bool {
        !self.unreadable.has("released_versions")
    }

    /// Whether a newer version than the shared one has been released.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        matches!((self.shared_version(), self.latest_version()), (Some(shared), Some(latest)) if shared < latest)
    }

    /// The released version with this number, if there is one.
    #[must_use]
    pub fn released(&self, version: ConnectorVersion) -> Option<&ReleasedVersion> {
        self.released_versions.iter().find(|released| released.version == version)
    }
}
