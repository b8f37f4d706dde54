//! The rate limit of each class of calls. The limiter enforces them.

use std::time::Duration;

use crate::Class;

/// A maximum number of calls in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number of calls. 0 counts as 1.
    pub calls: usize,
    /// The length of the window.
    pub window: Duration,
}

impl Limit {
    /// A limit per minute.
    #[must_use]
    pub const fn per_minute(calls: usize) -> Self {
        Self { calls, window: Duration::from_secs(60) }
    }

    /// A limit per second.
    #[must_use]
    pub const fn per_second(calls: usize) -> Self {
        Self { calls, window: Duration::from_secs(1) }
    }
}

/// The limit of each class; `None` if it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `GET /api/connections`: 60 a minute (Workato API reference, Connections).
    pub connections_list: Option<Limit>,
    /// All other connection calls: 1 a second (Workato API reference, Connections).
    pub connections_other: Option<Limit>,
    /// Custom connectors: 60 a minute. The API reference states a limit without its figure (Custom connectors).
    pub connectors: Option<Limit>,
    /// Folders: 60 a minute (Workato API reference, Folders).
    pub folders: Option<Limit>,
    /// Tags and tag assignments: 60 a minute (Workato API reference, Tag assignments).
    pub tags: Option<Limit>,
    /// Embedded customers: 60 a minute (Workato API reference, Managed users).
    pub customers: Option<Limit>,
    /// An embedded customer's connections: 1,000 a minute (Workato API reference, Managed users).
    pub customers_connections: Option<Limit>,
    /// An embedded customer's recipes: 2,000 a minute (Workato API reference, Managed users).
    pub customers_recipes: Option<Limit>,
    /// Recipes: 60 a minute (Workato API reference, Recipes).
    pub recipes: Option<Limit>,
    /// All other calls: 60 a minute. Not documented; the most common of the documented figures.
    pub other: Option<Limit>,
}

impl Limits {
    /// The limits that Workato documents.
    #[must_use]
    pub const fn documented() -> Self {
        const SIXTY: Option<Limit> = Some(Limit::per_minute(60));
        Self {
            connections_list: SIXTY,
            connections_other: Some(Limit::per_second(1)),
            connectors: SIXTY,
            folders: SIXTY,
            tags: SIXTY,
            customers: SIXTY,
            customers_connections: Some(Limit::per_minute(1000)),
            customers_recipes: Some(Limit::per_minute(2000)),
            recipes: SIXTY,
            other: SIXTY,
        }
    }

    /// No limits. The client still pauses after a 429.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            connections_list: None,
            connections_other: None,
            connectors: None,
            folders: None,
            tags: None,
            customers: None,
            customers_connections: None,
            customers_recipes: None,
            recipes: None,
            other: None,
        }
    }

    /// The limit of a class.
    #[must_use]
    pub const fn of(&self, class: Class) -> Option<Limit> {
        match class {
            Class::ConnectionsList => self.connections_list,
            Class::ConnectionsOther => self.connections_other,
            Class::Connectors => self.connectors,
            Class::Folders => self.folders,
            Class::Tags => self.tags,
            Class::Customers => self.customers,
            Class::CustomersConnections => self.customers_connections,
            Class::CustomersRecipes => self.customers_recipes,
            Class::Recipes => self.recipes,
            Class::Other => self.other,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::documented()
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Limits};
    use crate::{Call, Class};

    #[test]
    fn each_call_counts_against_its_documented_limit() {
        let limit = |call: Call| Limits::documented().of(call.class());
        assert_eq!(limit(Call::Connections), Some(Limit::per_minute(60)));
        for call in [Call::CreateConnection, Call::UpdateConnection, Call::Disconnect, Call::DeleteConnection] {
            assert_eq!((call.class(), limit(call)), (Class::ConnectionsOther, Some(Limit::per_second(1))), "{call}");
        }
        for call in [
            Call::Connectors,
            Call::Connector,
            Call::ConnectorCode,
            Call::Share,
            Call::Suppress,
            Call::CreateConnector,
            Call::UpdateConnector,
            Call::ReleaseConnector,
        ] {
            assert_eq!((call.class(), limit(call)), (Class::Connectors, Some(Limit::per_minute(60))), "{call}");
        }
        for (call, limited) in [
            (Call::Customers, 60),
            (Call::ShareRecipe, 60),
            (Call::CustomerConnections, 1_000),
            (Call::CustomerRecipes, 2_000),
            (Call::Recipes, 60),
        ] {
            assert_eq!(limit(call), Some(Limit::per_minute(limited)), "{call}");
        }
    }
}
