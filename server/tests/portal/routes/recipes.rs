//! `/teams/{team}/recipes` and its form: which customer is meant, what reaches Workato, and what to do when it refuses.

use portal::audit::{Entry, Outcome, Stage};
use sandbox::{Alteration, Recipe};

use crate::support::{Browser, Form, PAYMENTS, Page, TestPortal};

fn page() -> String {
    format!("/teams/{PAYMENTS}/recipes")
}

/// A recipe whose connectors are all shared, or one with a connector that is released and not shared.
fn recipe(portal: &TestPortal, shareable: bool) -> Recipe {
    let workspace = portal.sandbox.workspace(0).unwrap();
    let connector = |id: &u64| workspace.connector(*id).unwrap();
    let fits = |recipe: &&Recipe| match shareable {
        true => recipe.connector_ids.iter().all(|id| connector(id).shared.is_some()),
        false => recipe
            .connector_ids
            .iter()
            .any(|id| connector(id).shared.is_none() && connector(id).released().next().is_some()),
    };
    workspace
        .recipes()
        .iter()
        .filter(|recipe| !recipe.connector_ids.is_empty())
        .find(fits)
        .expect("such a recipe")
        .clone()
}

fn add_customer(portal: &TestPortal, name: &str, external_id: Option<&str>) -> u64 {
    let workspace = portal.sandbox.workspace(0).unwrap();
    let added = Alteration::AddCustomer { name: name.to_owned(), external_id: external_id.map(str::to_owned) };
    workspace.alter(&added).unwrap();
    workspace.customers().pop().unwrap().id
}

async fn form(browser: &Browser, recipe: u64, by: &str, customer: &str) -> Form {
    filled(browser.get(&page()).await.form("/api/fn/share_recipe"), recipe, by, customer)
}

fn filled(form: Form, recipe: u64, by: &str, customer: &str) -> Form {
    form.with("recipe", &recipe.to_string()).only("by", by).with("customer", customer)
}

async fn share(browser: &Browser, recipe: u64, by: &str, customer: &str) -> Page {
    let form = form(browser, recipe, by, customer).await;
    browser.submit_and_follow(&form).await
}

/// The customers that the recipe is shared with in Workato.
fn shared_with(portal: &TestPortal, recipe: u64) -> Vec<u64> {
    let recipes = portal.sandbox.workspace(0).unwrap().recipes();
    recipes.into_iter().find(|one| one.id == recipe).unwrap().shared_with
}

async fn last_intent(portal: &TestPortal) -> Entry {
    portal.entries().await.into_iter().rfind(|entry| entry.stage == Stage::Intent).unwrap()
}

#[tokio::test]
async fn a_recipe_is_shared_with_a_customer_found_by_name() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let id = add_customer(&portal, "Blaue  Möwe GmbH", Some("bm"));
    let browser = portal.browser_of("operator").await;
    let suggested = browser.get(&page()).await.suggestions();
    let label = format!("Blaue Möwe GmbH ({id})");
    assert!(suggested.contains(&label), "{suggested:?}");

    let shown = share(&browser, recipe.id, "name", &label).await;
    shown.assert_says(&format!("Recipe {} is shared with Blaue  Möwe GmbH.", recipe.id).replace("  ", " "));
    assert_eq!(shared_with(&portal, recipe.id), [id]);
    let intent = last_intent(&portal).await;
    let targets: Vec<_> = intent.targets.iter().map(|target| (target.kind.as_str(), target.id.clone())).collect();
    assert_eq!(targets, [("recipe", recipe.id.to_string()), ("customer", id.to_string())]);
    // The latest shares say who shared what with whom, and link to the customer.
    shown.assert_says(&format!("The operator shared recipe {} with Blaue", recipe.id));
    assert!(shown.links().contains(&format!("/teams/{PAYMENTS}/customers/{id}")));
}

