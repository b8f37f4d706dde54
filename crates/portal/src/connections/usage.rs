//! The filter of connections by the recipes that use them.

use workato::Connection;

use super::StatusFilter;
use crate::impact::OwnRecipes;

store::words! {
    /// How the recipes use connections that are shown.
    pub enum UsageFilter {
        /// No recipe uses it.
        Unused => "unused",
        /// An active recipe uses it.
        Active => "active",
        /// It is broken, and a recipe uses it.
        BrokenInUse => "broken_in_use",
    }
}

impl UsageFilter {
    /// Whether these recipes use the connection like this.
    #[must_use]
    pub fn is_of(self, connection: &Connection, recipes: &OwnRecipes) -> bool {
        let used = recipes.of_connection(connection.id);
        match self {
            // What could not be read may use it.
            Self::Unused => used.total() == 0 && recipes.is_exact(),
            Self::Active => used.active > 0,
            Self::BrokenInUse => used.total() > 0 && StatusFilter::Broken.is_of(connection),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;
    use workato::RecipeList;

    use super::UsageFilter;
    use crate::impact::OwnRecipes;

    #[test]
    fn a_connection_is_unused_only_if_every_recipe_could_be_read() {
        let recipe = |id: i64, running: bool, connection: i64| {
            let row = json!({ "id": id, "running": running, "config": [{ "account_id": connection }] });
            serde_json::from_value(row).expect("a recipe")
        };
        let connection = |id: i64, status: &str| {
            serde_json::from_value(json!({ "id": id, "authorization_status": status })).expect("a connection")
        };
        let now = OffsetDateTime::now_utc();
        let of = |left_out| {
            let recipes = vec![recipe(1, true, 36), recipe(2, false, 37)];
            OwnRecipes::of(RecipeList { recipes, left_out, complete: true }, now, now)
        };
        for (id, status, expected) in [
            (36, "success", [false, true, false]),
            (37, "failed", [false, false, true]),
            (38, "failed", [true, false, false]),
        ] {
            let connection = connection(id, status);
            let found = UsageFilter::ALL.iter().map(|usage| usage.is_of(&connection, &of(0)));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{id}");
        }
        assert!(!UsageFilter::Unused.is_of(&connection(38, "failed"), &of(1)));
    }
}
