//! A team's complete lists as they were read last, without a call to Workato.

use std::sync::Arc;

use store::Team;
use time::{Duration, OffsetDateTime};
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

/// For how long a list that was read counts as known. The portal reads a team's lists every few minutes.
const KNOWN_FOR: Duration = Duration::hours(1);

/// Lists that were read lately and not changed by the portal since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unchanged {
    /// Without and with those of runtime users.
    connections: [Option<Arc<Snapshot<List<Connection>>>>; 2],
    pub connectors: Option<Arc<Snapshot<List<Connector>>>>,
    pub customers: Option<Arc<Snapshot<CustomerList>>>,
}

impl Unchanged {
    pub fn connections(&self, with_runtime_users: bool) -> Option<&Arc<Snapshot<List<Connection>>>> {
        self.connections[usize::from(with_runtime_users)].as_ref()
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

    /// The team's lists as they were read last, without those that the portal has changed since.
    pub fn unchanged(&self, team: &Team) -> Unchanged {
        let Some(client) = self.client_of(team) else { return Unchanged::default() };
        let generations = *client.generations();
        let oldest = self.clock.now() - KNOWN_FOR;
        let is_known = |began_at: OffsetDateTime, changed_at: Option<OffsetDateTime>| {
            began_at >= oldest && changed_at.is_none_or(|changed_at| began_at > changed_at)
        };
        let connections = [false, true].map(|include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            let list = self.reads.connections.kept(client.team, client.epoch, &query);
            list.filter(|list| is_known(list.began_at, generations.connections.changed_at))
        });
        let connectors = self.reads.connectors.kept(client.team, client.epoch, &ConnectorQuery::default());
        let customers = self.reads.customers.kept(client.team, client.epoch, &());
        Unchanged {
            connections,
            connectors: connectors.filter(|list| is_known(list.began_at, generations.connectors.changed_at)),
            customers: customers.filter(|list| is_known(list.began_at, generations.customers.changed_at)),
        }
    }
}
