//! Unknown outcomes are settled by reading Workato's state, or by a person if that cannot tell.

use portal::audit::{Outcome, Stage};
use rstest::rstest;
use serde_json::json;

use crate::support::{Browser, ChangeKind, Targets, TestPortal};

/// Faults, and whether Workato makes the change all the same.
const FAULTS: [(&str, bool); 9] = [
    ("reset", false),
    ("reset-after", true),
    ("500", false),
    ("500-after", true),
    ("html", false),
    ("html-after", true),
    ("hang", false),
    ("hang-after", true),
    ("cut", true),
];

#[rstest]
#[case::share(ChangeKind::Share, &[true, false])]
#[case::suppress(ChangeKind::Suppress, &[true, false])]
#[case::update(ChangeKind::Update, &[true, false])]
#[case::tag(ChangeKind::Tag, &[true, false])]
#[case::disconnect(ChangeKind::Disconnect, &[true, false])]
#[case::delete(ChangeKind::Delete, &[true, false])]
// If one connection was created, a read cannot show that another was not.
#[case::create(ChangeKind::Create, &[true])]
#[case::create_nothing(ChangeKind::Create, &[false])]
#[tokio::test]
async fn an_unknown_outcome_is_settled_as_workatos_state_says(#[case] kind: ChangeKind, #[case] of_those: &[bool]) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut asked = Vec::new();
    // An answer without a body cannot be cut.
    let possible = |fault: &str, done: bool| of_those.contains(&done) && (kind, fault) != (ChangeKind::Tag, "cut");
    for (fault, done) in FAULTS.into_iter().filter(|(fault, done)| possible(fault, *done)) {
        portal.sandbox.faults().put("fault", format!("{}: {fault} x1", kind.call()).parse().unwrap());
        let change = targets.prepare(kind, &browser).await;
        let page = change.perform(&browser).await;
        let history = portal.history(change.operation).await;
        assert_eq!(history[..2], [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Unknown))], "{fault}");
        asked.push((fault, done, change, page));
    }
    portal.until_settled().await;
    for (fault, done, change, shown) in asked {
        let outcome = if done { Outcome::Succeeded } else { Outcome::Failed };
        let history = portal.history(change.operation).await;
        assert_eq!(history[2..], [(Stage::Settled, Some(outcome))], "{fault}");
        let entries = portal.entries().await;
        let settled = entries.iter().rfind(|entry| entry.operation_id == change.operation).unwrap();
        assert!(settled.evidence.as_ref().is_some_and(|evidence| evidence.get("read_at").is_some()), "{settled:?}");
        assert_eq!(settled.actor.name, "system");
        // Before that, the page did not say "failed", unless a read had shown it already.
        if !done {
            shown.assert_says("not known");
        }
        let page = change.look(&browser).await;
        assert!(!page.text().contains("not known"), "{fault}: {}", page.text());
    }
    let installation = portal.stop().await;
    let done = FAULTS.iter().filter(|(fault, done)| *done && possible(fault, *done)).count();
    assert_eq!(installation.sandbox.ledger().len(), done);
    installation.assert_every_call_was_logged().await;
}

#[rstest]
#[case::refused_for_rate("429 retry-after=1 x3", Outcome::Failed)]
#[case::refused("status 403 x1", Outcome::Rejected)]
#[tokio::test]
async fn a_known_outcome_needs_no_settling(#[case] fault: &str, #[case] outcome: Outcome) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        portal.sandbox.faults().put("fault", format!("{}: {fault}", kind.call()).parse().unwrap());
        let change = targets.prepare(kind, &browser).await;
        change.perform(&browser).await;
        let history = portal.history(change.operation).await;
        assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(outcome))], "{kind:?}");
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn an_operation_whose_target_was_touched_again_waits_for_a_person() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).shared_connector();
    let page = format!("/teams/payments/connectors/{id}");
    portal.sandbox.faults().put("fault", format!("{}: hang x1", ChangeKind::Suppress.call()).parse().unwrap());
    let first = suppress(&browser, &page).await;
    let second = suppress(&browser, &page).await;
    assert_ne!(first, second);
    let entries = portal.until_settled().await;
    let end = entries.iter().rfind(|entry| entry.operation_id == first).unwrap();
    assert_eq!((end.stage, end.outcome), (Stage::Waiting, Some(Outcome::Unknown)));
    assert_eq!(end.evidence.as_ref().unwrap()["later_operation"], json!(second.to_string()));
    let shown = browser.get(&format!("{page}?operation={first}")).await;
    shown.assert_says("Check in Workato before you try again.");
}

#[tokio::test]
async fn a_person_settles_a_waiting_operation_once_and_with_a_note() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).shared_connector();
    let page = format!("/teams/payments/connectors/{id}");
    portal.sandbox.faults().put("fault", format!("{}: hang x1", ChangeKind::Suppress.call()).parse().unwrap());
    let first = suppress(&browser, &page).await;
    suppress(&browser, &page).await;
    portal.until_settled().await;

    browser.get("/audit").await.assert_says("1 operation needs a check");
    browser.get(&page).await.assert_says("The outcome of an earlier change is unknown");
    let its_page = format!("/audit/{first}");
    for who in ["viewer", "auditor", "admin"] {
        let seen = portal.browser_of(who).await.get(&its_page).await;
        assert!(seen.forms("/api/fn/settle_operation").is_empty(), "{who} is offered to settle it");
    }
    let form = browser.get(&its_page).await.form("/api/fn/settle_operation");
    let refused = browser.submit_and_follow(&form.clone().with("finding", "done").with("note", " ")).await;
    refused.assert_says("Enter how you know");
    let refused = browser.submit_and_follow(&form.clone().with("finding", "").with("note", "Seen it")).await;
    refused.assert_says("Choose what you found in Workato.");
    let settled = form.with("finding", "done").with("note", "Workato's console shows no share");
    browser.submit_and_follow(&settled).await.assert_says("Workato's console shows no share");
    let entries = portal.entries().await;
    let end = entries.iter().rfind(|entry| entry.operation_id == first).unwrap();
    assert_eq!((end.stage, end.outcome), (Stage::Settled, Some(Outcome::Succeeded)));
    assert_eq!(end.reason.as_deref(), Some("Workato's console shows no share"));
    assert_ne!(end.actor.name, "system");
    assert_eq!(browser.submit(&settled).await.status, 409);
    assert_eq!(portal.entries().await.len(), entries.len());
    assert!(!browser.get("/audit").await.text().contains("1 operation needs a check"));
}

/// Suppresses the connector on this page. Returns the operation.
async fn suppress(browser: &Browser, page: &str) -> portal::OperationId {
    let form = browser.get(page).await.form("/api/fn/suppress_connector");
    let name = form.get("name").to_owned();
    browser.submit(&form.clone().with("confirm", &name).with("reason", "It charges twice")).await;
    form.get("operation").parse().unwrap()
}
