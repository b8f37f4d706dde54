//! One team's Workato as one asker calls it: every read that the portal makes.

use std::sync::Arc;

use workato::{
    ActivityEvent, ActivityQuery, Call, Client, Connection, ConnectionId, ConnectionQuery, Connector, ConnectorId,
    ConnectorQuery, CustomerId, CustomerList, CustomerRef, List,
};

use super::{
    answers::{Key, Request},
    asker::Asker,
    clients::{TeamClient, Upstream},
    generations::Generation,
    names::Names,
    reads::whole,
    snapshot::{Shown, Snapshot},
};
use crate::{Result, background::compute, connectors, customers};

/// A team's Workato as one asker calls it. Sends the same token for as long as it is held.
pub(crate) struct TeamWorkato<'a> {
    upstream: &'a Upstream,
    team: TeamClient,
    asker: Asker,
}

impl<'a> TeamWorkato<'a> {
    pub(super) fn new(upstream: &'a Upstream, team: TeamClient, asker: Asker) -> Self {
        Self { upstream, team, asker }
    }

    /// A client that calls for the asker. Another one for each call, since a client adds up how long its calls waited.
    pub fn client(&self) -> Client {
        self.asker.client(&self.team.client)
    }

    /// The fingerprint of the token that is sent.
    pub fn fingerprint(&self) -> &str {
        &self.team.fingerprint
    }

    /// Different for each token of the team.
    pub fn epoch(&self) -> u64 {
        self.team.epoch
    }

    fn key<Q>(&self, generation: Generation, query: Q) -> Key<Q> {
        Key { team: self.team.team, epoch: self.team.epoch, generation: generation.number, query }
    }

    fn request<Q>(&self, call: Call, generation: Generation, query: Q) -> Request<Q> {
        Request {
            key: self.key(generation, query),
            client: self.client(),
            class: call.class(),
            patience: self.upstream.settings.patience,
            changed_at: generation.changed_at,
            person: self.asker.person(),
            pace: Arc::clone(&self.team.pace),
        }
    }

    fn of_connections(&self) -> Generation {
        self.team.generations().connections
    }

    fn of_connectors(&self) -> Generation {
        self.team.generations().connectors
    }

    /// Connections for a page. A stale answer is the complete list, whatever the query.
    pub async fn connections(&self, query: ConnectionQuery) -> Result<Shown<List<Connection>>> {
        let answers = &self.upstream.reads.connections;
        let copy = answers.kept(self.team.team, self.team.epoch, &whole(&query));
        let request = self.request(Call::Connections, self.of_connections(), query.clone());
        let call = move |client: Client| async move { client.connections(&query).await };
        answers.shown(request, copy, call).await
    }

    /// Connections as they are now.
    pub async fn connections_now(&self, query: ConnectionQuery) -> Result<Arc<Snapshot<List<Connection>>>> {
        let key = self.key(self.of_connections(), query.clone());
        let call = move |client: Client| async move { client.connections(&query).await };
        self.upstream.reads.connections.now(key, self.client(), call).await
    }

    /// Every connection as it is now, those of runtime users included.
    pub async fn every_connection_now(&self) -> Result<Arc<Snapshot<List<Connection>>>> {
        self.connections_now(ConnectionQuery { include_runtime_connections: true, ..ConnectionQuery::default() }).await
    }

    /// Connectors for a page.
    ///
    /// Workato could filter, but it compares titles byte by byte: it would not find `Café` in another encoding of the
    /// same letters. A workspace has few connectors, so the complete list is read and filtered here.
    pub async fn connectors(&self, query: ConnectorQuery) -> Result<Shown<List<Connector>>> {
        let answers = &self.upstream.reads.connectors;
        let everything = ConnectorQuery::default();
        let copy = answers.kept(self.team.team, self.team.epoch, &everything);
        let request = self.request(Call::Connectors, self.of_connectors(), everything.clone());
        let call = |client: Client| async move { client.connectors(&ConnectorQuery::default()).await };
        let shown = answers.shown(request, copy, call).await?;
        if query == everything {
            return Ok(shown);
        }
        let Shown { snapshot, stale } = shown;
        let filtered = compute(snapshot.items.len(), move || {
            let asked_for =
                snapshot.items.iter().filter(|one| connectors::is_asked_for(&query, one)).cloned().collect();
            let List { left_out, repeated, .. } = snapshot.items;
            let items = List { items: asked_for, left_out, repeated };
            Snapshot { items, began_at: snapshot.began_at, read_at: snapshot.read_at, waited: snapshot.waited }
        });
        Ok(Shown { snapshot: Arc::new(filtered.await), stale })
    }

