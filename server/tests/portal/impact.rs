//! Impact: which recipes and customers a change touches, as pages show it and as the intent's entry has it.

use std::time::Duration;

use portal::{
    Clock,
    audit::{Entry, Stage},
    impact::EntryImpact,
};
use rstest::rstest;
use sandbox::{Alteration, Options, Privilege, Privileges, WorkspaceHandle};
use time::OffsetDateTime;
use workato::Limits;

use crate::support::{Browser, Form, Installation, PAYMENTS, Page, TestPortal, eventually};

fn connection(id: u64) -> String {
    format!("/teams/{PAYMENTS}/connections/{id}")
}

fn connector(id: u64) -> String {
    format!("/teams/{PAYMENTS}/connectors/{id}")
}

fn workspace(portal: &TestPortal) -> WorkspaceHandle {
    portal.sandbox.workspace(0).unwrap()
}

/// How many customers, recipes of theirs and running ones use a connector, of the customers that may be read.
fn uses(workspace: &WorkspaceHandle, connector: u64) -> (usize, usize, usize) {
    let (mut customers, mut recipes, mut active) = (0, 0, 0);
    for customer in workspace.customers().iter().filter(|customer| customer.has_access) {
        let using: Vec<_> = customer.recipes.iter().filter(|one| one.connector_ids.contains(&connector)).collect();
        customers += usize::from(!using.is_empty());
        recipes += using.len();
        active += using.iter().filter(|one| one.active).count();
    }
    (customers, recipes, active)
}

/// How many recipes, and running ones, use a connection.
fn recipes_of(workspace: &WorkspaceHandle, connection: u64) -> (usize, usize) {
    let recipes = workspace.recipes();
    let using: Vec<_> = recipes.iter().filter(|one| one.connection_ids.contains(&connection)).collect();
    (using.len(), using.iter().filter(|one| one.active).count())
}

/// A shared connector that some customers use, but not all.
fn used_connector(workspace: &WorkspaceHandle) -> u64 {
    let of = workspace.customers().len();
    let is_used = |id: &u64| (2..of / 2 + 2).contains(&uses(workspace, *id).0);
    workspace.connectors().iter().filter(|one| one.shared.is_some()).map(|one| one.id).find(is_used).unwrap()
}

/// Types the name that the form shows, and a reason.
fn confirmed(form: Form) -> Form {
    let id = ["connection", "connector"].into_iter().find(|field| !form.get(field).is_empty()).unwrap();
    let typed = if form.get("name").is_empty() { form.get(id) } else { form.get("name") }.to_owned();
    form.with("confirm", &typed).with("reason", "It charges twice")
}

async fn send(browser: &Browser, path: &str, action: &str) -> Page {
    browser.submit_and_follow(&confirmed(browser.get(path).await.form(action))).await
}

/// The impact in the newest intent.
async fn newest_impact(portal: &TestPortal) -> (Entry, EntryImpact) {
    let intent = portal.entries().await.into_iter().rfind(|entry| entry.stage == Stage::Intent).unwrap();
    let impact = serde_json::from_value(intent.impact.clone().expect("an impact")).unwrap();
    (intent, impact)
}

