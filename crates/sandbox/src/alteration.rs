//! Changes outside the API: what people do in Workato's console, and connections that stop working.
//! They are data, for tests and for the control API alike. None of them is in the ledger.

use serde::{Deserialize, Serialize};

use crate::world::{World, recipe::Recipe};

/// A change outside the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Alteration {
    /// Shares a released version of a connector.
    ShareConnector {
        /// The connector.
        connector_id: u64,
        /// A released version.
        version: u64,
    },
    /// Suppresses a connector.
    SuppressConnector {
        /// The connector.
        connector_id: u64,
    },
    /// Releases a connector's next version.
    ReleaseVersion {
        /// The connector.
        connector_id: u64,
        /// The release note.
        note: Option<String>,
    },
    /// Deletes a connector.
    RemoveConnector {
        /// The connector.
        connector_id: u64,
    },
    /// Adds a connection to a recipe and starts the recipe.
    UseConnection {
        /// The connection.
        connection_id: u64,
        /// The recipe.
        recipe_id: u64,
    },
    /// Starts or stops a recipe, of the workspace or of a customer.
    SetRecipeActive {
        /// The recipe.
        recipe_id: u64,
        /// Whether it is running.
        active: bool,
    },
    /// Adds a recipe, to the workspace or to a customer's.
    AddRecipe {
        /// The customer, unless it is the workspace's own recipe.
        customer_id: Option<u64>,
        /// The name.
        name: String,
        /// The connections that it uses.
        connection_ids: Vec<u64>,
        /// The custom connectors that it uses.
        connector_ids: Vec<u64>,
        /// Whether it is running.
        active: bool,
    },
    /// Deletes a recipe, of the workspace or of a customer.
    RemoveRecipe {
        /// The recipe.
        recipe_id: u64,
    },
    /// Lets tokens of the workspace into a customer's workspace, or no longer.
    SetCustomerAccess {
        /// The customer.
        customer_id: u64,
        /// Whether they may read it.
        has_access: bool,
    },
    /// Sets the connection that audit logs are streamed to, or ends the streaming.
    StreamAuditLogTo {
        /// The connection, or none.
        connection_id: Option<u64>,
    },
    /// Deletes a connection.
    RemoveConnection {
        /// The connection.
        connection_id: u64,
    },
    /// Renames a connection.
    RenameConnection {
        /// The connection.
        connection_id: u64,
        /// The new name.
        name: String,
    },
    /// Makes a connection stop working.
    LoseConnection {
        /// The connection.
        connection_id: u64,
        /// Workato's reason.
        reason: String,
    },
    /// Replaces a connector's source code.
    RewriteConnector {
        /// The connector.
        connector_id: u64,
        /// The new code.
        code: String,
    },
    /// Adds an embedded customer without connections.
    AddCustomer {
        /// The name.
        name: String,
        /// The vendor's own id for it.
        external_id: Option<String>,
    },
    /// Removes an embedded customer.
    RemoveCustomer {
        /// The customer.
        customer_id: u64,
    },
    /// Converts the Home assets folder to a project, or back.
    SetHomeIsProject {
        /// Whether it is a project.
        home_is_project: bool,
    },
}

/// Why an alteration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlterationError {
    /// It refers to an object that is not in the workspace.
    #[error("the workspace has no such connector, version, connection, customer or recipe")]
    NotFound,
}

