//! A change was made, but its outcome cannot be appended: the page says "done" rather than "failed", and the outcome is
//! recorded as soon as the log can be written.

use std::time::Duration;

use portal::audit::{Outcome, Stage};
use rstest::rstest;

use crate::support::{Browser, ChangeKind, Child, Installation, Targets, TestPortal, eventually};

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::create(ChangeKind::Create)]
#[case::update(ChangeKind::Update)]
#[case::tag(ChangeKind::Tag)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[case::share_recipe(ChangeKind::ShareRecipe)]
#[tokio::test]
async fn an_outcome_that_cannot_be_recorded_is_shown_as_done_and_recorded_later(#[case] kind: ChangeKind) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(kind, &browser).await;
    portal.database().await.refuse_outcomes().await;

    let page = change.perform(&browser).await;
    assert_eq!(page.status, 200);
    page.assert_says("Done. The log entry is late; the portal retries.");
    assert!(!page.text().to_lowercase().contains("failed:"), "{}", page.text());
    assert!(!page.text().contains("was not"), "{}", page.text());
    assert_eq!(portal.history(change.operation).await, [(Stage::Intent, None)]);
    assert_eq!(portal.sandbox.ledger().len(), 1);

    portal.database().await.take_outcomes_again().await;
    let done = vec![(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
    eventually("the outcome is recorded", Duration::from_secs(12), || async {
        (portal.history(change.operation).await == done).then_some(())
    })
    .await;
    let page = change.look(&browser).await;
    assert!(!page.text().contains("log entry is late"), "{}", page.text());
    portal.stop().await.assert_every_call_was_logged().await;
}

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::create(ChangeKind::Create)]
#[case::update(ChangeKind::Update)]
#[case::tag(ChangeKind::Tag)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[tokio::test]
async fn an_outcome_lost_by_a_kill_is_settled_after_the_restart(#[case] kind: ChangeKind) {
    let installation = Installation::new().await;
    let child = Child::start(&installation, None).await;
    let browser = Browser::of(&child.base, "operator").await;
    let change = Targets::of(&installation).prepare(kind, &browser).await;
    installation.database().await.refuse_outcomes().await;
    change.perform(&browser).await.assert_says("Done. The log entry is late; the portal retries.");
    child.kill().await;
    installation.database().await.take_outcomes_again().await;

    let _child = Child::start(&installation, None).await;
    installation.until_settled().await;
    let settled = [(Stage::Intent, None), (Stage::Settled, Some(Outcome::Succeeded))];
    assert_eq!(installation.history(change.operation).await, settled);
    installation.assert_every_call_was_logged().await;
}
