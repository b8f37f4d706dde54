//! The answers of Workato that are held: how many, and for how long. A complete list is held once for everybody.
//! Filtered lists are held only while they are fresh.

use std::{sync::Arc, time::Duration};

use store::clock::Clock;
use workato::{Connection, ConnectionQuery, Connector, ConnectorId, ConnectorQuery, CustomerId, CustomerList, List};

use super::answers::{Answers, Bounds};
use crate::TeamId;

/// How long an answer is reused.
const FRESH: Duration = Duration::from_secs(30);
/// How long the answer to what changes rarely is reused.
pub(super) const LASTING: Duration = Duration::from_secs(15 * 60);
/// The most connections that are held, of all teams together. One takes about half a kilobyte.
const MOST_CONNECTIONS: u64 = 400_000;
/// The most connectors that are held, of all teams together, and the most customers.
const MOST_OTHERS: u64 = 50_000;

/// The most bytes of connectors' code that are held, of all teams together.
const MOST_CODE: u64 = 16 * 1024 * 1024;

/// A customer and a filter of their connections.
type OfCustomer = (CustomerId, ConnectionQuery);

#[derive(Debug)]
pub(super) struct Reads {
    pub connections: Arc<Answers<ConnectionQuery, List<Connection>>>,
    pub connectors: Arc<Answers<ConnectorQuery, List<Connector>>>,
    pub connector: Arc<Answers<ConnectorId, Connector>>,
    pub connector_code: Arc<Answers<ConnectorId, String>>,
    pub customers: Arc<Answers<(), CustomerList>>,
    pub customer_connections: Arc<Answers<OfCustomer, List<Connection>>>,
}

impl Reads {
    pub fn new(clock: &Clock) -> Self {
        Self {
            // Filtered lists are not kept: if Workato does not answer, the complete list is filtered here.
            connections: Answers::new(
                Bounds {
                    fresh_for: FRESH,
                    elements: |list| list.items.len(),
                    most_elements: MOST_CONNECTIONS,
                    is_kept: |query| *query == whole(query),
                },
                clock.clone(),
            ),
            connectors: Answers::new(
                Bounds {
                    fresh_for: FRESH,
                    elements: |list| list.items.len(),
                    most_elements: MOST_OTHERS,
                    is_kept: |query| *query == ConnectorQuery::default(),
                },
                clock.clone(),
            ),
            connector: Answers::new(
                Bounds { fresh_for: FRESH, elements: |_| 1, most_elements: MOST_OTHERS, is_kept: |_| true },
                clock.clone(),
            ),
            // Code may be a customer's trade secret, so it is held only while it is fresh.
            connector_code: Answers::new(
                Bounds { fresh_for: FRESH, elements: String::len, most_elements: MOST_CODE, is_kept: |_| false },
                clock.clone(),
            ),
            customers: Answers::new(
                Bounds {
                    fresh_for: LASTING,
                    elements: |list| list.customers.len(),
                    most_elements: MOST_OTHERS,
                    is_kept: |()| true,
                },
                clock.clone(),
            ),
            customer_connections: Answers::new(
                Bounds {
                    fresh_for: FRESH,
                    elements: |list| list.items.len(),
                    most_elements: MOST_CONNECTIONS / 4,
                    is_kept: |_| true,
                },
                clock.clone(),
            ),
        }
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

/// The query for the complete list that a filtered list is a part of.
pub(super) fn whole(query: &ConnectionQuery) -> ConnectionQuery {
    let include_runtime_connections = query.include_runtime_connections;
    ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() }
}
