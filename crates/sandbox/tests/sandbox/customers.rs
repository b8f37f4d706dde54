//! Embedded customers: the list, their connections, sharing recipes with them.

use sandbox::{Alteration, Options, Recipe};
use serde_json::json;

use crate::{TestSandbox, client::fields, start, start_with, unlimited};

fn recipe(test: &TestSandbox, shareable: bool) -> Recipe {
    let is_shared = |id: &u64| test.workspace.connector(*id).unwrap().shared.is_some();
    let with_connector = |recipe: &&Recipe| !recipe.connector_ids.is_empty();
    let recipes = test.workspace.recipes();
    recipes
        .iter()
        .filter(with_connector)
        .find(|one| one.connector_ids.iter().all(is_shared) == shareable)
        .cloned()
        .unwrap()
}

/// A client encodes whatever is not a letter or a digit.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[tokio::test]
async fn customers_come_in_pages_with_a_count() {
    let test = start().await;
    let all = test.client.get("/api/managed_users").await.json(200);
    assert_eq!((&all["count"], &all["page"], &all["per_page"]), (&json!(64), &json!(1), &json!(100)));
    let first = &all["result"][0];
    assert_eq!(
        fields(first),
        [
            "active_connection_count",
            "active_recipe_count",
            "created_at",
            "external_id",
            "id",
            "in_trial",
            "name",
            "notification_email",
            "plan_id",
            "task_count",
            "task_limit",
            "updated_at"
        ]
    );
    let third = test.client.get("/api/managed_users?page=3&per_page=30").await.json(200);
    let expected = all["result"].as_array().unwrap()[60..].to_vec();
    assert_eq!(third["result"], json!(expected));
    assert_eq!((&third["page"], &third["per_page"]), (&json!(3), &json!(30)));
}

#[tokio::test]
async fn a_customers_connections_are_found_by_id_and_by_encoded_external_id() {
    let test = start().await;
    let customers = test.workspace.customers();
    let awkward = |id: &String| id.contains(['/', ' ', '#']);
    let customer = customers.iter().find(|one| one.external_id.as_ref().is_some_and(awkward)).unwrap();
    let by_id = test.client.get(&format!("/api/managed_users/{}/connections", customer.id)).await.json(200);
    let list = by_id["result"].as_array().unwrap();
    assert_eq!(list.len(), customer.connections.len());
    assert!(list[0]["provider"].is_string());
    let external = encoded(&format!("E{}", customer.external_id.as_ref().unwrap()));
    let by_external = test.client.get(&format!("/api/managed_users/{external}/connections")).await.json(200);
    assert_eq!(by_external, by_id);
    assert_eq!(test.client.get("/api/managed_users/1/connections").await.status, 404);
    assert_eq!(test.client.get("/api/managed_users/EU-1/connections").await.status, 404);
}

#[tokio::test]
async fn the_number_of_customers_is_an_option_and_customers_can_be_added_and_removed() {
    let test = start_with(Options { customers: 150, ..unlimited() }).await;
    let page = async |number| test.client.get(&format!("/api/managed_users?page={number}")).await.json(200);
    assert_eq!(page(1).await["count"], json!(150));
    let added = Alteration::AddCustomer { name: "Škoda / EU".to_owned(), external_id: Some("100% €".to_owned()) };
    test.workspace.alter(&added).unwrap();
    let newest = test.workspace.customers().pop().unwrap();
    let listed = page(2).await["result"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&listed["id"], &listed["external_id"]), (&json!(newest.id), &json!("100% €")));
    let connections = format!("/api/managed_users/{}/connections", encoded("E100% €"));
    assert_eq!(test.client.get(&connections).await.json(200), json!({ "result": [] }));
    test.workspace.alter(&Alteration::RemoveCustomer { customer_id: newest.id }).unwrap();
    assert_eq!(test.client.get(&connections).await.status, 404);
    assert!(test.workspace.alter(&Alteration::RemoveCustomer { customer_id: newest.id }).is_err());
}

#[tokio::test]
async fn a_recipe_whose_connectors_are_shared_can_be_shared_with_a_customer() {
    let test = start().await;
    let recipe = recipe(&test, true);
    let customer = &test.workspace.customers()[0];
    let external = encoded(&format!("E{}", customer.external_id.as_ref().unwrap()));
    for named in [customer.id.to_string(), external] {
        let path = format!("/api/managed_users/{named}/recipes/{}/share", recipe.id);
        assert_eq!(test.client.post(&path, "").await.json(200), json!({ "result": { "success": true } }));
    }
    let shared = test.workspace.recipes().into_iter().find(|one| one.id == recipe.id).unwrap();
    assert_eq!(shared.shared_with, [customer.id]);
    let copies = |customer: &sandbox::Customer| customer.recipes.iter().filter(|one| one.name == recipe.name).count();
    let after = &test.workspace.customers()[0];
    assert_eq!(copies(after), copies(customer) + 1, "the customer has one copy, however often it is shared");
}

#[tokio::test]
async fn a_recipe_with_a_connector_that_is_not_shared_is_refused() {
    let test = start().await;
    let recipe = recipe(&test, false);
    let customer = test.workspace.customers()[0].id;
    let path = format!("/api/managed_users/{customer}/recipes/{}/share", recipe.id);
    let refused = test.client.post(&path, "").await.json(422);
    assert!(refused["message"].as_str().unwrap().contains("aren't shared"));
    for connector_id in recipe.connector_ids {
        if let Some(version) = test.workspace.connector(connector_id).unwrap().released().next() {
            let version = version.version;
            test.workspace.alter(&Alteration::ShareConnector { connector_id, version }).unwrap();
        }
    }
    assert_eq!(test.client.post(&path, "").await.status, 200);
    assert_eq!(test.client.post(&format!("/api/managed_users/{customer}/recipes/1/share"), "").await.status, 404);
}