#[tokio::test]
async fn the_intent_has_the_customers_and_recipes_that_use_the_connector() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = workspace(&portal);
    let id = used_connector(&workspace);
    let (customers, recipes, active) = uses(&workspace, id);
    send(&browser, &connector(id), "/api/fn/suppress_connector").await;
    let (intent, impact) = newest_impact(&portal).await;
    let counts = impact.recipes.unwrap();
    assert_eq!((counts.total, counts.active), (recipes, active));
    let counts = impact.customers.unwrap();
    assert_eq!((counts.total, counts.read, counts.of), (customers, 61, 64));
    assert_eq!(impact.sample.len(), customers.min(20));
    let first = &impact.sample[0];
    let named = workspace.customers().into_iter().find(|one| one.id.to_string() == first.id).unwrap();
    assert_eq!(first.name.as_deref(), Some(named.name.as_str()));
    assert!(impact.sample.is_sorted_by(|one, next| one.active >= next.active), "running ones first");
    let unread = serde_json::to_value(&impact.unread).unwrap();
    assert_eq!((unread[0]["what"].as_str(), unread[0]["why"].as_str()), (Some("customer_recipes"), Some("denied")));
    assert_eq!(unread[0]["count"], 3);
    let entries = portal.entries().await;
    let outcome = entries.iter().rfind(|entry| entry.operation_id == intent.operation_id).unwrap();
    assert_eq!((outcome.stage, &outcome.impact), (Stage::Outcome, &None), "only the intent has it");
}

#[tokio::test]
async fn what_changes_in_workato_is_read_again_after_five_minutes_and_not_before() {
    let clock = Clock::at(OffsetDateTime::now_utc());
    let set = clock.clone();
    let portal = TestPortal::serve_with(Installation::new().await, |settings| settings.clock = set).await;
    let browser = portal.browser_of("operator").await;
    let workspace = workspace(&portal);
    let id = workspace.deletable_connections().iter().find(|one| recipes_of(&workspace, one.id) == (0, 0)).unwrap().id;
    browser.get(&connection(id)).await.assert_says("No recipe uses it");
    let recipe_id = workspace.recipes()[0].id;
    workspace.alter(&Alteration::UseConnection { connection_id: id, recipe_id }).unwrap();
    clock.set(clock.now() + Duration::from_secs(4 * 60));
    send(&browser, &connection(id), "/api/fn/delete_connection").await.assert_says("active recipes");
    let (_, before) = newest_impact(&portal).await;
    assert_eq!(before.recipes.unwrap().total, 0, "what was held was young enough");
    clock.set(clock.now() + Duration::from_secs(2 * 60));
    send(&browser, &connection(id), "/api/fn/delete_connection").await;
    let (_, after) = newest_impact(&portal).await;
    let counts = after.recipes.unwrap();
    assert_eq!((counts.total, counts.active), (1, 1));
    assert_eq!((after.sample[0].id.clone(), after.sample[0].active), (recipe_id.to_string(), 1));
    workspace.alter(&Alteration::RemoveRecipe { recipe_id }).unwrap();
    clock.set(clock.now() + Duration::from_secs(6 * 60));
    send(&browser, &connection(id), "/api/fn/delete_connection").await;
    assert_eq!(newest_impact(&portal).await.1.recipes.unwrap().total, 0);
    assert!(workspace.connection(id).is_none(), "nothing blocked the deletion");
}

#[rstest]
#[case(Privilege::Recipes, "Recipes › List")]
#[case(Privilege::CustomerRecipes, "Customer workspaces")]
#[case(Privilege::Customers, "Customer workspaces")]
#[case(Privilege::Code, "")]
#[case(Privilege::WriteConnectors, "")]
#[case(Privilege::Folders, "")]
#[case(Privilege::Tags, "")]
#[case(Privilege::ActivityLogs, "")]
#[case(Privilege::ApiClients, "")]
#[case(Privilege::Workspace, "")]
#[tokio::test]
async fn a_token_that_lacks_a_privilege_blocks_no_change_and_the_page_names_the_box(
    #[case] lacking: Privilege,
    #[case] named: &str,
) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = workspace(&portal);
    let token = portal.sandbox.tokens[0].parse().unwrap();
    portal.sandbox.admit(&token, 0, Privileges::without(&[lacking]));
    let (connector_id, connection_id) = (used_connector(&workspace), workspace.deletable_connections()[0].id);
    let recipes_are_read = lacking != Privilege::Recipes;
    let customers_are_read = !matches!(lacking, Privilege::Customers | Privilege::CustomerRecipes);

    let page = browser.get(&connection(connection_id)).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.says("may not read the recipes"), !recipes_are_read, "{}", page.text());
    assert!(recipes_are_read || page.says(named), "{}", page.text());
    send(&browser, &connection(connection_id), "/api/fn/delete_connection").await;
    let (_, impact) = newest_impact(&portal).await;
    assert_eq!(impact.recipes.is_some(), recipes_are_read);
    assert_eq!(impact.unread.is_empty(), recipes_are_read);
    assert!(workspace.connection(connection_id).is_none());

    let page = browser.get(&connector(connector_id)).await;
    assert_eq!(page.status, 200);
    assert!(customers_are_read || page.says(named), "{}", page.text());
    send(&browser, &connector(connector_id), "/api/fn/suppress_connector").await;
    let (_, impact) = newest_impact(&portal).await;
    assert_eq!(impact.recipes.is_some(), customers_are_read, "{impact:?}");
    assert!(workspace.connector(connector_id).unwrap().shared.is_none());
    browser.get(&format!("/teams/{PAYMENTS}/connections")).await.assert_says("Connections");
}

