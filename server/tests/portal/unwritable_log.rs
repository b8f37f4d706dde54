//! A log that cannot be written: nothing is sent to Workato, the person is told so at once, reading goes on, and all is
//! well again as soon as it can be written. The superuser ignores file modes, so they are no way to test this.

use portal::audit::{Outcome, Stage};
use sqlx::Connection;
use tokio::process::Command;

use crate::support::{Asked, Browser, Child, House, Kind, PAYMENTS, Targets, TestPortal};

async fn ask_for_all(house: &House, browser: &Browser) -> Vec<Asked> {
    let mut targets = Targets::of(house);
    let mut all = Vec::new();
    for kind in Kind::ALL {
        all.push(targets.ask(kind, browser).await);
    }
    all
}

/// All are refused by a page of the portal's own, nothing is sent, and pages can still be read.
async fn assert_refused(house: &House, browser: &Browser, all: &[Asked]) {
    let answers = futures::future::join_all(all.iter().map(|asked| browser.submit(&asked.form))).await;
    for (asked, answer) in all.iter().zip(answers) {
        assert_eq!(answer.status, 503, "{:?}: {}", asked.kind, answer.text());
        answer.assert_says("The audit log cannot be written, so nothing was done.");
        answer.assert_says(answer.header("x-request-id"));
        let page = browser.get(&asked.page).await;
        assert_eq!(page.status, 200, "{}: {}", asked.page, page.text());
    }
    assert_eq!(browser.get(&format!("/teams/{PAYMENTS}/connections")).await.status, 200);
    assert!(house.sandbox.ledger().is_empty(), "{:?}", house.sandbox.ledger());
    assert!(house.entries().await.iter().all(|entry| entry.stage != Stage::Intent));
}

/// The very same forms are carried out: what was refused did not use them up.
async fn assert_carried_out(house: &House, browser: &Browser, all: &[Asked]) {
    for asked in all {
        asked.perform(browser).await;
        let done = [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
        assert_eq!(house.story(asked.operation).await, done, "{:?}", asked.kind);
    }
    assert_eq!(house.sandbox.ledger().len(), all.len());
    house.assert_nothing_untold().await;
}

#[tokio::test]
async fn nothing_is_sent_while_a_trigger_refuses_entries() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let all = ask_for_all(&portal, &browser).await;
    portal
        .sql("CREATE TRIGGER no_entries BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
        .await;
    assert_refused(&portal, &browser, &all).await;
    portal.sql("DROP TRIGGER no_entries").await;
    assert_carried_out(&portal, &browser, &all).await;
}

#[tokio::test]
async fn nothing_is_sent_while_somebody_holds_the_lock() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let all = ask_for_all(&portal, &browser).await;
    let mut other = portal.database().await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_refused(&portal, &browser, &all).await;
    lock.rollback().await.unwrap();
    assert_carried_out(&portal, &browser, &all).await;
}

#[tokio::test]
async fn nothing_is_sent_while_the_files_may_not_grow_and_the_process_survives_it() {
    let house = House::build().await;
    // Whoever signs in is an entry, so this happens before.
    let child = Child::start_program(&house, &[]).await;
    let browser = Browser::of(&child.base, "operator").await;
    child.stop().await;

    // In KiB: enough for SQLite's shared memory, too little for a whole transaction in the log beside the database.
    let limited = ["bash", "-c", "ulimit -S -f 32 && exec \"$@\"", "limited"];
    let child = Child::start_program(&house, &limited).await;
    let browser = browser.at(&child.base);
    let all = ask_for_all(&house, &browser).await;
    assert_refused(&house, &browser, &all).await;

    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &child.id().to_string()]).status().await;
    assert!(lifted.unwrap().success());
    assert_carried_out(&house, &browser, &all).await;
    let (_, log) = child.stop().await;
    assert!(log.contains("a file has reached the largest size that it may have"), "{log}");
}

#[tokio::test]
async fn nobody_comes_in_unseen_while_the_log_cannot_be_written() {
    let portal = TestPortal::start().await;
    portal
        .sql("CREATE TRIGGER no_entries BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
        .await;
    let browser = portal.browser();
    let answer = browser.sign_in(&crate::support::email("operator"), &crate::support::password("operator")).await;
    assert_eq!(answer.status, 503);
    let page = browser.get("/account").await;
    assert!(page.is_redirect() && page.leads_to().starts_with("/login"), "{page:?}");
}