    /// Every connector as it is now.
    pub async fn connectors_now(&self) -> Result<Arc<Snapshot<List<Connector>>>> {
        let key = self.key(self.of_connectors(), ConnectorQuery::default());
        let call = |client: Client| async move { client.connectors(&ConnectorQuery::default()).await };
        self.upstream.reads.connectors.now(key, self.client(), call).await
    }

    /// A connector for a page.
    pub async fn connector(&self, id: ConnectorId) -> Result<Shown<Connector>> {
        let reads = &self.upstream.reads;
        let copy = reads.connector.kept(self.team.team, self.team.epoch, &id);
        let list = reads.connectors.kept(self.team.team, self.team.epoch, &ConnectorQuery::default());
        let in_list = list.and_then(|list| one_of(&list, id));
        let call = move |client: Client| async move { client.connector(id).await };
        let request = self.request(Call::Connector, self.of_connectors(), id);
        reads.connector.shown(request, newer(copy, in_list), call).await
    }

    /// A connector as it is now.
    pub async fn connector_now(&self, id: ConnectorId) -> Result<Arc<Snapshot<Connector>>> {
        let call = move |client: Client| async move { client.connector(id).await };
        let key = self.key(self.of_connectors(), id);
        self.upstream.reads.connector.now(key, self.client(), call).await
    }

    /// A connector in the last copy of Workato's answers.
    pub fn connector_in_copy(&self, id: ConnectorId) -> Option<Connector> {
        let (reads, team) = (&self.upstream.reads, &self.team);
        let copy = reads.connector.kept(team.team, team.epoch, &id);
        let list = reads.connectors.kept(team.team, team.epoch, &ConnectorQuery::default());
        newer(copy, list.and_then(|list| one_of(&list, id))).map(|copy| copy.items.clone())
    }

    /// A connection in the last copy of Workato's answers.
    pub fn connection_in_copy(&self, id: ConnectionId) -> Option<Connection> {
        let (answers, team) = (&self.upstream.reads.connections, &self.team);
        let copies = [false, true].map(|include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            answers.kept(team.team, team.epoch, &query)
        });
        let newest = copies.into_iter().flatten().filter_map(|list| {
            let found = list.items.iter().find(|connection| connection.id == id)?.clone();
            Some((list.began_at, found))
        });
        newest.max_by_key(|(began_at, _)| *began_at).map(|(_, connection)| connection)
    }

    /// A connector's code.
    pub async fn connector_code(&self, id: ConnectorId) -> Result<Shown<String>> {
        let call = move |client: Client| async move { client.connector_code(id).await };
        let request = self.request(Call::ConnectorCode, self.of_connectors(), id);
        self.upstream.reads.connector_code.shown(request, None, call).await
    }

    /// The embedded customers, by name. They change rarely, and reading them may take many calls.
    pub async fn customers(&self) -> Result<Shown<CustomerList>> {
        let call = |client: Client| async move {
            let list = client.customers().await?;
            Ok(compute(list.customers.len(), || sorted(list)).await)
        };
        let customers = self.team.generations().customers;
        self.upstream.reads.customers.lasting(self.request(Call::Customers, customers, ()), call).await
    }

    /// A customer's connections for a page.
    pub async fn customer_connections(
        &self,
        customer: CustomerId,
        query: ConnectionQuery,
    ) -> Result<Shown<List<Connection>>> {
        let answers = &self.upstream.reads.customer_connections;
        let request = self.request(Call::CustomerConnections, self.of_connections(), (customer, query.clone()));
        let copy = answers.kept(self.team.team, self.team.epoch, &request.key.query);
        let call =
            move |client: Client| async move { client.customer_connections(&CustomerRef::Id(customer), &query).await };
        answers.shown(request, copy, call).await
    }

    /// Names for the ids in the team's connections.
    pub async fn names(&self) -> Arc<Names> {
        self.upstream.names.get(self.team.team, self.team.epoch, self.team.client.in_background()).await
    }

    /// Workato's activity log for a period.
    pub async fn activity(&self, query: ActivityQuery) -> Result<Vec<ActivityEvent>> {
        Ok(self.client().activity(query).await.map_err(Arc::new)?)
    }
}

/// Sorts customers by name. Those without a name come last.
fn sorted(mut list: CustomerList) -> CustomerList {
    list.customers.sort_by_cached_key(|customer| {
        let name = customers::name(customer).map(str::to_lowercase);
        (name.is_none(), name, customer.id)
    });
    list
}

/// One connector of the complete list, which has as much of each connector as a read of it alone.
fn one_of(list: &Snapshot<List<Connector>>, id: ConnectorId) -> Option<Arc<Snapshot<Connector>>> {
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
