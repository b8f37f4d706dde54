//! Recipes. Connections of active recipes cannot be deleted; most connections are in none, so that some can be.

use rand::{Rng, rngs::StdRng};

use super::{
    plan::{Plan, one_of},
    vocabulary::PURPOSES,
};
use crate::world::{
    assets::{Folder, Recipe, Tag},
    connection::Connections,
    connector::Connector,
};

/// One recipe for every five connections, at least 12 and at most 600.
pub fn recipes(
    plan: &Plan,
    folders: &[Folder],
    connections: &Connections,
    connectors: &[Connector],
    tags: &[Tag],
    rng: &mut StdRng,
) -> Vec<Recipe> {
    let ids: Vec<u64> = connections.iter().filter(|one| !one.runtime_user).map(|one| one.id).collect();
    let count = (plan.connections / 5).clamp(12, 600);
    (0..count)
        .map(|number| {
            let mut connection_ids: Vec<u64> = if ids.is_empty() {
                Vec::new()
            } else {
                (0..rng.random_range(1..=3)).map(|_| *one_of(&ids, rng)).collect()
            };
            connection_ids.sort_unstable();
            connection_ids.dedup();
            // The first recipes use one connector each, in order, so that shared and unshared ones all have a recipe.
            let connector_ids = match connectors.get(number) {
                Some(connector) => vec![connector.id],
                None if !connectors.is_empty() && rng.random_bool(0.2) => vec![one_of(connectors, rng).id],
                None => Vec::new(),
            };
            let what = connector_ids
                .first()
                .and_then(|id| connectors.iter().find(|connector| connector.id == *id))
                .map_or("Sync", |connector| connector.title.as_str());
            Recipe {
                id: plan.id(5_452_531) + number as u64 * 11,
                name: format!("{what}: {}", one_of(&PURPOSES, rng)),
                folder_id: one_of(folders, rng).id,
                active: rng.random_bool(0.7),
                connection_ids,
                connector_ids,
                tags: if rng.random_bool(0.3) { vec![one_of(tags, rng).handle.clone()] } else { Vec::new() },
                shared_with: Vec::new(),
            }
        })
        .collect()
}

/// A connection that no recipe uses, as the destination of audit log streaming.
pub fn unused_connection(connections: &Connections, recipes: &[Recipe]) -> Option<u64> {
    connections
        .iter()
        .filter(|connection| !connection.runtime_user && connection.is_connected())
        .map(|connection| connection.id)
        .find(|id| !recipes.iter().any(|recipe| recipe.connection_ids.contains(id)))
}
