//! What is read of Workato, how long it is used again, and what of it is kept. A whole list is held once for everybody;
//! its parts are places in it, or are asked of Workato and soon forgotten.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;
use workato::{
    Call, Client, Connection, ConnectionQuery, Connector, ConnectorId, ConnectorQuery, CustomerId, CustomerList,
    CustomerRef,
};

use super::{
    Asker, Way,
    answers::{Answers, Asked, Bounds, Key, Shown, Snapshot},
};
use crate::{Portal, Result, TeamId, audit::TargetType, connectors, customers};
use store::Team;

/// How long a read is used again.
const FRESH: Duration = Duration::from_secs(30);
/// How long what changes rarely is used without another look.
pub(super) const LASTING: Duration = Duration::from_secs(15 * 60);
/// The most connections that are held, of all teams together: some half a kilobyte each.
const MOST_CONNECTIONS: u64 = 400_000;
/// The most connectors that are held, of all teams together, and likewise the most customers.
const MOST_OTHERS: u64 = 50_000;

/// The most bytes of connectors' code that are held, of all teams together.
const MOST_CODE: u64 = 16 * 1024 * 1024;

/// A customer's connections as asked for.
type OfCustomer = (CustomerId, ConnectionQuery);

#[derive(Debug)]
pub(super) struct Reads {
    epochs: AtomicU64,
    connections: Arc<Answers<ConnectionQuery, Vec<Connection>>>,
    connectors: Arc<Answers<ConnectorQuery, Vec<Connector>>>,
    connector: Arc<Answers<ConnectorId, Connector>>,
    connector_code: Arc<Answers<ConnectorId, String>>,
    customers: Arc<Answers<(), CustomerList>>,
    customer_connections: Arc<Answers<OfCustomer, Vec<Connection>>>,
}

impl Reads {
    pub fn new() -> Self {
        Self {
            epochs: AtomicU64::new(0),
            // Of the filtered lists none is kept: where Workato does not answer, they are parts of the whole one.
            connections: Answers::new(Bounds {
                fresh_for: FRESH,
                elements: Vec::len,
                most_elements: MOST_CONNECTIONS,
                is_kept: |query| *query == whole(query),
            }),
            connectors: Answers::new(Bounds {
                fresh_for: FRESH,
                elements: Vec::len,
                most_elements: MOST_OTHERS,
                is_kept: |query| *query == ConnectorQuery::default(),
            }),
            connector: Answers::new(Bounds {
                fresh_for: FRESH,
                elements: |_| 1,
                most_elements: MOST_OTHERS,
                is_kept: |_| true,
            }),
            // Somebody else's program is held no longer than it has to be.
            connector_code: Answers::new(Bounds {
                fresh_for: FRESH,
                elements: String::len,
                most_elements: MOST_CODE,
                is_kept: |_| false,
            }),
            customers: Answers::new(Bounds {
                fresh_for: LASTING,
                elements: |list| list.customers.len(),
                most_elements: MOST_OTHERS,
                is_kept: |()| true,
            }),
            customer_connections: Answers::new(Bounds {
                fresh_for: FRESH,
                elements: Vec::len,
                most_elements: MOST_CONNECTIONS / 4,
                is_kept: |_| true,
            }),
        }
    }

    pub fn next_epoch(&self) -> u64 {
        self.epochs.fetch_add(1, Ordering::Relaxed)
    }

    pub fn forget(&self, team: TeamId) {
        self.connections.forget(team);
        self.connectors.forget(team);
        self.connector.forget(team);
        self.connector_code.forget(team);
        self.customers.forget(team);
        self.customer_connections.forget(team);
    }
}

/// The whole list that a query asks for a part of.
fn whole(query: &ConnectionQuery) -> ConnectionQuery {
    let include_runtime_connections = query.include_runtime_connections;
    ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() }
}

/// The answers that a change or a refresh makes old, together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Era {
    generation: u64,
    /// When the portal last sent a change.
    changed_at: Option<OffsetDateTime>,
}

