//! Recipes: what makes a connection undeletable, and what can be shared with a customer.
//! Most connections are in no active one, so that there is something to delete.

use rand::{Rng, rngs::StdRng};

use super::{Plan, one_of, vocabulary::PURPOSES};
use crate::world::{
    assets::{Folder, Recipe, Tag},
    connection::Connections,
    connector::Connector,
};

/// Recipes in proportion to the connections: at least a dozen, at most six hundred.
pub fn recipes(
    plan: &Plan,
    folders: &[Folder],
    connections: &Connections,
    connectors: &[Connector],
    tags: &[Tag],
    dice: &mut StdRng,
) -> Vec<Recipe> {
    let ids: Vec<u64> = connections.iter().filter(|one| !one.runtime_user).map(|one| one.id).collect();
    let many = (plan.connections / 5).clamp(12, 600);
    (0..many)
        .map(|number| {
            let mut connection_ids: Vec<u64> = if ids.is_empty() {
                Vec::new()
            } else {
                (0..dice.random_range(1..=3)).map(|_| *one_of(&ids, dice)).collect()
            };
            connection_ids.sort_unstable();
            connection_ids.dedup();
            // The first recipes go through the connectors in order, so that each story of sharing has its recipe.
            let connector_ids = match connectors.get(number) {
                Some(connector) => vec![connector.id],
                None if !connectors.is_empty() && dice.random_bool(0.2) => vec![one_of(connectors, dice).id],
                None => Vec::new(),
            };
            let what = connector_ids
                .first()
                .and_then(|id| connectors.iter().find(|connector| connector.id == *id))
                .map_or("Sync", |connector| connector.title.as_str());
            Recipe {
                id: plan.first_id(5_452_531) + number as u64 * 11,
                name: format!("{what}: {}", one_of(&PURPOSES, dice)),
                folder_id: one_of(folders, dice).id,
                active: dice.random_bool(0.7),
                connection_ids,
                connector_ids,
                tags: if dice.random_bool(0.3) { vec![one_of(tags, dice).handle.clone()] } else { Vec::new() },
                shared_with: Vec::new(),
            }
        })
        .collect()
}

/// A connection that no recipe uses, for audit logs to go to.
pub fn unused_connection(connections: &Connections, recipes: &[Recipe]) -> Option<u64> {
    connections
        .iter()
        .filter(|connection| !connection.runtime_user && connection.is_connected())
        .map(|connection| connection.id)
        .find(|id| !recipes.iter().any(|recipe| recipe.connection_ids.contains(id)))
}
