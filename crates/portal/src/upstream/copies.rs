//! A team's complete lists as they were read last, without a call to Workato.

use std::sync::Arc;

use store::Team;
use workato::{Connection, ConnectionQuery, Connector, ConnectorQuery, CustomerList, List};

use super::{clients::Upstream, snapshot::Snapshot};

/// The lists that were read under the team's present token. `None` for one that was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies {
    /// Those of runtime users as well, if these were read.
    pub connections: Option<Arc<Snapshot<List<Connection>>>>,
    pub connectors: Option<Arc<Snapshot<List<Connector>>>>,
    pub customers: Option<Arc<Snapshot<CustomerList>>>,
}

impl Copies {
    /// How many rows the lists have.
    pub fn len(&self) -> usize {
        let connections = self.connections.as_ref().map_or(0, |list| list.items.items.len());
        let connectors = self.connectors.as_ref().map_or(0, |list| list.items.items.len());
        connections + connectors + self.customers.as_ref().map_or(0, |list| list.items.customers.len())
    }
}

impl Upstream {
    /// The team's lists as they were read last.
    pub fn copies(&self, team: &Team) -> Copies {
        let Some(client) = self.client_of(team) else { return Copies::default() };
        let connections = [true, false].map(|include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            self.reads.connections.kept(client.team, client.epoch, &query)
        });
        Copies {
            connections: connections.into_iter().flatten().max_by_key(|list| list.began_at),
            connectors: self.reads.connectors.kept(client.team, client.epoch, &ConnectorQuery::default()),
            customers: self.reads.customers.kept(client.team, client.epoch, &()),
        }
    }
}
