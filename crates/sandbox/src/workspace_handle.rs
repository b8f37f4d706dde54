//! Access to a workspace without the API, for tests in the same process.

use std::sync::Arc;

use crate::{
    alteration::{Alteration, AlterationError},
    limits::Calls,
    workspaces::Workspace,
    world::{
        assets::{Customer, Folder, Tag},
        connection::Connection,
        connector::Connector,
        recipe::Recipe,
    },
};

/// Access to a workspace without the API, for tests in the same process. Returns copies; changes are made by
/// [`alter`](Self::alter).
#[derive(Clone, Debug)]
pub struct WorkspaceHandle {
    workspace: Arc<Workspace>,
}

impl WorkspaceHandle {
    pub(crate) fn new(workspace: Arc<Workspace>) -> Self {
        Self { workspace }
    }

    /// The id of the workspace.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.workspace.world().id
    }

    /// The name of the workspace.
    #[must_use]
    pub fn name(&self) -> String {
        self.workspace.world().name.clone()
    }

    /// How many calls the rate limits admitted and refused.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.workspace.limits.calls()
    }

    /// The Home folder.
    #[must_use]
    pub fn root_folder_id(&self) -> u64 {
        self.workspace.world().root_folder_id
    }

    /// All connections, in the order of their ids, including those of runtime users.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.workspace.world().connections.iter().cloned().collect()
    }

    /// The connection with this id.
    #[must_use]
    pub fn connection(&self, id: u64) -> Option<Connection> {
        self.workspace.world().connections.get(id).cloned()
    }

    /// The connections that can be deleted.
    #[must_use]
    pub fn deletable_connections(&self) -> Vec<Connection> {
        let world = self.workspace.world();
        let free = |id| !world.is_used_by_active_recipes(id) && world.audit_log_destination != Some(id);
        world.connections.iter().filter(|connection| !connection.runtime_user && free(connection.id)).cloned().collect()
    }

    /// The connections that active recipes use.
    #[must_use]
    pub fn connections_in_active_recipes(&self) -> Vec<Connection> {
        let world = self.workspace.world();
        world.connections.iter().filter(|connection| world.is_used_by_active_recipes(connection.id)).cloned().collect()
    }

    /// The connection that audit logs are streamed to.
    #[must_use]
    pub fn audit_log_destination(&self) -> Option<u64> {
        self.workspace.world().audit_log_destination
    }

    /// All connectors, oldest first.
    #[must_use]
    pub fn connectors(&self) -> Vec<Connector> {
        self.workspace.world().connectors.clone()
    }

    /// The connector with this id.
    #[must_use]
    pub fn connector(&self, id: u64) -> Option<Connector> {
        self.workspace.world().connector(id).cloned()
    }

    /// All customers.
    #[must_use]
    pub fn customers(&self) -> Vec<Customer> {
        self.workspace.world().customers.clone()
    }

    /// All recipes.
    #[must_use]
    pub fn recipes(&self) -> Vec<Recipe> {
        self.workspace.world().recipes.clone()
    }

    /// The folders below Home.
    #[must_use]
    pub fn folders(&self) -> Vec<Folder> {
        self.workspace.world().folders.clone()
    }

    /// All tags.
    #[must_use]
    pub fn tags(&self) -> Vec<Tag> {
        self.workspace.world().tags.clone()
    }

    /// Makes a change outside the API. It is not in the ledger.
    ///
    /// # Errors
    /// [`AlterationError::NotFound`] if it refers to an object that is not in the workspace.
    pub fn alter(&self, alteration: &Alteration) -> Result<(), AlterationError> {
        self.workspace.world().alter(alteration)
    }
}