/// The eras of one team's answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Eras {
    connections: Era,
    connectors: Era,
    customers: Era,
}

impl Eras {
    /// A change was sent to a target of this kind: what it touched is asked for again.
    pub fn change(&mut self, kind: TargetType) {
        let era = match kind {
            TargetType::Connection => &mut self.connections,
            TargetType::Connector => &mut self.connectors,
            // Nothing that is read tells which recipes a customer was given.
            _ => return,
        };
        era.generation += 1;
        era.changed_at = Some(OffsetDateTime::now_utc());
    }

    /// Somebody wants to see connections and connectors as they are now.
    pub fn refresh(&mut self) {
        self.connections.generation += 1;
        self.connectors.generation += 1;
    }

    /// Somebody wants to see who the customers are now.
    pub fn refresh_customers(&mut self) {
        self.customers.generation += 1;
    }
}

/// What one read is made of.
struct Reading {
    team: TeamId,
    way: Way,
    client: Client,
    patience: Duration,
}

impl Reading {
    fn key<Q>(&self, era: Era, query: Q) -> Key<Q> {
        Key { team: self.team, epoch: self.way.epoch, generation: era.generation, query }
    }

    fn asked<Q>(&self, call: Call, era: Era, query: Q) -> Asked<Q> {
        Asked {
            key: self.key(era, query),
            client: self.client.clone(),
            class: call.class(),
            patience: self.patience,
            changed_at: era.changed_at,
        }
    }
}

impl Portal {
    async fn reading(&self, team: &Team, asker: impl Into<Asker>) -> Result<Reading> {
        let way = self.way(team).await?;
        let client = asker.into().client(&way.client);
        Ok(Reading { team: team.id, way, client, patience: self.upstream.settings.patience })
    }

    /// The connections that a page asks for. What is stale is the whole list, of which the query wants a part.
    pub(crate) async fn read_connections(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        query: ConnectionQuery,
    ) -> Result<Shown<Vec<Connection>>> {
        let reading = self.reading(team, asker).await?;
        let connections = &self.upstream.reads.connections;
        let copy = connections.kept(team.id, reading.way.epoch, &whole(&query));
        let wanted = query.clone();
        let call = move |client: Client| async move { client.connections(&wanted).await };
        let asked = reading.asked(Call::Connections, reading.way.eras.connections, query);
        connections.shown(asked, copy, call).await
    }

