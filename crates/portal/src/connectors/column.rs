//! The columns of the connector list that can be left out. The title and what customers get are always there.

use crate::looks;

store::words! {
    /// A column.
    pub enum Column {
        /// The latest released version.
        Latest => "latest",
        /// When the latest version was released.
        Released => "released",
        /// How many customers use it.
        Customers => "customers",
        /// How many running recipes of customers use it.
        Recipes => "recipes",
        /// Since when the shared version is shared.
        Shared => "shared",
        /// Workato's id.
        Id => "id",
        /// The technical name.
        Name => "name",
    }
}

impl looks::Column for Column {
    const EVERY: &'static [Self] = Self::ALL;
    const USUAL: &'static [Self] = &[Self::Latest, Self::Released, Self::Customers, Self::Recipes, Self::Shared];
}