#[tokio::test]
async fn an_external_id_with_any_characters_reaches_workato() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let browser = portal.browser_of("operator").await;
    for external_id in [
        "U-1",
        "acme corp",
        " acme ",
        "acme/eu/../west",
        "..",
        "100% %2F %25",
        "a?b#c&d=e",
        "E2300",
        "škoda – 株式会社 🚚",
        "a+b;c,d:e@f",
        "\"quoted\" <b>",
        "back\\slash",
    ] {
        let id = add_customer(&portal, &format!("Customer {external_id}"), Some(external_id));
        // To share by an external id, the customer need not be in the list.
        let shown = share(&browser, recipe.id, "external_id", external_id).await;
        shown.assert_says(&format!("Recipe {} is shared with ", recipe.id));
        assert_eq!(shared_with(&portal, recipe.id).last(), Some(&id), "{external_id:?}");
        assert_eq!(last_intent(&portal).await.parameters["customer"], format!("E{external_id}"));
        // It was shared with nobody else.
        portal.sandbox.workspace(0).unwrap().alter(&Alteration::RemoveCustomer { customer_id: id }).unwrap();
        assert!(shared_with(&portal, recipe.id).is_empty());
    }
}

#[tokio::test]
async fn an_account_id_is_enough_if_customers_cannot_be_listed() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let id = portal.sandbox.workspace(0).unwrap().customers()[0].id;
    portal.sandbox.faults().put("no list", "GET /api/managed_users: 500".parse().unwrap());
    let browser = portal.browser_of("operator").await;
    let by_name = share(&browser, recipe.id, "name", "Northwind").await;
    by_name.assert_says("You can't search customers by name right now. Enter an ID.");
    assert!(portal.sandbox.ledger().is_empty());
    let shown = share(&browser, recipe.id, "id", &id.to_string()).await;
    shown.assert_says(&format!("Recipe {} is shared with customer {id}.", recipe.id));
    assert_eq!(shared_with(&portal, recipe.id), [id]);
}

#[tokio::test]
async fn an_ambiguous_name_offers_a_choice_and_keeps_the_form() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let (first, second) =
        (add_customer(&portal, "Zwilling", Some("z1")), add_customer(&portal, "zwilling", Some("z2")));
    let browser = portal.browser_of("operator").await;
    let asked = form(&browser, recipe.id, "name", "ZWILLING").await.with("reason", "They asked for it");
    let page = browser.submit_and_follow(&asked).await;
    page.assert_says("2 customers have this name. Choose the customer.");
    page.assert_says(&format!("Zwilling (account {first}, external id z1)"));
    let again = page.form("/api/fn/share_recipe");
    assert_eq!((again.get("customer"), again.get("reason")), ("ZWILLING", "They asked for it"));
    assert_eq!(again.get("operation"), asked.get("operation"), "the refusal used up the id");
    assert!(portal.sandbox.ledger().is_empty());

    let chosen = filled(again, recipe.id, "name", "ZWILLING").only("chosen", &second.to_string());
    browser.submit_and_follow(&chosen).await.assert_says("is shared with zwilling.");
    assert_eq!(shared_with(&portal, recipe.id), [second]);

    let part = share(&browser, recipe.id, "name", "zwill").await;
    part.assert_says("No customer has exactly this name. Choose one, or type the full name.");
    share(&browser, recipe.id, "name", "Nobody at all").await.assert_says("No customer has this name.");
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn every_invalid_field_has_its_message_at_once() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = browser.get(&page()).await.form("/api/fn/share_recipe");
    for (by, customer, says) in [
        ("name", " ", "Enter the customer."),
        ("id", "", "Enter the customer's account ID."),
        ("id", "U-7", "An account ID is a whole number."),
        ("external_id", "", "Enter an external ID."),
        ("external_id", "a\tb", "An external ID can't contain line breaks or control characters."),
        ("external_id", &"x".repeat(256), "An external ID has at most 255 characters."),
    ] {
        let wrong = form.clone().with("recipe", "7b").only("by", by).with("customer", customer);
        let page = browser.submit_and_follow(&wrong).await;
        page.assert_says("Enter the recipe ID, a whole number.");
        page.assert_says(says);
        assert_eq!(page.form("/api/fn/share_recipe").get("recipe"), "7b");
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn if_a_connector_is_not_shared_the_page_links_to_it_and_keeps_the_form() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, false);
    let workspace = portal.sandbox.workspace(0).unwrap();
    let customer = workspace.customers().remove(0);
    let browser = portal.browser_of("operator").await;
    let asked = form(&browser, recipe.id, "id", &customer.id.to_string()).await.with("reason", "Their launch");
    let refused = browser.submit_and_follow(&asked).await;
    refused.assert_says(&format!("Workato refused to share recipe {} with {}.", recipe.id, customer.name));
    refused.assert_says("The recipe uses connectors that aren't shared with the customer");
    let history = portal.history(asked.get("operation").parse().unwrap()).await;
    assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Rejected))]);

    let links = refused.links();
    for connector in &recipe.connector_ids {
        assert!(links.contains(&format!("/teams/{PAYMENTS}/connectors/{connector}")), "{links:?}");
        let version = workspace.connector(*connector).unwrap().released().next().unwrap().version;
        workspace.alter(&Alteration::ShareConnector { connector_id: *connector, version }).unwrap();
    }
    let again = refused.form("/api/fn/share_recipe");
    assert_eq!((again.get("recipe"), again.get("reason")), (recipe.id.to_string().as_str(), "Their launch"));
    assert_eq!(again.get("customer"), format!("{} ({})", customer.name, customer.id));
    assert_ne!(again.get("operation"), asked.get("operation"), "another attempt is another operation");
    let shown = browser.submit_and_follow(&again.only("by", "name")).await;
    shown.assert_says("is shared with");
    assert_eq!(shared_with(&portal, recipe.id), [customer.id]);
}

