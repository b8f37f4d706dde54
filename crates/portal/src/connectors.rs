//! Connectors: what is released, what is shared, and how far the shared one is behind.

use std::sync::Arc;

use serde_json::{Value, json};
use workato::{Connector, ConnectorId, ConnectorQuery, ConnectorVersion, ReadError};

use crate::{Error, Portal, Result, TeamReader, upstream::Snapshot};

/// What sharing a version would be. The call is the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareKind {
    /// Nothing is shared yet.
    Create,
    /// An older version is shared.
    Update,
    /// A newer version is shared.
    RollBack,
    /// This very version is shared.
    Again,
}

impl ShareKind {
    /// What sharing `version` of `connector` would be now.
    #[must_use]
    pub fn of(connector: &Connector, version: ConnectorVersion) -> Self {
        match connector.shared_version() {
            None => Self::Create,
            Some(shared) if shared < version => Self::Update,
            Some(shared) if shared > version => Self::RollBack,
            Some(_) => Self::Again,
        }
    }
}

impl Portal {
    /// The team's connectors, as Workato filters them.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn connectors(
        &self,
        reader: &TeamReader,
        query: ConnectorQuery,
    ) -> Result<Arc<Snapshot<Vec<Connector>>>> {
        self.read_connectors(reader.team(), query).await
    }

    /// One connector with its released versions.
    ///
    /// # Errors
    /// `NotFound` when Workato knows none of this id, `Workato` when it cannot be read.
    pub async fn connector(&self, reader: &TeamReader, id: ConnectorId) -> Result<Arc<Snapshot<Connector>>> {
        match self.read_connector(reader.team(), id).await {
            Err(Error::Workato(error)) if matches!(*error, ReadError::NotFound { .. }) => Err(Error::NotFound),
            answer => answer,
        }
    }
}

/// The state before a change, for the log.
pub(crate) fn before(connector: &Connector) -> (Option<String>, Value) {
    let state = json!({
        "found": true,
        "shared_version": connector.shared_version(),
        "shared_at": connector.oem_shared_at,
        "latest_released_version": connector.latest_version(),
    });
    (connector.title.clone().or_else(|| connector.name.clone()), state)
}
