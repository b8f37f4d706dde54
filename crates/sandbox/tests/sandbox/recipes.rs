//! Recipes of the workspace and of its customers, and drafts of connectors.

use rstest::rstest;
use sandbox::{Alteration, Options, Privilege, Privileges};
use serde_json::{Value, json};

use crate::{
    TestSandbox,
    client::{fields, is_pacific},
    start, start_with, unlimited,
};

async fn recipes(test: &TestSandbox, query: &str) -> Vec<Value> {
    let body = test.client.get(&format!("/api/recipes{query}")).await.json(200);
    body["items"].as_array().unwrap().clone()
}

fn ids(rows: &[Value]) -> Vec<u64> {
    rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_recipe_has_the_documented_fields_and_names_its_connections() {
    let test = start().await;
    let rows = recipes(&test, "?exclude_code=true").await;
    assert_eq!(rows.len(), test.workspace.recipes().len());
    for (row, recipe) in rows.iter().zip(test.workspace.recipes().iter().rev()) {
        assert_eq!(
            fields(row),
            [
                "action_applications",
                "applications",
                "config",
                "created_at",
                "folder_id",
                "id",
                "job_failed_count",
                "job_succeeded_count",
                "last_run_at",
                "name",
                "running",
                "stop_cause",
                "stopped_at",
                "trigger_application",
                "updated_at",
                "version_no"
            ]
        );
        assert_eq!((&row["id"], &row["running"]), (&json!(recipe.id), &json!(recipe.active)));
        assert!(is_pacific(&row["created_at"]) && is_pacific(&row["updated_at"]));
        let config = row["config"].as_array().unwrap();
        let connections: Vec<u64> = config.iter().filter_map(|one| one["account_id"].as_u64()).collect();
        assert_eq!(connections, recipe.connection_ids);
        let names: Vec<String> =
            recipe.connector_ids.iter().map(|id| test.workspace.connector(*id).unwrap().name).collect();
        for name in names {
            assert!(row["applications"].as_array().unwrap().contains(&json!(name)), "{row}");
        }
        assert!(
            config.iter().all(|one| fields(one) == ["account_id", "keyword", "name", "provider", "skip_validation"])
        );
    }
    assert!(recipes(&test, "").await[0]["code"].is_string());
    assert!(recipes(&test, "?includes[]=tags").await[0]["tags"].is_array());
}

#[tokio::test]
async fn recipes_are_filtered_ordered_and_cut_into_pages() {
    let test = start().await;
    let all = ids(&recipes(&test, "").await);
    assert!(all.is_sorted_by(|one, next| one > next));
    let (running, stopped) = (recipes(&test, "?running=true").await, recipes(&test, "?running=false").await);
    assert_eq!(running.len() + stopped.len(), all.len());
    assert!(running.iter().all(|row| row["running"] == true && row["stopped_at"].is_null()));
    assert!(stopped.iter().all(|row| row["running"] == false && is_pacific(&row["stopped_at"])));
    assert_eq!(ids(&recipes(&test, &format!("?since_id={}", all[3])).await), all[4..]);
    assert_eq!(ids(&recipes(&test, "?page=2&per_page=7").await), all[7..14]);
    let application = recipes(&test, "").await[0]["applications"][0].as_str().unwrap().to_owned();
    let any = recipes(&test, &format!("?adapter_names_any={application},nothing")).await;
    assert!(
        !any.is_empty() && any.iter().all(|row| row["applications"].as_array().unwrap().contains(&json!(application)))
    );
    assert!(recipes(&test, &format!("?adapter_names_all={application},nothing")).await.is_empty());
    let cause = stopped.iter().find_map(|row| row["stop_cause"].as_str()).unwrap();
    assert!(recipes(&test, &format!("?stop_cause={cause}")).await.iter().all(|row| row["stop_cause"] == cause));
    let ran: Vec<_> =
        recipes(&test, "?order=activity").await.into_iter().map(|row| row["last_run_at"].clone()).collect();
    assert_ne!(ran[0], Value::Null);
    assert_eq!(ran.last(), Some(&Value::Null), "what never ran comes last");
    for odd in ["?running=perhaps", "?since_id=x", "?stopped_after=yesterday", "?order=name"] {
        assert_eq!(test.client.get(&format!("/api/recipes{odd}")).await.status, 400, "{odd}");
    }
}

#[tokio::test]
async fn the_jobs_of_a_recipe_come_in_pages_and_by_status() {
    let test = start().await;
    let recipe = test.workspace.recipes().into_iter().find(|one| one.jobs_failed > 0 && one.active).unwrap();
    let read = async |query: &str| test.client.get(&format!("/api/recipes/{}/jobs{query}", recipe.id)).await.json(200);
    let first = read("").await;
    assert_eq!(first["job_failed_count"], recipe.jobs_failed);
    let items = first["items"].as_array().unwrap();
    assert_eq!(fields(&items[0]), ["completed_at", "error", "id", "is_error", "started_at", "title"]);
    let last = items.last().unwrap()["id"].as_str().unwrap();
    let next = read(&format!("?offset_job_id={last}")).await;
    assert_ne!(next["items"][0]["id"], items[0]["id"]);
    let failed = read("?status=failed").await;
    assert!(failed["items"].as_array().unwrap().iter().all(|job| job["is_error"] == true && job["error"].is_string()));
    assert_eq!(test.client.get("/api/recipes/1/jobs").await.status, 404);
}

#[tokio::test]
async fn a_customers_recipes_use_its_own_connections_and_the_shared_connectors() {
    let test = start().await;
    let customer = &test.workspace.customers()[0];
    let path = format!("/api/managed_users/{}/recipes", customer.id);
    let body = test.client.get(&path).await.json(200);
    let rows = body["result"].as_array().unwrap();
    assert_eq!(rows.len(), customer.recipes.len());
    let listed = test.client.get("/api/managed_users").await.json(200)["result"][0].clone();
    let active = rows.iter().filter(|row| row["running"] == true).count();
    assert_eq!(listed["active_recipe_count"], active);
    let connection = |row: &Value| row["config"].as_array().unwrap().iter().find_map(|one| one["account_id"].as_u64());
    assert!(rows.iter().filter_map(connection).all(|id| customer.connections.get(id).is_some()));
    let recipe_id = rows.iter().find(|row| row["running"] == true).unwrap()["id"].as_u64().unwrap();
    test.workspace.alter(&Alteration::SetRecipeActive { recipe_id, active: false }).unwrap();
    let running = test.client.get(&format!("{path}?running=true")).await.json(200);
    assert_eq!(running["result"].as_array().unwrap().len(), active - 1);
    test.workspace.alter(&Alteration::RemoveRecipe { recipe_id }).unwrap();
    let connector_ids = vec![test.workspace.connectors().iter().find(|one| one.shared.is_some()).unwrap().id];
    let added = Alteration::AddRecipe {
        customer_id: Some(customer.id),
        name: "New".into(),
        connection_ids: Vec::new(),
        connector_ids,
        active: true,
    };
    test.workspace.alter(&added).unwrap();
    let newest = test.client.get(&path).await.json(200)["result"][0].clone();
    assert_eq!((&newest["name"], &newest["config"][0]["account_id"]), (&json!("New"), &Value::Null));
}

#[tokio::test]
async fn a_customer_who_lets_nobody_in_is_listed_and_cannot_be_read() {
    let test = start().await;
    let closed = test.workspace.customers().into_iter().find(|one| !one.has_access).unwrap();
    for path in ["recipes", "connections"] {
        let path = format!("/api/managed_users/{}/{path}", closed.id);
        assert_eq!(test.client.get(&path).await.json(403), json!({ "message": "Forbidden" }));
    }
    test.workspace.alter(&Alteration::SetCustomerAccess { customer_id: closed.id, has_access: true }).unwrap();
    assert_eq!(test.client.get(&format!("/api/managed_users/{}/recipes", closed.id)).await.status, 200);
}

#[rstest]
#[case(Privilege::Recipes, "GET /api/recipes")]
#[case(Privilege::Recipes, "GET /api/recipes/1/jobs")]
#[case(Privilege::CustomerRecipes, "GET /api/managed_users/1/recipes")]
#[case(Privilege::WriteConnectors, "POST /api/custom_connectors")]
#[case(Privilege::WriteConnectors, "PUT /api/custom_connectors/1")]
#[case(Privilege::WriteConnectors, "POST /api/custom_connectors/1/release")]
#[tokio::test]
async fn each_call_needs_its_privilege(#[case] privilege: Privilege, #[case] call: &str) {
    let test = start().await;
    test.running.admit(&"narrow".parse().unwrap(), 0, Privileges::without(&[privilege]));
    let (method, path) = call.split_once(' ').unwrap();
    assert_eq!(test.client.with_token("narrow").call(method, path, "").await.status, 401);
    assert_ne!(test.client.call(method, path, "").await.status, 401);
}

#[tokio::test]
async fn a_connector_is_made_drafted_and_released() {
    let test = start().await;
    let code = "{ title: 'Übung', secret: 'hunter2' }".repeat(100_000);
    let made = json!({ "title": "Promoted", "code": code, "description": "From staging", "note": "First" });
    let answer = test.client.post("/api/custom_connectors", &made).await.json(200);
    let id = answer["result"]["id"].as_u64().unwrap();
    let path = format!("/api/custom_connectors/{id}");
    assert_eq!(test.client.get(&path).await.json(200)["result"][0]["released_versions"], json!([]));
    assert_eq!(test.client.get(&format!("{path}/code")).await.json(200)["data"]["code"], code);
    test.client.post(&format!("{path}/release"), "").await.json(200);
    let released = test.client.get(&path).await.json(200)["result"][0].clone();
    assert_eq!(
        (&released["latest_released_version"], &released["latest_released_version_note"]),
        (&json!(1), &json!("First"))
    );
    let nothing = test.client.post(&format!("{path}/release"), "").await.json(422);
    assert_eq!(nothing["message"], "The connector has no changes to release");
    for (note, code) in [("Second", "{ a: 1 }"), ("Second, mended", "{ a: 2 }")] {
        test.client.put(&path, json!({ "code": code, "note": note })).await.json(200);
    }
    test.client.post(&format!("{path}/release"), "").await.json(200);
    let released = test.client.get(&path).await.json(200)["result"][0].clone();
    assert_eq!(
        (&released["latest_released_version"], &released["latest_released_version_note"]),
        (&json!(2), &json!("Second, mended"))
    );
    assert_eq!(test.client.get(&format!("{path}/code")).await.json(200)["data"]["code"], "{ a: 2 }");
    let ledger = test.running.ledger();
    let actions: Vec<_> = ledger.iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions,
        ["connector.create", "connector.release", "connector.update", "connector.update", "connector.release"]
    );
    assert_eq!(ledger[0].parameters["code_bytes"], code.len());
    assert!(!format!("{ledger:?}").contains("hunter2"), "code is in the ledger");
}

