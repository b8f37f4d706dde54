//! Which of a team's own recipes use each connection and each application.

use std::collections::HashMap;

use time::OffsetDateTime;
use workato::{ConnectionId, Recipe, RecipeList};

use super::recipe::UsedRecipe;

/// The team's own recipes, by what they use.
#[derive(Clone, Debug)]
pub struct OwnRecipes {
    /// Active ones first, then by name.
    recipes: Box<[UsedRecipe]>,
    by_connection: HashMap<ConnectionId, Uses>,
    by_application: HashMap<Box<str>, Uses>,
    /// How many recipes are not here, or not with everything they use, because Workato sent values that cannot be read.
    pub unreadable: usize,
    /// Whether these are all the recipes of the workspace.
    pub complete: bool,
    /// When the read began.
    pub began_at: OffsetDateTime,
    /// When the read was complete.
    pub read_at: OffsetDateTime,
}

/// The places of the recipes that use something.
#[derive(Clone, Debug)]
struct Uses {
    places: Box<[u32]>,
    active: u32,
}

/// The recipes that use something, active ones first.
#[derive(Clone, Copy, Debug)]
pub struct RecipesInUse<'a> {
    recipes: &'a [UsedRecipe],
    places: &'a [u32],
    /// How many of them are running.
    pub active: usize,
}

impl<'a> RecipesInUse<'a> {
    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.places.len()
    }

    /// The recipes.
    pub fn iter(&self) -> impl Iterator<Item = &'a UsedRecipe> + use<'a> {
        let recipes = self.recipes;
        self.places.iter().filter_map(move |place| recipes.get(*place as usize))
    }
}

impl OwnRecipes {
    /// What these recipes use.
    #[must_use]
    pub fn of(list: RecipeList, began_at: OffsetDateTime, read_at: OffsetDateTime) -> Self {
        let RecipeList { mut recipes, left_out, complete } = list;
        recipes.sort_by_cached_key(order);
        let unreadable = left_out + recipes.iter().filter(|recipe| !recipe.are_uses_known()).count();
        let (mut connections, mut applications) = (HashMap::new(), HashMap::new());
        for (place, recipe) in (0_u32..).zip(&recipes) {
            for connection in recipe.config.iter().filter_map(|used| used.account_id) {
                add(connections.entry(connection).or_default(), place);
            }
            for application in recipe.uses() {
                match applications.get_mut(application) {
                    Some(places) => add(places, place),
                    None => drop(applications.insert(Box::<str>::from(application), vec![place])),
                }
            }
        }
        let used: Box<[UsedRecipe]> = recipes.iter().map(UsedRecipe::of).collect();
        let uses = |places: Vec<u32>| {
            let active = places.iter().filter(|place| used[**place as usize].is_active()).count();
            Uses { active: u32::try_from(active).unwrap_or(u32::MAX), places: places.into() }
        };
        Self {
            by_connection: connections.into_iter().map(|(id, places)| (id, uses(places))).collect(),
            by_application: applications.into_iter().map(|(name, places)| (name, uses(places))).collect(),
            recipes: used,
            unreadable,
            complete,
            began_at,
            read_at,
        }
    }

    /// Every recipe of the workspace that was read.
    #[must_use]
    pub fn recipes(&self) -> &[UsedRecipe] {
        &self.recipes
    }

    /// The recipes that use a connection.
    #[must_use]
    pub fn of_connection(&self, id: ConnectionId) -> RecipesInUse<'_> {
        self.shown(self.by_connection.get(&id))
    }

    /// The recipes that use an application, such as a custom connector, by its technical name.
    #[must_use]
    pub fn of_application(&self, name: &str) -> RecipesInUse<'_> {
        self.shown(self.by_application.get(name))
    }

    /// Whether what is not listed as used is certainly used by none of the recipes.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.complete && self.unreadable == 0
    }

    fn shown<'a>(&'a self, uses: Option<&'a Uses>) -> RecipesInUse<'a> {
        let (places, active) = uses.map_or((&[][..], 0), |uses| (&uses.places, uses.active as usize));
        RecipesInUse { recipes: &self.recipes, places, active }
    }
}

/// A recipe may use a connection twice.
fn add(places: &mut Vec<u32>, place: u32) {
    if places.last() != Some(&place) {
        places.push(place);
    }
}

/// Active ones first, then by name.
fn order(recipe: &Recipe) -> (bool, String, workato::RecipeId) {
    (recipe.running != Some(true), recipe.name.as_deref().unwrap_or_default().to_lowercase(), recipe.id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::OffsetDateTime;
    use workato::{ConnectionId, RecipeList};

    use super::OwnRecipes;

    fn own(rows: &[Value]) -> OwnRecipes {
        let recipes = rows.iter().map(|row| serde_json::from_value(row.clone()).expect("a recipe")).collect();
        let now = OffsetDateTime::now_utc();
        OwnRecipes::of(RecipeList { recipes, left_out: 0, complete: true }, now, now)
    }

    fn uses(own: &OwnRecipes, connection: i64) -> (Vec<i64>, usize) {
        let used = own.of_connection(ConnectionId::new(connection).expect("an id"));
        assert_eq!(used.total(), used.iter().count());
        (used.iter().map(|recipe| recipe.id.get()).collect(), used.active)
    }

    #[test]
    fn recipes_are_found_by_connection_active_ones_first() {
        let config = |ids: &[i64]| {
            let used = ids.iter().map(|id| json!({ "provider": "sap", "account_id": id }));
            used.collect::<Vec<_>>()
        };
        let own = own(&[
            json!({ "id": 1, "name": "b", "running": false, "config": config(&[36]) }),
            json!({ "id": 2, "name": "C", "running": true, "config": config(&[36, 36, 37]) }),
            json!({ "id": 3, "name": "a", "running": true, "config": config(&[36]) }),
            json!({ "id": 4, "name": "a", "config": config(&[36]), "applications": ["acme"] }),
        ]);
        assert_eq!(uses(&own, 36), (vec![3, 2, 4, 1], 2));
        assert_eq!(uses(&own, 37), (vec![2], 1));
        assert_eq!(uses(&own, 38), (vec![], 0));
        assert_eq!(own.of_application("sap").total(), 4);
        assert_eq!((own.of_application("acme").total(), own.of_application("Acme").total()), (1, 0));
        assert!(own.is_exact());
    }

    #[test]
    fn a_recipe_whose_connections_cannot_be_read_is_counted() {
        let own = own(&[
            json!({ "id": 1, "config": [{ "account_id": "x" }, { "account_id": 36 }] }),
            json!({ "id": 2, "config": "odd" }),
            json!({ "id": 3, "config": null }),
        ]);
        assert_eq!((own.unreadable, own.is_exact()), (2, false));
        assert_eq!(uses(&own, 36), (vec![1], 0));
    }
}
