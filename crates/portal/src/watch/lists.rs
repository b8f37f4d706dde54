//! The lists that a comparison reads.

use std::{collections::HashSet, sync::Arc};

use store::seen::Seen;
use time::OffsetDateTime;
use workato::{Connection, Connector};

use super::compare::{Difference, differences};
use crate::{
    Result,
    audit::TargetType,
    background::compute,
    connectors,
    upstream::{Snapshot, TeamWorkato},
};

/// All connectors and connections of a workspace.
#[derive(Clone)]
pub(super) struct Lists {
    pub connectors: Arc<Snapshot<Vec<Connector>>>,
    pub connections: Arc<Snapshot<Vec<Connection>>>,
}

impl Lists {
    /// Reads both lists now. A cached list could lack what the log has already.
    pub async fn read(workato: &TeamWorkato<'_>) -> Result<Self> {
        Ok(Self { connectors: workato.connectors_now().await?, connections: workato.every_connection_now().await? })
    }

    /// When the older list was requested.
    pub fn began_at(&self) -> OffsetDateTime {
        self.connectors.began_at.min(self.connections.began_at)
    }

    fn len(&self) -> usize {
        self.connectors.items.len() + self.connections.items.len()
    }

    pub async fn seen(&self) -> Vec<Seen> {
        let lists = self.clone();
        compute(self.len(), move || lists.to_seen()).await
    }

    /// The differences from what was last seen.
    pub async fn differences_from(&self, known: Vec<Seen>) -> Vec<Difference> {
        let lists = self.clone();
        compute(self.len().max(known.len()), move || differences(&known, &lists.to_seen())).await
    }

    pub async fn keys(&self) -> HashSet<(TargetType, i64)> {
        let lists = self.clone();
        compute(self.len(), move || lists.to_seen().into_iter().map(|seen| (seen.kind, seen.id)).collect()).await
    }

    fn to_seen(&self) -> Vec<Seen> {
        let connectors = self.connectors.items.iter().map(|connector| Seen {
            kind: TargetType::Connector,
            id: connector.id.get(),
            name: connectors::name(connector).map(str::to_owned),
            shared_version: connector.shared_version().map(|version| version.get()),
            shared_at: connector.shared_version().and(connector.oem_shared_at).map(|at| at.get()),
        });
        let connections = self.connections.items.iter().map(|connection| Seen {
            kind: TargetType::Connection,
            id: connection.id.get(),
            name: connection.name.clone(),
            shared_version: None,
            shared_at: None,
        });
        connectors.chain(connections).collect()
    }
}