#[rstest]
#[case(json!({ "code": "{}" }), 422)]
#[case(json!({ "title": "  ", "code": "{}" }), 422)]
#[case(json!({ "title": "A" }), 422)]
#[case(json!({ "title": "A", "code": "x".repeat(10 * 1024 * 1024 + 1) }), 422)]
#[case(json!({ "title": "A", "code": 7 }), 400)]
#[tokio::test]
async fn a_connector_without_title_or_code_is_refused(#[case] body: Value, #[case] status: u16) {
    let test = start().await;
    let count = test.workspace.connectors().len();
    assert_eq!(test.client.post("/api/custom_connectors", &body).await.status, status);
    assert_eq!(test.workspace.connectors().len(), count);
    assert_eq!(test.client.put("/api/custom_connectors/1", json!({ "code": "{}" })).await.status, 404);
}

#[tokio::test]
async fn a_large_workspace_has_as_many_recipes_as_asked_for() {
    let options = Options { recipes: Some(5_000), customers: 500, customer_recipes: Some(40), ..unlimited() };
    let test = start_with(options).await;
    assert_eq!(recipes(&test, "?page=50&exclude_code=true").await.len(), 100);
    assert!(recipes(&test, "?page=51").await.is_empty());
    let customers = test.workspace.customers();
    assert_eq!(customers.iter().map(|one| one.recipes.len()).sum::<usize>(), 20_000);
    let path = format!("/api/managed_users/{}/recipes?exclude_code=true", customers[499].id);
    assert_eq!(test.client.get(&path).await.json(200)["result"].as_array().unwrap().len(), 40);
}
