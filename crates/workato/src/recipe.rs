//! Recipes, of the workspace itself and of its embedded customers: what each uses, and whether it runs. Without its code,
//! which is large.

use serde::Serialize;

use crate::row::{row, row_as_field};
use crate::{ConnectionId, FolderId, RecipeId, Timestamp, Unreadable};

/// A recipe (Workato API reference, Recipes). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// The id.
    pub id: RecipeId,
    /// The name.
    pub name: Option<String>,
    /// The folder that contains it.
    pub folder_id: Option<FolderId>,
    /// Whether it is running.
    pub running: Option<bool>,
    /// When it last ran.
    pub last_run_at: Option<Timestamp>,
    /// When it was stopped.
    pub stopped_at: Option<Timestamp>,
    /// Why Workato stopped it, as a word.
    pub stop_cause: Option<String>,
    /// How many jobs succeeded.
    pub job_succeeded_count: Option<i64>,
    /// How many jobs failed.
    pub job_failed_count: Option<i64>,
    /// The technical names of the applications that it uses, those of custom connectors included.
    pub applications: Vec<String>,
    /// The connection that it uses for each application.
    pub config: Vec<RecipeUse>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

/// An application that a recipe uses, with the connection to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipeUse {
    /// The technical name of the application.
    pub provider: Option<String>,
    /// The connection. `None` if none is chosen.
    pub account_id: Option<ConnectionId>,
}

impl Recipe {
    /// The technical names of every application that it uses: those of the list and those of its connections.
    pub fn uses(&self) -> impl Iterator<Item = &str> {
        let of_connections = self.config.iter().filter_map(|used| used.provider.as_deref());
        self.applications.iter().map(String::as_str).chain(of_connections)
    }

    /// Whether everything that it uses could be read.
    #[must_use]
    pub fn are_uses_known(&self) -> bool {
        !self.unreadable.has("config") && !self.unreadable.has("applications")
    }
}

row! {
    Fields => Recipe {
        id: RecipeId,
        name: String,
        folder_id: FolderId,
        running: bool,
        last_run_at: Timestamp,
        stopped_at: Timestamp,
        stop_cause: String,
        job_succeeded_count: i64,
        job_failed_count: i64,
        applications: Vec<String>,
        config: Vec<RecipeUse>,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value?,
            name: fields.name.value,
            folder_id: fields.folder_id.value,
            running: fields.running.value,
            last_run_at: fields.last_run_at.value,
            stopped_at: fields.stopped_at.value,
            stop_cause: fields.stop_cause.value,
            job_succeeded_count: fields.job_succeeded_count.value,
            job_failed_count: fields.job_failed_count.value,
            applications: fields.applications.value.unwrap_or_default(),
            config: fields.config.value.unwrap_or_default(),
            unreadable,
        })
    }
}

row! {
    UseFields => RecipeUse {
        provider: String,
        account_id: ConnectionId,
    } by |fields| {
        // A connection that cannot be read makes the recipe's list of them unreadable.
        fields.account_id.is_readable.then_some(Self {
            provider: fields.provider.value,
            account_id: fields.account_id.value,
        })
    }
}

row_as_field!(RecipeUse);

/// Recipes, of a workspace or of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeList {
    /// The recipes.
    pub recipes: Vec<Recipe>,
    /// How many others have no readable id.
    pub left_out: usize,
    /// Whether these are all of them, but for those left out. The number of calls for one list is limited.
    pub complete: bool,
}
