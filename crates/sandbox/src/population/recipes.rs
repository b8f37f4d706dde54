//! Recipes. Connections of active recipes cannot be deleted; most connections are in none, so that some can be.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::{
    plan::{Plan, one_of},
    vocabulary::PURPOSES,
};
use crate::world::{
    assets::{Folder, Tag},
    connection::Connections,
    connector::Connector,
    recipe::Recipe,
};

/// One recipe for every five connections, at least 12 and at most 600, unless the plan has another number.
pub fn recipes(
    plan: &Plan,
    folders: &[Folder],
    connections: &Connections,
    connectors: &[Connector],
    tags: &[Tag],
    rng: &mut StdRng,
) -> Vec<Recipe> {
    let ids: Vec<u64> = connections.iter().filter(|one| !one.runtime_user).map(|one| one.id).collect();
    let count = plan.recipes.unwrap_or((plan.connections / 5).clamp(12, 600));
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
            let id = plan.id(5_452_531) + number as u64 * 11;
            let name = format!("{what}: {}", one_of(&PURPOSES, rng));
            let folder_id = one_of(folders, rng).id;
            let active = rng.random_bool(0.7);
            let tags = if rng.random_bool(0.3) { vec![one_of(tags, rng).handle.clone()] } else { Vec::new() };
            Recipe { active, connection_ids, connector_ids, tags, ..Recipe::new(id, &name, folder_id, plan.now) }
        })
        .collect()
}

/// Why Workato stops a recipe, in the words of its API reference.
const STOP_CAUSES: [&str; 4] = ["trigger_errors_limit", "action_quota_limit", "trial_expired", "txn_quota_limit"];

/// Gives recipes their dates, their jobs, and the stopped ones a cause. Every third stopped one never ran.
pub fn date(plan: &Plan, recipes: &mut [Recipe], rng: &mut StdRng) {
    for (number, recipe) in recipes.iter_mut().enumerate() {
        recipe.updated_at = plan.ago(rng, Duration::minutes(20), Duration::days(400));
        recipe.created_at = recipe.updated_at.minus(Duration::minutes(rng.random_range(3..500_000)));
        let has_run = recipe.active || number % 3 != 0;
        let succeeded = rng.random_range(20..40_000);
        let failed = if rng.random_bool(0.4) { rng.random_range(1..succeeded / 10) } else { 0 };
        (recipe.jobs_succeeded, recipe.jobs_failed) = if has_run { (succeeded, failed) } else { (0, 0) };
        let by_workato = rng.random_bool(0.3) && has_run;
        let cause = *one_of(&STOP_CAUSES, rng);
        if recipe.active {
            recipe.stopped_at = None;
            recipe.last_run_at = Some(plan.ago(rng, Duration::seconds(30), Duration::hours(30)).max(recipe.updated_at));
        } else {
            recipe.stopped_at = Some(recipe.updated_at);
            recipe.stop_cause = by_workato.then(|| cause.to_owned());
            recipe.last_run_at = has_run.then(|| recipe.updated_at.minus(Duration::minutes(1)));
        }
    }
}

/// A connection that no recipe uses, as the destination of audit log streaming.
pub fn unused_connection(connections: &Connections, recipes: &[Recipe]) -> Option<u64> {
    connections
        .iter()
        .filter(|connection| !connection.runtime_user && connection.is_connected())
        .map(|connection| connection.id)
        .find(|id| !recipes.iter().any(|recipe| recipe.connection_ids.contains(id)))
}
