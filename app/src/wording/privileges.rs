//! The names of the privileges of a client role in Workato, for people who have to tick them.

use portal::home::Lacking;
use workato::Call;

/// The privilege of a client role that allows a call. Workato's reference does not map all of them; where it does not, this
/// is a guess from the names that its console shows.
pub const fn of_call(call: Call) -> Option<&'static str> {
    Some(match call {
        Call::Workspace => "Workspace details › Get details",
        Call::Connections => "Connections › List",
        Call::Connectors => "Connector SDKs › List",
        Call::ConnectorCode => "Connector SDKs › Get custom connector code",
        Call::Recipes => "Recipes › List",
        Call::Folders => "Projects & folders › List folders",
        Call::Tags => "Tags › List tags",
        Call::Customers => "Customer workspaces › List",
        Call::CustomerConnections => "Customer workspaces › Connections › List",
        Call::CustomerRecipes => "Customer workspaces › Projects › List",
        Call::ActivityLog => "Audit log › Get audit log",
        Call::ApiClients => "API clients › List API clients",
        _ => return None,
    })
}

/// The box around several privileges, for a list of what a role lacks.
pub const fn section(lacking: Lacking) -> &'static str {
    match lacking {
        Lacking::Folders => "Projects & folders",
        Lacking::Tags => "Tags",
    }
}
