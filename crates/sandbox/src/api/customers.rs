//! Embedded customers: the list, their connections and recipes, and sharing recipes with them.
//! In paths, a customer is an id, or `E` and an external id.

use axum::{Extension, extract::Path, http::StatusCode};
use serde_json::{Value, json};

use super::{
    connections::{Filter, rows},
    recipes,
};
use crate::{
    admission::Caller,
    answers::{Answer, Refusal, json_bytes, ok},
    ledger::Target,
    query::{Query, id},
    world::assets::Customer,
};

/// `GET /api/managed_users`
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let page = query.page();
    let world = caller.workspace.world();
    Ok(ok(&json!({
        "result": page.of(world.customers.iter().map(to_json)),
        "count": world.customers.len(),
        "page": page.number,
        "per_page": page.size,
    })))
}

/// `GET /api/managed_users/:id/connections`
pub async fn connections(Extension(caller): Extension<Caller>, Path(path): Path<String>, query: Query) -> Answer {
    let filter = Filter::read(&query)?;
    let world = caller.workspace.world();
    let customer = world.customer(&path).ok_or(Refusal::NotFound)?;
    let_in(customer)?;
    let mut json = br#"{"result":"#.to_vec();
    json.extend(rows(&customer.connections, &filter)?);
    json.push(b'}');
    Ok(json_bytes(StatusCode::OK, json))
}

/// `GET /api/managed_users/:id/recipes`
pub async fn recipes(Extension(caller): Extension<Caller>, Path(path): Path<String>, query: Query) -> Answer {
    let world = caller.workspace.world();
    let customer = world.customer(&path).ok_or(Refusal::NotFound)?;
    let_in(customer)?;
    Ok(ok(&json!({ "result": recipes::of_customer(&query, &world, customer)? })))
}

/// Refuses a call about a customer who has not let the vendor in.
fn let_in(customer: &Customer) -> Result<(), Refusal> {
    if customer.has_access { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// `POST /api/managed_users/:managed_user_id/recipes/:recipe_id/share`: refused unless all custom connectors of the
/// recipe are shared.
pub async fn share_recipe(
    Extension(caller): Extension<Caller>,
    Path((customer, recipe)): Path<(String, String)>,
) -> Answer {
    let mut world = caller.workspace.world();
    let customer = world.customer(&customer).ok_or(Refusal::NotFound)?;
    let recipe = world.recipe(id(&recipe)?).ok_or(Refusal::NotFound)?;
    let unshared = world.unshared_connectors(recipe);
    if !unshared.is_empty() {
        return Err(Refusal::Unprocessable(format!(
            "The recipe uses connectors that aren't shared with the customer: {}",
            unshared.join(", ")
        )));
    }
    let answer = json!({ "result": { "success": true } });
    let targets = vec![
        Target::new("recipe", recipe.id, Some(&recipe.name)),
        Target::new("customer", customer.id, Some(&customer.name)),
    ];
    let (customer_id, recipe_id) = (customer.id, recipe.id);
    caller.record(world.id, "recipe.share", targets, Value::Null, &answer)?;
    let by = world.api_client();
    world.share_recipe(recipe_id, customer_id, by);
    Ok(ok(&answer))
}

/// A customer as in the list.
pub fn to_json(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "external_id": customer.external_id,
        "name": customer.name,
        "notification_email": customer.notification_email,
        "plan_id": customer.plan_id,
        "in_trial": customer.in_trial,
        "active_connection_count": customer.connections.iter().filter(|one| one.is_connected()).count(),
        "active_recipe_count": recipes::running(&customer.recipes),
        "task_count": customer.recipes.iter().map(|recipe| recipe.jobs_succeeded).sum::<u64>(),
        "task_limit": if customer.in_trial { 10_000 } else { 1_000_000 },
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
    })
}