#[tokio::test]
async fn if_workato_names_no_connector_the_page_links_to_those_not_shared() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let customer = portal.sandbox.workspace(0).unwrap().customers()[0].id.to_string();
    let browser = portal.browser_of("operator").await;
    portal.sandbox.faults().put("refuses", "POST /api/managed_users/**: status 422".parse().unwrap());
    let refused = share(&browser, recipe.id, "id", &customer).await;
    let not_shared = format!("/teams/{PAYMENTS}/connectors?oem_shared=false");
    assert!(refused.links().contains(&not_shared));
    // If the customer or the recipe does not exist, links to connectors do not help.
    portal.sandbox.faults().clear();
    let unknown = share(&browser, 1, "id", &customer).await;
    unknown.assert_says("Not found");
    assert!(!unknown.links().contains(&not_shared));
}

#[tokio::test]
async fn a_link_fills_in_the_form_and_an_invalid_link_says_so() {
    let portal = TestPortal::start().await;
    let customer = portal.sandbox.workspace(0).unwrap().customers().remove(0);
    let browser = portal.browser_of("operator").await;
    let filled =
        browser.get(&format!("{}?customer={}&recipe=7", page(), customer.id)).await.form("/api/fn/share_recipe");
    assert_eq!(
        (filled.get("recipe"), filled.get("customer")),
        ("7", format!("{} ({})", customer.name, customer.id).as_str())
    );
    for wrong in ["customer=x", "recipe=-1", "recipe=1&recipe=2"] {
        let page = browser.get(&format!("{}?{wrong}", page())).await;
        assert_eq!(page.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn people_who_cannot_share_see_what_was_shared() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let customer = portal.sandbox.workspace(0).unwrap().customers().remove(0);
    share(&portal.browser_of("operator").await, recipe.id, "id", &customer.id.to_string()).await;
    for who in ["viewer", "auditor", "admin"] {
        let page = portal.browser_of(who).await.get(&page()).await;
        page.assert_says(&format!("shared recipe {} with {}", recipe.id, customer.name));
        page.assert_says("Only operators of this team can share recipes.");
        assert!(page.forms("/api/fn/share_recipe").is_empty(), "{who}");
    }
}

#[tokio::test]
async fn a_name_that_is_also_another_customers_label_or_id_is_asked_about() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let acme = add_customer(&portal, "Acme", Some("a-1"));
    let twin = add_customer(&portal, &format!("Acme ({acme})"), Some("a-2"));
    let number = add_customer(&portal, &acme.to_string(), None);
    let hash = add_customer(&portal, &format!("#{acme}"), None);
    let browser = portal.browser_of("operator").await;
    for (typed, candidates) in [
        (format!("Acme ({acme})"), vec![acme, twin]),
        (format!(" acme  ({acme})"), vec![acme, twin]),
        (acme.to_string(), vec![acme, number]),
        (format!("#{acme}"), vec![acme, hash]),
    ] {
        let asked = form(&browser, recipe.id, "name", &typed).await.with("reason", "They asked");
        let page = browser.submit_and_follow(&asked).await;
        page.assert_says("2 customers match. Choose the customer.");
        for id in &candidates {
            page.assert_says(&format!("(account {id}"));
        }
        assert!(portal.sandbox.ledger().is_empty(), "{typed:?} was decided");
        let again = page.form("/api/fn/share_recipe");
        assert_eq!((again.get("customer"), again.get("reason")), (typed.as_str(), "They asked"));
    }
    let page = share(&browser, recipe.id, "name", &format!("Acme ({acme})")).await;
    let choices = page.attributes("input[name='chosen']", "value");
    let choice = choices.iter().find(|choice| choice.starts_with(&format!("{twin} "))).expect("the choice");
    let chosen = filled(page.form("/api/fn/share_recipe"), recipe.id, "name", &format!("Acme ({acme})"));
    browser.submit_and_follow(&chosen.only("chosen", choice)).await.assert_says("is shared with Acme");
    assert_eq!(shared_with(&portal, recipe.id), [twin]);
    // An exact name that nothing else looks like is enough, and so is an exact id.
    share(&browser, recipe.id, "name", "acme").await.assert_says("is shared with Acme.");
    assert_eq!(shared_with(&portal, recipe.id), [twin, acme]);
    share(&browser, recipe.id, "id", &number.to_string()).await;
    assert_eq!(shared_with(&portal, recipe.id), [twin, acme, number]);
}

#[tokio::test]
async fn a_customer_that_is_chosen_and_another_that_is_typed_are_asked_about() {
    let portal = TestPortal::start().await;
    let recipe = recipe(&portal, true);
    let (one, other) = (add_customer(&portal, "Erste", None), add_customer(&portal, "Zweite", Some("z")));
    let browser = portal.browser_of("operator").await;
    let drawn = browser.get(&format!("{}?customer={one}", page())).await.form("/api/fn/share_recipe");
    assert_eq!(drawn.get("chosen"), format!("{one} Erste"));
    let form = drawn.with("recipe", &recipe.id.to_string());
    for (by, typed) in [("name", "Zweite"), ("name", "Nobody"), ("id", &*other.to_string()), ("external_id", "z")] {
        let asked = form.clone().only("by", by).with("customer", typed);
        let page = browser.submit_and_follow(&asked).await;
        page.assert_says("You chose one customer and typed another.");
        page.assert_says("Erste (account ");
        assert!(portal.sandbox.ledger().is_empty(), "{by} {typed}");
    }
    // Renamed since the form was drawn.
    let page = browser.submit_and_follow(&form.clone().only("chosen", &format!("{one} Früher"))).await;
    page.assert_says("was called Früher when you opened the form. It is now called Erste.");
    assert!(portal.sandbox.ledger().is_empty());
    let malformed = browser.submit_and_follow(&form.clone().only("chosen", "Erste")).await;
    malformed.assert_says("Choose the customer again.");
    browser.submit_and_follow(&form).await.assert_says("is shared with Erste.");
    assert_eq!(shared_with(&portal, recipe.id), [one]);
}
