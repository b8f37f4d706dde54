//! The changes that can be made in Workato, each with one call. Plain data, so that a change can be stored and
//! performed later. Credentials are never stored, so they are not a part of it but of the request.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use workato::{
    Call, ChangeAnswer, Client, ConnectionDraft, ConnectionId, ConnectionUpdate, ConnectorDraft, ConnectorId,
    ConnectorVersion, Credentials, CustomerRef, Force, Permit, RecipeId, TagAssignment,
};

use crate::audit::{Action, Target, TargetType};

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Make a released version the shared one.
    ShareConnector {
        /// The connector.
        connector: ConnectorId,
        /// The released version.
        version: ConnectorVersion,
        /// The version that is replaced. `None` if no version is shared.
        replaces: Option<ConnectorVersion>,
    },
    /// Remove a connector's share.
    SuppressConnector {
        /// The connector.
        connector: ConnectorId,
    },
    /// Create a connector, with a draft of this code.
    CreateConnector {
        /// The new connector.
        draft: ConnectorDraft,
        /// The SHA-256 of the code, which the request has.
        sha256: String,
    },
    /// Write a connector's draft.
    UpdateConnector {
        /// The connector.
        connector: ConnectorId,
        /// The note of the version that it will become.
        note: Option<String>,
        /// The SHA-256 of the code, which the request has.
        sha256: String,
    },
    /// Release a connector's draft as its next version.
    ReleaseConnector {
        /// The connector.
        connector: ConnectorId,
        /// The SHA-256 of the draft's code. Another draft is not released.
        sha256: String,
    },
    /// Create a connection.
    CreateConnection {
        /// The new connection.
        draft: ConnectionDraft,
    },
    /// Update a connection.
    UpdateConnection {
        /// The connection.
        connection: ConnectionId,
        /// The fields to change.
        update: ConnectionUpdate,
    },
    /// Disconnect a connection.
    DisconnectConnection {
        /// The connection.
        connection: ConnectionId,
        /// Whether to disconnect it even if active recipes use it.
        force: Force,
    },
    /// Delete a connection.
    DeleteConnection {
        /// The connection.
        connection: ConnectionId,
    },
    /// Add tags to a connection and remove others.
    TagConnection {
        /// The connection.
        connection: ConnectionId,
        /// The tags.
        tags: TagAssignment,
    },
    /// Share a recipe with an embedded customer.
    ShareRecipe {
        /// The recipe.
        recipe: RecipeId,
        /// The customer.
        customer: CustomerRef,
    },
}

