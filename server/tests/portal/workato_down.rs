//! While Workato is down, pages come at once, and a change is logged as failed without being sent.

use std::time::Duration;

use portal::audit::{Outcome, Stage};
use rstest::rstest;

use crate::support::{Browser, ChangeKind, Installation, Targets, TestPortal};

const LIST: &str = "/teams/payments/connections";
const CONNECTORS: &str = "/teams/payments/connectors";

/// A portal that calls Workato again after this pause.
async fn portal_with(pause: Duration) -> TestPortal {
    TestPortal::serve_with(Installation::new().await, |settings| settings.upstream.pause_when_down = pause).await
}

/// Reads lists until the portal considers Workato down.
async fn find_out(browser: &Browser) {
    for _ in 0..3 {
        for path in [LIST, CONNECTORS] {
            let form = browser.get(path).await.form("/api/fn/refresh");
            browser.submit(&form).await;
        }
    }
    for path in [LIST, CONNECTORS] {
        browser.get(path).await.assert_says("Workato didn't answer the last calls to this workspace.");
    }
}

#[rstest]
#[case::failing("500")]
#[case::silent("hang")]
#[case::gone("reset")]
#[tokio::test]
async fn while_workato_is_down_a_change_fails_and_nothing_is_sent(#[case] fault: &str) {
    let portal = portal_with(Duration::from_secs(60)).await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut changes = Vec::new();
    for kind in ChangeKind::ALL {
        changes.push(targets.prepare(kind, &browser).await);
    }
    for path in [LIST, CONNECTORS] {
        browser.get(path).await;
    }
    portal.sandbox.faults().put("fault", format!("* /api/**: {fault}").parse().unwrap());
    find_out(&browser).await;
    let struck = portal.sandbox.faults().list()[0].struck;
    for change in &changes {
        let page = change.perform(&browser).await;
        page.assert_says("Nothing was sent, because Workato didn't answer the last calls to this workspace.");
        page.assert_says("Nothing was changed. It is safe to try again.");
        let history = portal.history(change.operation).await;
        assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Failed))], "{:?}", change.kind);
        let entries = portal.entries().await;
        let mut entries = entries.iter().filter(|entry| entry.operation_id == change.operation);
        assert_eq!(entries.next().unwrap().before, None, "the state before is not read from an old copy");
        assert_eq!(entries.next().unwrap().workato.as_ref().unwrap().detail, "not_sent");
    }
    assert_eq!(portal.sandbox.faults().list()[0].struck, struck, "something was sent");
    assert!(portal.sandbox.ledger().is_empty());
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn after_the_pause_the_next_read_asks_workato_again() {
    let portal = portal_with(Duration::from_millis(300)).await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &browser).await;
    for path in [LIST, CONNECTORS] {
        browser.get(path).await;
    }
    portal.sandbox.faults().put("fault", "* /api/**: 500".parse().unwrap());
    for _ in 0..3 {
        for path in [LIST, CONNECTORS] {
            let form = browser.get(path).await.form("/api/fn/refresh");
            browser.submit(&form).await;
        }
    }
    portal.sandbox.faults().clear();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The read just before the intent is the call that finds out.
    change.perform(&browser).await.assert_says("was deleted.");
    assert_eq!(portal.sandbox.ledger().len(), 1);
    assert!(!browser.get(LIST).await.text().contains("Showing the copy from"));
}
