//! `/teams/{team}/customers[/{id}]`: who is found, and what is shown when the list is truncated or a part cannot be
//! read.

use sandbox::{Alteration, Options, Privilege, Privileges};

use crate::support::{Installation, PAYMENTS, TestPortal};

fn list() -> String {
    format!("/teams/{PAYMENTS}/customers")
}

fn add(portal: &TestPortal, name: &str, external_id: &str) -> u64 {
    let workspace = portal.sandbox.workspace(0).unwrap();
    let added = Alteration::AddCustomer { name: name.to_owned(), external_id: Some(external_id.to_owned()) };
    workspace.alter(&added).unwrap();
    workspace.customers().pop().unwrap().id
}

async fn with_customers(customers: usize) -> TestPortal {
    TestPortal::serve(Installation::with(Options { customers, connections: 20, ..Options::on_any_port() }).await).await
}

#[tokio::test]
async fn customers_are_listed_by_name_in_pages_and_found_by_name_and_by_either_id() {
    let portal = with_customers(120).await;
    let odd = add(&portal, "Škoda & <b>Søn</b>", "eu/7 100%");
    let browser = portal.browser_of("viewer").await;
    let first = browser.get(&list()).await;
    first.assert_says("1–50 of 121");
    let names = |page: &crate::support::Page| page.links().into_iter().filter(|href| is_a_customer(href)).count();
    assert_eq!(names(&first), 50);
    assert_eq!(names(&browser.get(&format!("{}?page=3", list())).await), 21);

    for asked in ["škoda", "%3Cb%3E", "EU%2F7+100%25", &odd.to_string()] {
        let found = browser.get(&format!("{}?q={asked}", list())).await;
        assert_eq!(found.status, 200);
        found.assert_says("1 matching customer, synced");
        found.assert_says("Škoda & <b>Søn</b>");
        found.assert_says("eu/7 100%");
    }
}

fn is_a_customer(href: &str) -> bool {
    href.strip_prefix(&format!("{}/", list())).is_some_and(|id| id.parse::<u64>().is_ok())
}

#[tokio::test]
async fn an_empty_list_says_why() {
    let portal = with_customers(0).await;
    let browser = portal.browser_of("viewer").await;
    browser.get(&list()).await.assert_says("No customers yet");
    browser.get(&format!("{}?q=x", list())).await.assert_says("No customer matches");
    let past = browser.get(&format!("{}?page=2", list())).await;
    assert_eq!(past.status, 200);
    for wrong in ["page=0", "page=x", "q=a&q=b", &format!("q={}", "x".repeat(1_001))] {
        let page = browser.get(&format!("{}?{wrong}", list())).await;
        assert_eq!(page.status, 422, "{wrong}");
        page.assert_says("Part of the filter isn’t valid");
    }
}

#[tokio::test]
async fn refresh_asks_workato_for_the_customers_again() {
    let portal = with_customers(3).await;
    let browser = portal.browser_of("viewer").await;
    let before = browser.get(&list()).await;
    add(&portal, "Newcomer", "new");
    assert!(!browser.get(&list()).await.text().contains("Newcomer"), "the list is used again for minutes");
    let after = browser.submit_and_follow(&before.form("/api/fn/refresh")).await;
    after.assert_says("Newcomer");
}

#[tokio::test]
async fn a_truncated_list_says_so_and_every_customer_still_has_a_page() {
    let portal = with_customers(5_100).await;
    let browser = portal.browser_of("operator").await;
    let page = browser.get(&list()).await;
    page.assert_says("Workato may have more customers than the 5,000 that the portal reads at once.");
    let workspace = portal.sandbox.workspace(0).unwrap();
    let last = workspace.customers().pop().unwrap();
    let page = browser.get(&format!("{}/{}", list(), last.id)).await;
    assert_eq!(page.status, 200);
    page.assert_says("Only its connections are shown.");
    page.assert_says(last.connections.iter().next().unwrap().name.as_deref().unwrap());
    assert_eq!(browser.get(&format!("{}/1", list())).await.status, 404);
}