impl World {
    /// Makes the change, completely or not at all.
    pub(crate) fn alter(&mut self, alteration: &Alteration) -> Result<(), AlterationError> {
        let by = self.console_user();
        match alteration {
            Alteration::ShareConnector { connector_id, version } => self
                .connector(*connector_id)
                .is_some_and(|connector| connector.has_released(*version))
                .then(|| self.share(*connector_id, *version, by))
                .map(drop),
            Alteration::SuppressConnector { connector_id } => self.suppress(*connector_id, by).map(drop),
            Alteration::ReleaseVersion { connector_id, note } => {
                self.release(*connector_id, note.clone(), by).map(drop)
            }
            Alteration::RemoveConnector { connector_id } => self.remove_connector(*connector_id, by).map(drop),
            Alteration::UseConnection { connection_id, recipe_id } => self.use_connection(*connection_id, *recipe_id),
            Alteration::SetRecipeActive { recipe_id, active } => {
                let now = self.clock.now();
                self.any_recipe_mut(*recipe_id).map(|recipe| recipe.set_active(*active, now))
            }
            Alteration::AddRecipe { customer_id, name, connection_ids, connector_ids, active } => {
                let now = self.clock.now();
                let mut recipe = Recipe::new(self.next_recipe_id(), name, self.root_folder_id, now);
                recipe.connection_ids.clone_from(connection_ids);
                recipe.connector_ids.clone_from(connector_ids);
                recipe.set_active(*active, now);
                self.add_recipe(*customer_id, recipe)
            }
            Alteration::RemoveRecipe { recipe_id } => self.remove_recipe(*recipe_id),
            Alteration::SetCustomerAccess { customer_id, has_access } => {
                let customer = self.customers.iter_mut().find(|customer| customer.id == *customer_id);
                customer.map(|customer| customer.has_access = *has_access)
            }
            Alteration::StreamAuditLogTo { connection_id } => connection_id
                .is_none_or(|id| self.connections.get(id).is_some())
                .then(|| self.audit_log_destination = *connection_id),
            Alteration::RemoveConnection { connection_id } => self.delete_connection(*connection_id, by).map(drop),
            Alteration::RenameConnection { connection_id, name } => {
                self.connections.get(*connection_id).cloned().map(|mut connection| {
                    connection.name = Some(name.clone());
                    connection.updated_at = self.clock.now();
                    self.replace_connection(connection, by);
                })
            }
            Alteration::LoseConnection { connection_id, reason } => {
                self.connections.get_mut(*connection_id).map(|connection| {
                    let now = self.clock.now();
                    connection.authorization_status = Some("failed".to_owned());
                    connection.authorization_error = Some(reason.clone());
                    connection.connection_lost_at = Some(now);
                    connection.connection_lost_reason = Some(reason.clone());
                    connection.updated_at = now;
                })
            }
            Alteration::RewriteConnector { connector_id, code } => {
                self.connector_mut(*connector_id).map(|connector| connector.code.clone_from(code))
            }
            Alteration::AddCustomer { name, external_id } => {
                self.add_customer(name, external_id.clone());
                Some(())
            }
            Alteration::RemoveCustomer { customer_id } => self.remove_customer(*customer_id),
            Alteration::SetHomeIsProject { home_is_project } => {
                self.home_is_project = *home_is_project;
                Some(())
            }
        }
        .ok_or(AlterationError::NotFound)
    }

    fn use_connection(&mut self, connection_id: u64, recipe_id: u64) -> Option<()> {
        self.connections.get(connection_id)?;
        let recipe = self.recipes.iter_mut().find(|recipe| recipe.id == recipe_id)?;
        if !recipe.connection_ids.contains(&connection_id) {
            recipe.connection_ids.push(connection_id);
        }
        recipe.set_active(true, self.clock.now());
        Some(())
    }

    fn any_recipe_mut(&mut self, recipe_id: u64) -> Option<&mut Recipe> {
        let of_customers = self.customers.iter_mut().flat_map(|customer| &mut customer.recipes);
        self.recipes.iter_mut().chain(of_customers).find(|recipe| recipe.id == recipe_id)
    }

    fn add_recipe(&mut self, customer_id: Option<u64>, recipe: Recipe) -> Option<()> {
        recipe.connector_ids.iter().all(|id| self.connector(*id).is_some()).then_some(())?;
        let (connections, recipes) = match customer_id {
            None => (&self.connections, &mut self.recipes),
            Some(id) => {
                let customer = self.customers.iter_mut().find(|customer| customer.id == id)?;
                (&customer.connections, &mut customer.recipes)
            }
        };
        recipe.connection_ids.iter().all(|id| connections.get(*id).is_some()).then(|| recipes.push(recipe))
    }

    fn remove_recipe(&mut self, recipe_id: u64) -> Option<()> {
        let of_customers = self.customers.iter_mut().map(|customer| &mut customer.recipes);
        let mut lists = std::iter::once(&mut self.recipes).chain(of_customers);
        lists.find_map(|recipes| {
            let place = recipes.iter().position(|recipe| recipe.id == recipe_id)?;
            recipes.remove(place);
            Some(())
        })
    }
}
