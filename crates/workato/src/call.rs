//! The calls of Workato's API that this crate makes, and the rate limit that each counts against.
//! Names only; the client knows what each call sends and receives.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// A call of Workato's API. Displayed as method and path template: `GET /api/connections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Reads the token's workspace.
    Workspace,
    /// Lists connections.
    Connections,
    /// Lists custom connectors.
    Connectors,
    /// Reads one custom connector.
    Connector,
    /// Lists the folders in a folder.
    Folders,
    /// Lists tags.
    Tags,
    /// Lists embedded customers.
    Customers,
    /// Lists an embedded customer's connections.
    CustomerConnections,
    /// Lists an embedded customer's recipes.
    CustomerRecipes,
    /// Lists the workspace's own recipes.
    Recipes,
    /// Reads a custom connector's source code.
    ConnectorCode,
    /// Reads the workspace's activity log.
    ActivityLog,
    /// Creates a connection.
    CreateConnection,
    /// Updates a connection.
    UpdateConnection,
    /// Disconnects a connection.
    Disconnect,
    /// Shares a released version of a connector.
    Share,
    /// Suppresses a connector, so that embedded customers no longer receive it.
    Suppress,
    /// Creates a custom connector.
    CreateConnector,
    /// Writes a custom connector's draft.
    UpdateConnector,
    /// Releases a custom connector's draft as its next version.
    ReleaseConnector,
    /// Deletes a connection.
    DeleteConnection,
    /// Adds tags to a connection and removes others.
    AssignTags,
    /// Shares a recipe with an embedded customer.
    ShareRecipe,
    /// Lists the workspace's API clients.
    ApiClients,
    /// Gives an API client a new token.
    RegenerateToken,
}

/// A group of calls that share one rate limit per workspace.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Class {
    /// Listing connections.
    ConnectionsList,
    /// All other connection calls.
    ConnectionsOther,
    /// Custom connectors.
    Connectors,
    /// Folders.
    Folders,
    /// Tags and their assignments.
    Tags,
    /// Embedded customers, and sharing recipes with them.
    Customers,
    /// Listing an embedded customer's connections.
    CustomersConnections,
    /// Listing an embedded customer's recipes.
    CustomersRecipes,
    /// The workspace's own recipes.
    Recipes,
    /// All other calls.
    Other,
}

impl Call {
    /// The HTTP method.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::Share
            | Self::CreateConnector
            | Self::ReleaseConnector
            | Self::CreateConnection
            | Self::Disconnect
            | Self::AssignTags
            | Self::ShareRecipe
            | Self::RegenerateToken => "POST",
            Self::UpdateConnection | Self::UpdateConnector => "PUT",
            Self::Suppress | Self::DeleteConnection => "DELETE",
            Self::Workspace
            | Self::Connections
            | Self::Connectors
            | Self::Connector
            | Self::ConnectorCode
            | Self::Folders
            | Self::Tags
            | Self::Customers
            | Self::CustomerConnections
            | Self::CustomerRecipes
            | Self::Recipes
            | Self::ActivityLog
            | Self::ApiClients => "GET",
        }
    }

    /// The path, with placeholders for its parameters.
    #[must_use]
    pub const fn path_template(self) -> &'static str {
        match self {
            Self::Workspace => "/api/users/me",
            Self::Connections | Self::CreateConnection => "/api/connections",
            Self::Connectors | Self::CreateConnector => "/api/custom_connectors",
            Self::Connector | Self::UpdateConnector => "/api/custom_connectors/:id",
            Self::ReleaseConnector => "/api/custom_connectors/:id/release",
            Self::Folders => "/api/folders",
            Self::Tags => "/api/tags",
            Self::Customers => "/api/managed_users",
            Self::Share => "/api/custom_connectors/:id/share_oem_version/:version",
            Self::Suppress => "/api/custom_connectors/:id/suppress_oem_version",
            Self::ConnectorCode => "/api/custom_connectors/:id/code",
            Self::UpdateConnection | Self::DeleteConnection => "/api/connections/:id",
            Self::Disconnect => "/api/connections/:id/disconnect",
            Self::ActivityLog => "/api/activity_logs",
            Self::ApiClients => "/api/developer_api_clients",
            Self::RegenerateToken => "/api/developer_api_clients/:id/regenerate",
            Self::AssignTags => "/api/tags_assignments",
            Self::CustomerConnections => "/api/managed_users/:id/connections",
            Self::CustomerRecipes => "/api/managed_users/:id/recipes",
            Self::Recipes => "/api/recipes",
            Self::ShareRecipe => "/api/managed_users/:managed_user_id/recipes/:recipe_id/share",
        }
    }

    /// The rate limit it counts against.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Connections => Class::ConnectionsList,
            Self::CreateConnection | Self::UpdateConnection | Self::Disconnect | Self::DeleteConnection => {
                Class::ConnectionsOther
            }
            Self::Connectors
            | Self::Connector
            | Self::ConnectorCode
            | Self::CreateConnector
            | Self::UpdateConnector
            | Self::ReleaseConnector
            | Self::Share
            | Self::Suppress => Class::Connectors,
            Self::Folders => Class::Folders,
            Self::Tags | Self::AssignTags => Class::Tags,
            Self::Customers | Self::ShareRecipe => Class::Customers,
            Self::CustomerConnections => Class::CustomersConnections,
            Self::CustomerRecipes => Class::CustomersRecipes,
            Self::Recipes => Class::Recipes,
            Self::Workspace | Self::ActivityLog | Self::ApiClients | Self::RegenerateToken => Class::Other,
        }
    }
}

impl Call {
    /// Whether it reads an embedded customer's own workspace. One customer who has not let the vendor in denies it, and
    /// that says nothing about the token.
    #[must_use]
    pub const fn is_about_one_customer(self) -> bool {
        matches!(self, Self::CustomerConnections | Self::CustomerRecipes)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.path_template())
    }
}

impl Class {
    /// The class in snake case, as it is serialized: `connections_list`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