#[tokio::test]
async fn five_hundred_customers_and_five_thousand_recipes_are_read_within_the_limits() {
    let options = Options {
        connections: 400,
        recipes: Some(5_000),
        customers: 500,
        customer_recipes: Some(40),
        ..Options::on_any_port()
    };
    let installation = Installation::with(options).await;
    installation.sandbox.set_limited(true);
    let portal = TestPortal::serve_with(installation, |settings| {
        settings.upstream.limits = Limits::documented();
        settings.upstream.longest_wait = Duration::from_secs(20);
        settings.impact_every = Duration::from_secs(20);
    })
    .await;
    let browser = portal.browser_of("operator").await;
    let workspace = workspace(&portal);
    let (connector_id, connection_id) = (used_connector(&workspace), workspace.connections_in_active_recipes()[0].id);
    let (customers, ..) = uses(&workspace, connector_id);
    let (recipes, active) = recipes_of(&workspace, connection_id);
    eventually("the customers are read", Duration::from_secs(60), || async {
        let page = browser.get(&connector(connector_id)).await;
        page.says("477 of 500 customers read").then(|| page.assert_says(&format!("{customers} customers")))
    })
    .await;
    eventually("the recipes are read", Duration::from_secs(60), || async {
        let page = browser.get(&connection(connection_id)).await;
        page.says(&format!("{recipes} recipes")).then(|| page.assert_says(&format!("{active} running")))
    })
    .await;
    assert_eq!(workspace.calls().refused, 0, "no 429");
}

#[tokio::test]
async fn a_workato_that_answers_nothing_blocks_no_page_and_no_change() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.upstream.patience = Duration::from_millis(500);
    })
    .await;
    let browser = portal.browser_of("operator").await;
    let workspace = workspace(&portal);
    for fault in ["GET /api/recipes: hang", "GET /api/managed_users/*/recipes: hang"] {
        portal.sandbox.faults().put(fault, fault.parse().unwrap());
    }
    let (connector_id, connection_id) = (used_connector(&workspace), workspace.deletable_connections()[0].id);
    send(&browser, &connection(connection_id), "/api/fn/delete_connection").await;
    assert!(workspace.connection(connection_id).is_none());
    let (_, impact) = newest_impact(&portal).await;
    assert_eq!((impact.recipes, impact.read_at), (None, None));
    assert!(!impact.unread.is_empty());
    send(&browser, &connector(connector_id), "/api/fn/suppress_connector").await;
    assert!(workspace.connector(connector_id).unwrap().shared.is_none());
}