    /// The connections as they are now, and not as somebody read them half a minute ago.
    pub(crate) async fn read_connections_afresh(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        query: ConnectionQuery,
    ) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        let reading = self.reading(team, asker).await?;
        let wanted = query.clone();
        let call = move |client: Client| async move { client.connections(&wanted).await };
        let key = reading.key(reading.way.eras.connections, query);
        self.upstream.reads.connections.afresh(key, reading.client, call).await
    }

    /// The connectors that a page asks for.
    pub(crate) async fn read_connectors(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        query: ConnectorQuery,
    ) -> Result<Shown<Vec<Connector>>> {
        let reading = self.reading(team, asker).await?;
        let list = &self.upstream.reads.connectors;
        let copy = list.kept(team.id, reading.way.epoch, &ConnectorQuery::default());
        let wanted = query.clone();
        let call = move |client: Client| async move { client.connectors(&wanted).await };
        let asked = reading.asked(Call::Connectors, reading.way.eras.connectors, query.clone());
        let mut shown = list.shown(asked, copy, call).await?;
        if shown.stale.is_some() && query != ConnectorQuery::default() {
            let mut part = Snapshot::clone(&shown.snapshot);
            part.items.retain(|connector| connectors::is_asked_for(&query, connector));
            shown.snapshot = Arc::new(part);
        }
        Ok(shown)
    }

    /// The connectors as they are now.
    pub(crate) async fn read_connectors_afresh(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
    ) -> Result<Arc<Snapshot<Vec<Connector>>>> {
        let reading = self.reading(team, asker).await?;
        let call = |client: Client| async move { client.connectors(&ConnectorQuery::default()).await };
        let key = reading.key(reading.way.eras.connectors, ConnectorQuery::default());
        self.upstream.reads.connectors.afresh(key, reading.client, call).await
    }

    /// The connector that a page asks for.
    pub(crate) async fn read_connector(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        id: ConnectorId,
    ) -> Result<Shown<Connector>> {
        let reading = self.reading(team, asker).await?;
        let reads = &self.upstream.reads;
        let copy = reads.connector.kept(team.id, reading.way.epoch, &id);
        let list = reads.connectors.kept(team.id, reading.way.epoch, &ConnectorQuery::default());
        let call = move |client: Client| async move { client.connector(id).await };
        let asked = reading.asked(Call::Connector, reading.way.eras.connectors, id);
        reads.connector.shown(asked, newer(copy, list.and_then(|list| one_of(&list, id))), call).await
    }

    /// The connector as it is now, and not as somebody read it half a minute ago.
    pub(crate) async fn read_connector_afresh(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        id: ConnectorId,
    ) -> Result<Arc<Snapshot<Connector>>> {
        let reading = self.reading(team, asker).await?;
        let call = move |client: Client| async move { client.connector(id).await };
        let key = reading.key(reading.way.eras.connectors, id);
        self.upstream.reads.connector.afresh(key, reading.client, call).await
    }

    /// A connector's code.
    pub(crate) async fn read_connector_code(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        id: ConnectorId,
    ) -> Result<Shown<String>> {
        let reading = self.reading(team, asker).await?;
        let call = move |client: Client| async move { client.connector_code(id).await };
        let asked = reading.asked(Call::ConnectorCode, reading.way.eras.connectors, id);
        self.upstream.reads.connector_code.shown(asked, None, call).await
    }

    /// The embedded customers, by name. They change rarely, and reading them may take many calls.
    pub(crate) async fn read_customers(&self, team: &Team, asker: impl Into<Asker>) -> Result<Shown<CustomerList>> {
        let reading = self.reading(team, asker).await?;
        let call = |client: Client| async move {
            let mut list = client.customers().await?;
            list.customers.sort_by_cached_key(|customer| {
                let name = customers::name(customer).map(str::to_lowercase);
                (name.is_none(), name, customer.id)
            });
            Ok(list)
        };
        let asked = reading.asked(Call::Customers, reading.way.eras.customers, ());
        self.upstream.reads.customers.lasting(asked, call).await
    }

    /// The connections of a customer that a page asks for.
    pub(crate) async fn read_customer_connections(
        &self,
        team: &Team,
        asker: impl Into<Asker>,
        customer: CustomerId,
        query: ConnectionQuery,
    ) -> Result<Shown<Vec<Connection>>> {
        let reading = self.reading(team, asker).await?;
        let answers = &self.upstream.reads.customer_connections;
        let asked = reading.asked(Call::CustomerConnections, reading.way.eras.connections, (customer, query.clone()));
        let copy = answers.kept(team.id, reading.way.epoch, &asked.key.query);
        let call =
            move |client: Client| async move { client.customer_connections(&CustomerRef::Id(customer), &query).await };
        answers.shown(asked, copy, call).await
    }
}

/// One connector of a list that was read whole: the list tells of each what a read of it alone does.
fn one_of(list: &Snapshot<Vec<Connector>>, id: ConnectorId) -> Option<Arc<Snapshot<Connector>>> {
    let items = list.items.iter().find(|connector| connector.id == id)?.clone();
    let Snapshot { began_at, read_at, waited, .. } = *list;
    Some(Arc::new(Snapshot { items, began_at, read_at, waited }))
}

fn newer<T>(one: Option<Arc<Snapshot<T>>>, other: Option<Arc<Snapshot<T>>>) -> Option<Arc<Snapshot<T>>> {
    match (one, other) {
        (Some(one), Some(other)) if one.began_at < other.began_at => Some(other),
        (one, other) => one.or(other),
    }
}
