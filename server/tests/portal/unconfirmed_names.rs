//! A change while Workato cannot be read: the entries have the target's name all the same, and say that Workato did not
//! confirm it.

use portal::{
    OperationId,
    audit::{Entry, NameFrom, Target},
};
use rstest::rstest;
use sandbox::Alteration;

use crate::support::{Browser, ChangeKind, Form, Installation, PAYMENTS, Targets, TestPortal};

/// Makes every read fail.
fn break_reads(installation: &Installation) {
    installation.sandbox.faults().put("no reads", "GET /api/**: 500".parse().unwrap());
}

/// The intent and the outcome.
async fn entries_of(portal: &TestPortal, operation: OperationId) -> Vec<Entry> {
    let entries = portal.entries().await;
    let entries: Vec<_> = entries.into_iter().filter(|entry| entry.operation_id == operation).collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
    entries
}

/// The target's name on one line, and where it is from.
fn named(target: &Target) -> (Option<String>, Option<NameFrom>) {
    (target.name.as_deref().map(portal::one_line), target.name_from)
}

/// What `named` should be for a form that showed this name.
fn expected(name: &str, from: Option<NameFrom>) -> (Option<String>, Option<NameFrom>) {
    if name.is_empty() { (None, None) } else { (Some(name.to_owned()), from) }
}

/// The name that the form showed.
fn drawn(form: &Form) -> String {
    let name = if form.action.ends_with("update_connection") { "drawn[name]" } else { "name" };
    form.get(name).to_owned()
}

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::update(ChangeKind::Update)]
#[case::tag(ChangeKind::Tag)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[tokio::test]
async fn the_name_is_from_the_last_copy_or_else_from_the_form(#[case] kind: ChangeKind) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let [first, second, third] = [
        targets.prepare(kind, &browser).await,
        targets.prepare(kind, &browser).await,
        targets.prepare(kind, &browser).await,
    ];

    first.perform(&browser).await;
    for entry in entries_of(&portal, first.operation).await {
        assert_eq!(named(&entry.targets[0]), expected(&drawn(&first.form), None), "{kind:?}");
    }

    break_reads(&portal);
    second.assert_performed(&browser.submit(&second.form).await);
    for entry in entries_of(&portal, second.operation).await {
        assert_eq!(named(&entry.targets[0]), expected(&drawn(&second.form), Some(NameFrom::Copy)), "{kind:?}");
    }
    if !drawn(&second.form).is_empty() {
        let shown = browser.get(&format!("/audit/{}", second.operation)).await;
        shown.assert_says(&format!("{} (name not confirmed)", drawn(&second.form)));
        browser.get("/audit").await.assert_says("(name not confirmed)");
    }

    // After a restart there is no copy.
    let portal = TestPortal::serve(portal.stop().await).await;
    let browser = browser.at(&portal.base);
    third.assert_performed(&browser.submit(&third.form).await);
    for entry in entries_of(&portal, third.operation).await {
        assert_eq!(named(&entry.targets[0]), expected(&drawn(&third.form), Some(NameFrom::Form)), "{kind:?}");
    }
    assert_eq!(portal.sandbox.ledger().len(), 3);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_chosen_customer_is_named_although_the_customers_cannot_be_listed() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    workspace.alter(&Alteration::AddCustomer { name: "Blaue Möwe".to_owned(), external_id: None }).unwrap();
    let customer = workspace.customers().pop().unwrap().id;
    let prepared = Targets::of(&portal).prepare(ChangeKind::ShareRecipe, &browser).await;
    let page = browser.get(&format!("/teams/{PAYMENTS}/recipes?customer={customer}")).await;
    let form = page.form("/api/fn/share_recipe").with("recipe", prepared.form.get("recipe"));
    break_reads(&portal);
    let portal = TestPortal::serve(portal.stop().await).await;
    let browser = browser.at(&portal.base);
    browser.submit_and_follow(&form).await.assert_says("is shared with Blaue Möwe (name not confirmed)");
    for entry in entries_of(&portal, form.get("operation").parse().unwrap()).await {
        assert_eq!(entry.targets[1].id, customer.to_string());
        assert_eq!(named(&entry.targets[1]), expected("Blaue Möwe", Some(NameFrom::Form)));
    }
}

#[rstest]
#[case::of_another_name("Harmless test", "Harmless test")]
#[case::with_an_override("\u{202e}emcA", "\u{202e}emcA")]
#[case::empty("", "")]
#[tokio::test]
async fn the_copy_counts_more_than_a_name_that_the_browser_sends(#[case] name: &str, #[case] typed: &str) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &browser).await;
    break_reads(&portal);
    let forged = change.form.clone().with("name", name).with("confirm", typed);
    let refused = browser.submit(&forged).await;
    assert!(refused.location().contains("problem="), "{refused:?}");
    assert!(portal.sandbox.ledger().is_empty());
    change.assert_performed(&browser.submit(&change.form).await);
}

#[rstest]
#[case::with_an_override("\u{202e}emcA")]
#[case::with_a_zero_width_space("Ac\u{200b}me")]
#[case::too_long(&"x".repeat(1_001))]
#[tokio::test]
async fn a_name_that_does_not_show_is_not_recorded_and_the_id_has_to_be_typed(#[case] name: &str) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &browser).await;
    let browser_after = |portal: &TestPortal| browser.at(&portal.base);
    break_reads(&portal);
    let portal = TestPortal::serve(portal.stop().await).await;
    let browser: Browser = browser_after(&portal);
    let forged = change.form.clone().with("name", name);
    let refused = browser.submit(&forged.clone().with("confirm", name)).await;
    assert!(refused.location().contains("problem="), "{refused:?}");
    assert!(portal.sandbox.ledger().is_empty());
    let id = change.form.get("connection").to_owned();
    change.assert_performed(&browser.submit(&forged.with("confirm", &id)).await);
    for entry in entries_of(&portal, change.operation).await {
        assert_eq!(named(&entry.targets[0]), (None, None));
    }
}