#[tokio::test]
async fn a_customers_page_shows_its_facts_and_its_connections() {
    let portal = with_customers(3).await;
    let browser = portal.browser_of("viewer").await;
    let customer = portal.sandbox.workspace(0).unwrap().customers().remove(0);
    let page = browser.get(&format!("{}/{}", list(), customer.id)).await;
    for shown in
        [&customer.name, customer.external_id.as_ref().unwrap(), &customer.plan_id, &customer.notification_email]
    {
        page.assert_says(shown);
    }
    for connection in customer.connections.iter() {
        page.assert_says(connection.name.as_deref().unwrap());
    }
    assert!(!page.text().contains("Share a recipe with it"), "a viewer shares nothing");
    let wrong = browser.get(&format!("{}/{}?sort=colour", list(), customer.id)).await;
    assert_eq!(wrong.status, 422);
    wrong.assert_says("sort: The list has no such order.");
}

#[tokio::test]
async fn a_customers_page_lists_its_shares_even_after_it_was_deleted() {
    let portal = with_customers(3).await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let is_shared = |id: &u64| workspace.connector(*id).unwrap().shared.is_some();
    let recipe = workspace.recipes().into_iter().find(|one| one.connector_ids.iter().all(is_shared)).unwrap().id;
    let [first, second] = [0, 1].map(|at| workspace.customers().remove(at));
    let browser = portal.browser_of("operator").await;
    let form = browser.get(&format!("/teams/{PAYMENTS}/recipes")).await.form("/api/fn/share_recipe");
    let form = form.with("recipe", &recipe.to_string()).only("by", "id").with("customer", &first.id.to_string());
    browser.submit_and_follow(&form).await;

    let shown = format!("The operator shared recipe {recipe} with {}", first.name);
    browser.get(&format!("{}/{}", list(), first.id)).await.assert_says(&shown);
    assert!(!browser.get(&format!("{}/{}", list(), second.id)).await.text().contains(&shown));
    workspace.alter(&Alteration::RemoveCustomer { customer_id: first.id }).unwrap();
    portal.browser_of("operator").await.post("/api/fn/refresh", &[("team", PAYMENTS), ("what", "customers")]).await;
    let gone = browser.get(&format!("{}/{}", list(), first.id)).await;
    assert_eq!(gone.status, 200);
    gone.assert_says(&first.name);
    gone.assert_says("This customer is not in Workato.");
    gone.assert_says(&shown);
}

#[tokio::test]
async fn a_customer_whose_connections_cannot_be_read_is_shown_without_them() {
    let portal = with_customers(3).await;
    let browser = portal.browser_of("viewer").await;
    let customer = portal.sandbox.workspace(0).unwrap().customers().remove(0);
    portal.sandbox.faults().put("down", "GET /api/managed_users/*/connections: status 403".parse().unwrap());
    let page = browser.get(&format!("{}/{}", list(), customer.id)).await;
    assert_eq!(page.status, 200);
    page.assert_says(&customer.name);
    page.assert_says("Its connections cannot be shown now. GET /api/managed_users/:id/connections was refused (403)");
}

#[tokio::test]
async fn without_the_right_to_read_customers_other_pages_still_work() {
    let portal = with_customers(3).await;
    let token = portal.sandbox.tokens[0].parse().unwrap();
    portal.sandbox.admit(&token, 0, Privileges::without(&[Privilege::Customers]));
    let browser = portal.browser_of("operator").await;
    let page = browser.get(&list()).await;
    assert_eq!(page.status, 502);
    page.assert_says("GET /api/managed_users was refused (401): Unauthorized.");
    let recipes = browser.get(&format!("/teams/{PAYMENTS}/recipes")).await;
    assert_eq!(recipes.status, 200);
    recipes.assert_says("You can't search customers by name right now. Enter an ID.");
    assert_eq!(browser.get(&format!("/teams/{PAYMENTS}/connections")).await.status, 200);
}

#[tokio::test]
async fn a_deleted_customer_is_not_found() {
    let portal = with_customers(3).await;
    let browser = portal.browser_of("viewer").await;
    let customer_id = portal.sandbox.workspace(0).unwrap().customers()[0].id;
    portal.sandbox.workspace(0).unwrap().alter(&Alteration::RemoveCustomer { customer_id }).unwrap();
    assert_eq!(browser.get(&format!("{}/{customer_id}", list())).await.status, 404);
    assert_eq!(browser.get(&format!("{}/x", list())).await.status, 404);
}
