//! The columns of the connection list that can be left out. The name and the status are always there.

use crate::looks;

store::words! {
    /// A column.
    pub enum Column {
        /// The application.
        Application => "application",
        /// The folder.
        Folder => "folder",
        /// The tags.
        Tags => "tags",
        /// The external id.
        ExternalId => "external_id",
        /// How many recipes use it.
        Recipes => "recipes",
        /// The time of the last update.
        Updated => "updated",
        /// Workato's id.
        Id => "id",
        /// When it was created.
        Created => "created",
    }
}

impl looks::Column for Column {
    const EVERY: &'static [Self] = Self::ALL;
    const USUAL: &'static [Self] = &[Self::Application, Self::Folder, Self::Tags, Self::Recipes, Self::Updated];
}
