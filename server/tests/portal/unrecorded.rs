//! A change that was done while its outcome cannot be appended: the page says so, nobody is told that it failed, and
//! the outcome is in the log as soon as that can be written.

use std::time::Duration;

use portal::audit::{Outcome, Stage};
use rstest::rstest;

use crate::support::{Browser, Child, House, Kind, Targets, TestPortal, eventually};

const NO_OUTCOMES: &str = "CREATE TRIGGER no_outcomes BEFORE INSERT ON entry_body WHEN NEW.stage = 'outcome'
                           BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
const OUTCOMES_AGAIN: &str = "DROP TRIGGER no_outcomes";

#[rstest]
#[case::share(Kind::Share)]
#[case::suppress(Kind::Suppress)]
#[case::create(Kind::Create)]
#[case::update(Kind::Update)]
#[case::tag(Kind::Tag)]
#[case::disconnect(Kind::Disconnect)]
#[case::delete(Kind::Delete)]
#[case::share_recipe(Kind::ShareRecipe)]
#[tokio::test]
async fn what_was_done_is_told_as_done_and_recorded_as_soon_as_that_is_possible(#[case] kind: Kind) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let asked = Targets::of(&portal).ask(kind, &browser).await;
    portal.sql(NO_OUTCOMES).await;

    let page = asked.perform(&browser).await;
    assert_eq!(page.status, 200);
    page.assert_says("Done, but its outcome is not recorded yet.");
    assert!(!page.text().to_lowercase().contains("failed:"), "{}", page.text());
    assert!(!page.text().contains("was not"), "{}", page.text());
    assert_eq!(portal.story(asked.operation).await, [(Stage::Intent, None)]);
    assert_eq!(portal.sandbox.ledger().len(), 1);

    portal.sql(OUTCOMES_AGAIN).await;
    let done = vec![(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
    eventually("the outcome is recorded", Duration::from_secs(12), || async {
        (portal.story(asked.operation).await == done).then_some(())
    })
    .await;
    let page = asked.look(&browser).await;
    assert!(!page.text().contains("not recorded"), "{}", page.text());
    portal.stop().await.assert_nothing_untold().await;
}

#[rstest]
#[case::share(Kind::Share)]
#[case::suppress(Kind::Suppress)]
#[case::create(Kind::Create)]
#[case::update(Kind::Update)]
#[case::tag(Kind::Tag)]
#[case::disconnect(Kind::Disconnect)]
#[case::delete(Kind::Delete)]
#[tokio::test]
async fn a_kill_before_the_outcome_could_be_recorded_leaves_it_to_be_settled(#[case] kind: Kind) {
    let house = House::build().await;
    let child = Child::start(&house, None).await;
    let browser = Browser::of(&child.base, "operator").await;
    let asked = Targets::of(&house).ask(kind, &browser).await;
    house.sql(NO_OUTCOMES).await;
    asked.perform(&browser).await.assert_says("Done, but its outcome is not recorded yet.");
    child.kill().await;
    house.sql(OUTCOMES_AGAIN).await;

    let _child = Child::start(&house, None).await;
    house.until_settled().await;
    let settled = [(Stage::Intent, None), (Stage::Settled, Some(Outcome::Succeeded))];
    assert_eq!(house.story(asked.operation).await, settled);
    house.assert_nothing_untold().await;
}
