//! Reads shared between people: equal reads in flight are one call, and one younger than 30 s is used again.

use std::{
    future::Future,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use time::OffsetDateTime;
use workato::{
    Connection, ConnectionQuery, Connector, ConnectorId, ConnectorQuery, CustomerId, CustomerList, CustomerRef,
    ReadError,
};

use super::{Asker, Shared};
use crate::{Portal, Result, TeamId, customers, teams::Team};

/// How long a read is used again.
const FRESH: Duration = Duration::from_secs(30);
/// How long the list of customers is used again: it changes rarely, and may take many calls.
const FRESH_CUSTOMERS: Duration = Duration::from_secs(300);

/// What Workato answered, and when.
#[derive(Debug)]
pub struct Snapshot<T> {
    /// The answer.
    pub items: T,
    /// When the call began: what happened before it is in the answer.
    pub began_at: OffsetDateTime,
    /// When the answer was whole.
    pub read_at: OffsetDateTime,
}

/// A team's reads under one generation: a change begins the next one, so that a read that was under way while
/// something changed is never used afterwards.
type Key<Q> = (TeamId, u64, Q);

/// A customer's connections as asked for.
type OfCustomer = (CustomerId, ConnectionQuery);

#[derive(Debug)]
pub(super) struct Reads {
    generations: AtomicU64,
    connections: Cache<Key<ConnectionQuery>, Arc<Snapshot<Vec<Connection>>>>,
    connectors: Cache<Key<ConnectorQuery>, Arc<Snapshot<Vec<Connector>>>>,
    connector: Cache<Key<ConnectorId>, Arc<Snapshot<Connector>>>,
    /// Under no generation: no change of the portal's touches who the customers are.
    customers: Cache<TeamId, Arc<Snapshot<CustomerList>>>,
    customer_connections: Cache<Key<OfCustomer>, Arc<Snapshot<Vec<Connection>>>>,
}

impl Reads {
    pub fn new() -> Self {
        Self {
            // Wide steps between clients: dropping reads adds one to a client's generation.
            generations: AtomicU64::new(0),
            connections: cache(64),
            connectors: cache(256),
            connector: cache(1_024),
            customers: Cache::builder().max_capacity(256).time_to_live(FRESH_CUSTOMERS).build(),
            customer_connections: cache(256),
        }
    }

    pub fn next_generation(&self) -> u64 {
        self.generations.fetch_add(1 << 32, Ordering::Relaxed)
    }
}

fn cache<Q: Hash + Eq + Send + Sync + 'static, T: Clone + Send + Sync + 'static>(most: u64) -> Cache<Key<Q>, T> {
    Cache::builder().max_capacity(most).time_to_live(FRESH).build()
}

impl Reads {
    pub async fn forget_customers(&self, team: TeamId) {
        self.customers.invalidate(&team).await;
    }
}

/// Makes the call, unless an equal one is under way or just done.
async fn shared<K, T>(
    cache: &Cache<K, Arc<Snapshot<T>>>,
    key: K,
    call: impl Future<Output = Result<T, ReadError>>,
) -> Shared<Arc<Snapshot<T>>>
where
    K: Hash + Eq + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    cache
        .try_get_with(key, async {
            let began_at = OffsetDateTime::now_utc();
            let items = call.await?;
            Ok(Arc::new(Snapshot { items, began_at, read_at: OffsetDateTime::now_utc() }))
        })
        .await
        .map_err(|error: Arc<ReadError>| error)
}

impl Portal {
    pub(crate) async fn read_connections(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        query: ConnectionQuery,
    ) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        let call = client.connections(&query);
        Ok(shared(&self.upstream.reads.connections, (team.id, way.generation, query.clone()), call).await?)
    }

    pub(crate) async fn read_connectors(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        query: ConnectorQuery,
    ) -> Result<Arc<Snapshot<Vec<Connector>>>> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        let call = client.connectors(&query);
        Ok(shared(&self.upstream.reads.connectors, (team.id, way.generation, query.clone()), call).await?)
    }

    pub(crate) async fn read_connector(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        id: ConnectorId,
    ) -> Result<Arc<Snapshot<Connector>>> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        let call = client.connector(id);
        Ok(shared(&self.upstream.reads.connector, (team.id, way.generation, id), call).await?)
    }

    /// The connector as it is now, and not as somebody read it half a minute ago.
    pub(crate) async fn read_connector_afresh(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        id: ConnectorId,
    ) -> Result<Arc<Snapshot<Connector>>> {
        let way = self.way(team).await?;
        self.upstream.reads.connector.invalidate(&(team.id, way.generation, id)).await;
        self.read_connector(team, asker, id).await
    }

    pub(crate) async fn read_customers(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
    ) -> Result<Arc<Snapshot<CustomerList>>> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        let call = async {
            let mut list = client.customers().await?;
            list.customers.sort_by_cached_key(|customer| {
                let name = customers::name(customer).map(str::to_lowercase);
                (name.is_none(), name, customer.id)
            });
            Ok(list)
        };
        Ok(shared(&self.upstream.reads.customers, team.id, call).await?)
    }

    /// Forgets who the team's customers are.
    pub(crate) async fn forget_customers(&self, team: &Team) {
        self.upstream.reads.forget_customers(team.id).await;
    }

    pub(crate) async fn read_customer_connections(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        customer: CustomerId,
        query: ConnectionQuery,
    ) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        let whose = CustomerRef::Id(customer);
        let call = client.customer_connections(&whose, &query);
        let key = (team.id, way.generation, (customer, query.clone()));
        Ok(shared(&self.upstream.reads.customer_connections, key, call).await?)
    }

    /// Forgets the two lists in which one connection is looked for.
    pub(crate) async fn forget_connections(&self, team: &Team) -> Result<()> {
        let way = self.way(team).await?;
        for include_runtime_connections in [false, true] {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            self.upstream.reads.connections.invalidate(&(team.id, way.generation, query)).await;
        }
        Ok(())
    }
}
