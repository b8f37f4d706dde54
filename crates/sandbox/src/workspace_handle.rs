//! A look into a workspace and a hand in it, past the API: for tests in the same process.
//! What it shows are copies; the only way to change something is an alteration.

use std::sync::Arc;

use crate::{
    alteration::{Alteration, AlterationError},
    limits::Calls,
    workspaces::Workspace,
    world::{
        assets::{Customer, Folder, Recipe, Tag},
        connection::Connection,
        connector::Connector,
    },
};

/// A look into a workspace, and a hand in it, past the API: for tests in the same process.
#[derive(Clone, Debug)]
pub struct WorkspaceHandle {
    workspace: Arc<Workspace>,
}

impl WorkspaceHandle {
    pub(crate) fn new(workspace: Arc<Workspace>) -> Self {
        Self { workspace }
    }

    /// The workspace's id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.workspace.world().id
    }

    /// The workspace's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.workspace.world().name.clone()
    }

    /// How many calls were counted against its quota, and how many were refused for it.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.workspace.limits.calls()
    }

    /// The Home folder.
    #[must_use]
    pub fn root_folder_id(&self) -> u64 {
        self.workspace.world().root_folder_id
    }

    /// All connections, runtime user connections included, by id.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.workspace.world().connections.iter().cloned().collect()
    }

    /// One connection.
    #[must_use]
    pub fn connection(&self, id: u64) -> Option<Connection> {
        self.workspace.world().connections.get(id).cloned()
    }

    /// Connections that a delete would not be refused for.
    #[must_use]
    pub fn deletable_connections(&self) -> Vec<Connection> {
        let world = self.workspace.world();
        let free = |id| !world.is_used_by_active_recipes(id) && world.audit_log_destination != Some(id);
        world.connections.iter().filter(|connection| !connection.runtime_user && free(connection.id)).cloned().collect()
    }

    /// Connections that active recipes use.
    #[must_use]
    pub fn connections_in_active_recipes(&self) -> Vec<Connection> {
        let world = self.workspace.world();
        world.connections.iter().filter(|connection| world.is_used_by_active_recipes(connection.id)).cloned().collect()
    }

    /// The connection to which audit logs are streamed.
    #[must_use]
    pub fn audit_log_destination(&self) -> Option<u64> {
        self.workspace.world().audit_log_destination
    }

    /// All connectors, oldest first.
    #[must_use]
    pub fn connectors(&self) -> Vec<Connector> {
        self.workspace.world().connectors.clone()
    }

    /// One connector.
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

    /// Folders below Home.
    #[must_use]
    pub fn folders(&self) -> Vec<Folder> {
        self.workspace.world().folders.clone()
    }

    /// All tags.
    #[must_use]
    pub fn tags(&self) -> Vec<Tag> {
        self.workspace.world().tags.clone()
    }

    /// Makes a change as others would, outside the API; it is not in the ledger.
    ///
    /// # Errors
    /// When something it names is not in the workspace.
    pub fn alter(&self, alteration: &Alteration) -> Result<(), AlterationError> {
        self.workspace.world().alter(alteration)
    }
}