#[tokio::test]
async fn the_list_of_connectors_says_who_uses_each_and_sorts_by_it() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let workspace = workspace(&portal);
    let list = format!("/teams/{PAYMENTS}/connectors?columns=customers,recipes,id&rows=200");
    let rows = |page: &Page| -> Vec<(usize, usize, u64)> {
        let number = |cell: &String| cell.parse().unwrap_or_default();
        page.rows().iter().map(|row| (number(&row[2]), number(&row[3]), row[4].parse().unwrap())).collect()
    };
    // The first page that needs the numbers reads them.
    let by_customers = browser.get(&format!("{list}&sort=-customers")).await;
    by_customers.assert_says("61 of 64 customers read; 3 may not be read");
    let found = rows(&by_customers);
    assert!(found.len() > 10 && found[0].0 > 0, "{found:?}");
    assert!(found.is_sorted_by(|one, next| (one.0, one.1) >= (next.0, next.1)), "{found:?}");
    for (customers, active, id) in &found {
        let (expected, _, running) = uses(&workspace, *id);
        assert_eq!((*customers, *active), (expected, running), "{id}");
    }
    let by_recipes = rows(&browser.get(&format!("{list}&sort=recipes")).await);
    assert!(by_recipes.is_sorted_by_key(|row| row.1), "{by_recipes:?}");
    // Not everyone could be read, so nothing is called unused.
    let unused = by_customers.rows().into_iter().find(|row| row[4] == found.last().unwrap().2.to_string()).unwrap();
    assert_eq!((unused[2].as_str(), unused[3].as_str()), ("–", "–"));
}

#[tokio::test]
async fn the_tabs_count_what_is_unused_and_what_is_broken_and_in_use() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let workspace = workspace(&portal);
    let list = format!("/teams/{PAYMENTS}/connections");
    let tab = |page: &Page, name: &str| {
        let tabs = page.select("nav[aria-label=Views] a");
        tabs.into_iter().map(|tab| tab.text).find(|text| text.starts_with(name)).expect("a tab")
    };
    // What uses them is read beside the page, which does not wait.
    let counted = eventually("counts", Duration::from_secs(20), || async {
        let page = browser.get(&list).await;
        (tab(&page, "Unused") != "Unused").then_some(page)
    })
    .await;
    let is_used = |id: &u64| recipes_of(&workspace, *id).0 > 0;
    let ids: Vec<u64> = workspace.connections().iter().filter(|one| !one.runtime_user).map(|one| one.id).collect();
    let unused = ids.iter().filter(|id| !is_used(id)).count();
    assert_eq!(tab(&counted, "Unused"), format!("Unused {unused}"));
    let broken_in_use = browser.get(&format!("{list}?usage=broken_in_use&rows=200")).await;
    let rows = broken_in_use.rows().len();
    assert!(rows > 0 && rows < ids.len(), "{rows}");
    assert_eq!(tab(&counted, "Broken and in use"), format!("Broken and in use {rows}"));
    assert_eq!(tab(&broken_in_use, "Broken and in use"), format!("Broken and in use {rows}"));
    // A filter that changes nothing about usage leaves the counts alone.
    assert_eq!(tab(&browser.get(&format!("{list}?status=failed")).await, "Unused"), format!("Unused {unused}"));
    // On a phone, which has no headings, each card says what it counts.
    assert_eq!(counted.attributes("td[data-label]", "data-label"), vec!["Recipes"; counted.rows().len()]);
}

#[tokio::test]
async fn nothing_is_called_unused_while_a_recipe_cannot_be_read() {
    let portal = TestPortal::start().await;
    let token = portal.sandbox.tokens[0].parse().unwrap();
    portal.sandbox.admit(&token, 0, Privileges::without(&[Privilege::Recipes]));
    let page = portal.browser_of("viewer").await.get(&format!("/teams/{PAYMENTS}/connections")).await;
    let tabs: Vec<String> = page.select("nav[aria-label=Views] a").into_iter().map(|tab| tab.text).collect();
    assert!(tabs.contains(&"Unused".to_owned()) && tabs.contains(&"Broken and in use".to_owned()), "{tabs:?}");
}