impl Change {
    /// The action in the log.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::ShareConnector { .. } => Action::ConnectorShare,
            Self::SuppressConnector { .. } => Action::ConnectorSuppress,
            Self::CreateConnector { .. } => Action::ConnectorCreate,
            Self::UpdateConnector { .. } => Action::ConnectorUpdate,
            Self::ReleaseConnector { .. } => Action::ConnectorRelease,
            Self::CreateConnection { .. } => Action::ConnectionCreate,
            Self::UpdateConnection { .. } => Action::ConnectionUpdate,
            Self::DisconnectConnection { .. } => Action::ConnectionDisconnect,
            Self::DeleteConnection { .. } => Action::ConnectionDelete,
            Self::TagConnection { .. } => Action::ConnectionTag,
            Self::ShareRecipe { .. } => Action::RecipeShare,
        }
    }

    /// The target, with its name if it is known.
    #[must_use]
    pub fn target(&self, name: Option<&str>) -> Target {
        match self {
            Self::ShareConnector { connector, .. }
            | Self::SuppressConnector { connector }
            | Self::UpdateConnector { connector, .. }
            | Self::ReleaseConnector { connector, .. } => Target::new(TargetType::Connector, connector, name),
            Self::CreateConnector { draft, .. } => {
                Target::new(TargetType::Connector, Target::NOT_YET, Some(&draft.title))
            }
            Self::CreateConnection { draft } => {
                Target::new(TargetType::Connection, Target::NOT_YET, draft.name.as_deref())
            }
            Self::UpdateConnection { connection, .. }
            | Self::DisconnectConnection { connection, .. }
            | Self::DeleteConnection { connection }
            | Self::TagConnection { connection, .. } => Target::new(TargetType::Connection, connection, name),
            Self::ShareRecipe { recipe, .. } => Target::new(TargetType::Recipe, recipe, None),
        }
    }

    /// The second target, if there is one: the customer that a recipe is shared with.
    #[must_use]
    pub fn second_target(&self) -> Option<Target> {
        match self {
            Self::ShareRecipe { customer, .. } => Some(Target::new(TargetType::Customer, customer, None)),
            _ => None,
        }
    }

    /// The parameters, without the target.
    #[must_use]
    pub fn parameters(&self) -> Map<String, Value> {
        let value = match self {
            Self::ShareConnector { version, replaces, .. } => json!({ "version": version, "replaces": replaces }),
            Self::CreateConnector { draft, sha256 } => {
                json!({ "title": draft.title, "note": draft.note, "sha256": sha256 })
            }
            Self::UpdateConnector { note, sha256, .. } => json!({ "note": note, "sha256": sha256 }),
            Self::ReleaseConnector { sha256, .. } => json!({ "sha256": sha256 }),
            Self::CreateConnection { draft } => json!(draft),
            Self::UpdateConnection { update, .. } => json!(update),
            Self::DisconnectConnection { force, .. } => json!({ "force": force }),
            Self::TagConnection { tags, .. } => json!(tags),
            Self::ShareRecipe { customer, .. } => json!({ "customer": customer.to_string() }),
            Self::SuppressConnector { .. } | Self::DeleteConnection { .. } => Value::Null,
        };
        match value {
            Value::Object(parameters) => parameters,
            _ => Map::new(),
        }
    }

    /// Whether it cannot be undone in the portal. A destructive change needs a reason and the typed name.
    #[must_use]
    pub const fn is_destructive(&self) -> bool {
        match self {
            Self::SuppressConnector { .. } | Self::DisconnectConnection { .. } | Self::DeleteConnection { .. } => true,
            Self::ShareConnector { .. }
            | Self::CreateConnector { .. }
            | Self::UpdateConnector { .. }
            | Self::ReleaseConnector { .. }
            | Self::CreateConnection { .. }
            | Self::UpdateConnection { .. }
            | Self::TagConnection { .. }
            | Self::ShareRecipe { .. } => false,
        }
    }

    /// The call to Workato.
    #[must_use]
    pub const fn call(&self) -> Call {
        match self {
            Self::ShareConnector { .. } => Call::Share,
            Self::SuppressConnector { .. } => Call::Suppress,
            Self::CreateConnector { .. } => Call::CreateConnector,
            Self::UpdateConnector { .. } => Call::UpdateConnector,
            Self::ReleaseConnector { .. } => Call::ReleaseConnector,
            Self::CreateConnection { .. } => Call::CreateConnection,
            Self::UpdateConnection { .. } => Call::UpdateConnection,
            Self::DisconnectConnection { .. } => Call::Disconnect,
            Self::DeleteConnection { .. } => Call::DeleteConnection,
            Self::TagConnection { .. } => Call::AssignTags,
            Self::ShareRecipe { .. } => Call::ShareRecipe,
        }
    }

    /// The SHA-256 of the code that it sends, if it sends any.
    pub(super) fn sends_code(&self) -> Option<&str> {
        match self {
            Self::CreateConnector { sha256, .. } | Self::UpdateConnector { sha256, .. } => Some(sha256),
            _ => None,
        }
    }

    /// Sends the call, once. `perform` has checked that there is code where the call sends some.
    pub(super) async fn send(
        &self,
        client: &Client,
        permit: Permit,
        credentials: Option<&Credentials>,
        code: Option<&SecretString>,
    ) -> ChangeAnswer {
        let code = code.map_or("", |code| code.expose_secret());
        match self {
            Self::CreateConnector { draft, .. } => client.create_connector(permit, draft, code).await,
            Self::UpdateConnector { connector, note, .. } => {
                client.update_connector(permit, *connector, note.as_deref(), code).await
            }
            Self::ReleaseConnector { connector, .. } => client.release_connector(permit, *connector).await,
            Self::ShareConnector { connector, version, .. } => client.share(permit, *connector, *version).await,
            Self::SuppressConnector { connector } => client.suppress(permit, *connector).await,
            Self::CreateConnection { draft } => client.create_connection(permit, draft, credentials).await,
            Self::UpdateConnection { connection, update } => {
                client.update_connection(permit, *connection, update, credentials).await
            }
            Self::DisconnectConnection { connection, force } => client.disconnect(permit, *connection, *force).await,
            Self::DeleteConnection { connection } => client.delete_connection(permit, *connection).await,
            Self::TagConnection { connection, tags } => client.assign_tags(permit, *connection, tags).await,
            Self::ShareRecipe { recipe, customer } => client.share_recipe(permit, customer, *recipe).await,
        }
    }
}
