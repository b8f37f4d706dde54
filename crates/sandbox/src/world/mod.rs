//! The state of one workspace and its rules, without HTTP: the calls are in `api`, the initial data is in `population`.

pub mod activity;
pub mod assets;
pub mod changes;
pub mod connection;
pub mod connector;
pub mod recipe;

use activity::ActivityLog;
use assets::{Customer, Folder, Project, Tag};
use connection::Connections;
use connector::Connector;
use recipe::Recipe;

use crate::{clock::Clock, pacific_time::PacificTime};

/// The state of one workspace.
#[derive(Clone, Debug)]
pub struct World {
    /// The id, as in `GET /api/users/me`.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The e-mail address of the owner.
    pub email: String,
    /// When it was created.
    pub created_at: PacificTime,
    /// The Home folder. It is in `GET /api/users/me`, not in the folder list.
    pub root_folder_id: u64,
    /// Whether the Home assets folder was converted to a project. New connections then need a `folder_id`.
    pub home_is_project: bool,
    /// Folders below Home.
    pub folders: Vec<Folder>,
    /// Projects, each with a folder.
    pub projects: Vec<Project>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// The workspace's own connections, runtime user connections included.
    pub connections: Connections,
    /// Custom connectors.
    pub connectors: Vec<Connector>,
    /// Embedded customers.
    pub customers: Vec<Customer>,
    /// Recipes.
    pub recipes: Vec<Recipe>,
    /// The connection that audit logs are streamed to.
    pub audit_log_destination: Option<u64>,
    /// The activity log.
    pub activity: ActivityLog,
    /// Where the time is read.
    pub clock: Clock,
}

impl World {
    /// Whether there is a folder with this id, Home included.
    pub fn has_folder(&self, id: u64) -> bool {
        id == self.root_folder_id || self.folders.iter().any(|folder| folder.id == id)
    }

    /// The connector with this id.
    pub fn connector(&self, id: u64) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.id == id)
    }

    /// The connector with this id, to change.
    pub fn connector_mut(&mut self, id: u64) -> Option<&mut Connector> {
        self.connectors.iter_mut().find(|connector| connector.id == id)
    }

    /// The recipe with this id.
    pub fn recipe(&self, id: u64) -> Option<&Recipe> {
        self.recipes.iter().find(|recipe| recipe.id == id)
    }

    /// The customer in a path: an id, or `E` and an external id.
    pub fn customer(&self, named: &str) -> Option<&Customer> {
        match named.strip_prefix('E') {
            Some(external_id) => {
                self.customers.iter().find(|customer| customer.external_id.as_deref() == Some(external_id))
            }
            None => {
                let id: u64 = named.parse().ok()?;
                self.customers.iter().find(|customer| customer.id == id)
            }
        }
    }

    /// Whether an active recipe uses this connection.
    pub fn is_used_by_active_recipes(&self, connection: u64) -> bool {
        self.recipes.iter().any(|recipe| recipe.active && recipe.connection_ids.contains(&connection))
    }

    /// The titles of the recipe's connectors that are not shared.
    pub fn unshared_connectors(&self, recipe: &Recipe) -> Vec<&str> {
        recipe
            .connector_ids
            .iter()
            .filter_map(|id| self.connector(*id))
            .filter(|connector| connector.shared.is_none())
            .map(|connector| connector.title.as_str())
            .collect()
    }
}
