//! The recipes of embedded customers, and their connections to the vendor's shared connectors. One connector is used by
//! everybody, the next by every second customer, the one after it by every third; one is used by nobody.

use rand::{Rng, rngs::StdRng};

use super::{
    connections::to_connector,
    plan::{Plan, one_of},
    recipes,
    vocabulary::PURPOSES,
};
use crate::world::{assets::Customer, connector::Connector, recipe::Recipe};

/// The most shared connectors that customers use.
const MOST_CONNECTORS: usize = 40;

/// Adds connections and recipes to every customer.
pub fn add(plan: &Plan, customers: &mut [Customer], connectors: &[Connector], rng: &mut StdRng) {
    let shared: Vec<&Connector> = connectors.iter().filter(|one| one.shared.is_some()).take(MOST_CONNECTORS).collect();
    for (number, customer) in customers.iter_mut().enumerate() {
        let plain: Vec<u64> = customer.connections.iter().map(|connection| connection.id).collect();
        let first = plan.id(6_000_050) + number as u64 * 100;
        let used = (0_u64..).zip(&shared).enumerate().filter(|(place, _)| is_used(*place, number));
        let used: Vec<(u64, &Connector)> = used.map(|(_, (place, connector))| (first + place, *connector)).collect();
        for (id, connector) in &used {
            customer.connections.insert(to_connector(plan, connector, &customer.name, *id, customer.id + 500_000, rng));
        }
        let count = plan.customer_recipes.unwrap_or_else(|| used.len() * 2 + rng.random_range(1..4));
        customer.recipes = (0..count)
            .map(|nth| {
                let id = plan.id(8_000_000) + number as u64 * 200 + nth as u64;
                // Two of three recipes use a connector of the vendor, if the customer has one.
                let connector =
                    if nth % 3 == 2 || used.is_empty() { None } else { used.get((nth - nth / 3) % used.len()) };
                recipe(id, customer.id + 500_000, connector, &plain, plan, rng)
            })
            .collect();
        recipes::date(plan, &mut customer.recipes, rng);
    }
}

/// Whether the customer with this number uses the shared connector at this place. The sixth is used by nobody.
fn is_used(place: usize, customer: usize) -> bool {
    place != 5 && customer.is_multiple_of(place + 1)
}

fn recipe(
    id: u64,
    folder_id: u64,
    connector: Option<&(u64, &Connector)>,
    plain: &[u64],
    plan: &Plan,
    rng: &mut StdRng,
) -> Recipe {
    let what = connector.map_or("Sync", |(_, connector)| connector.title.as_str());
    let mut recipe = Recipe::new(id, &format!("{what}: {}", one_of(&PURPOSES, rng)), folder_id, plan.now);
    recipe.active = rng.random_bool(0.7);
    if let Some((connection, connector)) = connector {
        recipe.connection_ids.push(*connection);
        recipe.connector_ids.push(connector.id);
    }
    if !plain.is_empty() {
        recipe.connection_ids.push(*one_of(plain, rng));
    }
    recipe
}
