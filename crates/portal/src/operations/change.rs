//! What can be changed in Workato. Plain data, so that it can be stored and performed later; one call each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use workato::{Call, ChangeAnswer, Class, Client, ConnectionId, ConnectorId, ConnectorVersion, Permit};

use crate::audit::{Action, Target, TargetType};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Make a released version the shared one.
    ShareConnector {
        /// The connector.
        connector: ConnectorId,
        /// The released version.
        version: ConnectorVersion,
    },
    /// Remove a connector's share.
    SuppressConnector {
        /// The connector.
        connector: ConnectorId,
    },
    /// Delete a connection.
    DeleteConnection {
        /// The connection.
        connection: ConnectionId,
    },
}

impl Change {
    /// Its name in the log.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::ShareConnector { .. } => Action::ConnectorShare,
            Self::SuppressConnector { .. } => Action::ConnectorSuppress,
            Self::DeleteConnection { .. } => Action::ConnectionDelete,
        }
    }

    /// What it acts on, by the name that is known of it.
    #[must_use]
    pub fn target(&self, name: Option<&str>) -> Target {
        match self {
            Self::ShareConnector { connector, .. } | Self::SuppressConnector { connector } => {
                Target::new(TargetType::Connector, connector, name)
            }
            Self::DeleteConnection { connection } => Target::new(TargetType::Connection, connection, name),
        }
    }

    /// Its parameters beside the target.
    #[must_use]
    pub fn parameters(&self) -> Map<String, Value> {
        match self {
            Self::ShareConnector { version, .. } => Map::from_iter([("version".to_owned(), json!(version))]),
            Self::SuppressConnector { .. } | Self::DeleteConnection { .. } => Map::new(),
        }
    }

    /// Whether it cannot be taken back: it then needs a reason and the name typed.
    #[must_use]
    pub const fn is_destructive(&self) -> bool {
        match self {
            Self::ShareConnector { .. } => false,
            Self::SuppressConnector { .. } | Self::DeleteConnection { .. } => true,
        }
    }

    /// Which of Workato's limits its call counts against.
    pub(super) fn class(&self) -> Class {
        match self {
            Self::ShareConnector { .. } => Call::Share,
            Self::SuppressConnector { .. } => Call::Suppress,
            Self::DeleteConnection { .. } => Call::DeleteConnection,
        }
        .class()
    }

    /// Sends it, once.
    pub(super) async fn send(&self, client: &Client, permit: Permit) -> ChangeAnswer {
        match *self {
            Self::ShareConnector { connector, version } => client.share(permit, connector, version).await,
            Self::SuppressConnector { connector } => client.suppress(permit, connector).await,
            Self::DeleteConnection { connection } => client.delete_connection(permit, connection).await,
        }
    }
}
