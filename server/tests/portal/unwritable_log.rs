//! While the log cannot be written, nothing is sent to Workato, the page says so, and pages can still be read.
//! Afterwards the same forms work. File modes cannot be used to test this, since root ignores them.

use portal::audit::{Outcome, Stage};
use tokio::process::Command;

use crate::support::{Browser, ChangeKind, Child, Installation, PAYMENTS, PreparedChange, Targets, TestPortal};

async fn ask_for_all(installation: &Installation, browser: &Browser) -> Vec<PreparedChange> {
    let mut targets = Targets::of(installation);
    let mut all = Vec::new();
    for kind in ChangeKind::ALL {
        all.push(targets.prepare(kind, browser).await);
    }
    all
}

/// Every form gets an error page, nothing is sent, and pages can still be read.
async fn assert_refused(installation: &Installation, browser: &Browser, all: &[PreparedChange]) {
    let answers = futures::future::join_all(all.iter().map(|change| browser.submit(&change.form))).await;
    for (change, answer) in all.iter().zip(answers) {
        assert_eq!(answer.status, 503, "{:?}: {}", change.kind, answer.text());
        answer.assert_says("The audit log can't be written, so nothing was sent or changed.");
        answer.assert_says(answer.header("x-request-id"));
        let page = browser.get(&change.page).await;
        assert_eq!(page.status, 200, "{}: {}", change.page, page.text());
    }
    assert_eq!(browser.get(&format!("/teams/{PAYMENTS}/connections")).await.status, 200);
    assert!(installation.sandbox.ledger().is_empty(), "{:?}", installation.sandbox.ledger());
    assert!(installation.entries().await.iter().all(|entry| entry.stage != Stage::Intent));
}

/// The same forms now work: the refusal did not use up their operation ids.
async fn assert_carried_out(installation: &Installation, browser: &Browser, all: &[PreparedChange]) {
    for change in all {
        change.perform(browser).await;
        let done = [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
        assert_eq!(installation.history(change.operation).await, done, "{:?}", change.kind);
    }
    assert_eq!(installation.sandbox.ledger().len(), all.len());
    installation.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn nothing_is_sent_while_a_trigger_refuses_entries() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let all = ask_for_all(&portal, &browser).await;
    portal.database().await.refuse_entries().await;
    assert_refused(&portal, &browser, &all).await;
    portal.database().await.take_entries_again().await;
    assert_carried_out(&portal, &browser, &all).await;
}

#[tokio::test]
async fn nothing_is_sent_while_the_database_is_locked() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let all = ask_for_all(&portal, &browser).await;
    let mut other = portal.database().await;
    other.lock().await;
    assert_refused(&portal, &browser, &all).await;
    other.unlock().await;
    assert_carried_out(&portal, &browser, &all).await;
}

#[tokio::test]
async fn nothing_is_sent_while_files_cannot_grow_and_the_process_survives() {
    let installation = Installation::new().await;
    // Signing in writes an entry, so it has to happen before.
    let child = Child::start_program(&installation, &[]).await;
    let browser = Browser::of(&child.base, "operator").await;
    child.stop().await;

    // In KiB: enough for SQLite's shared memory, too little for a transaction in the write-ahead log.
    let limited = ["bash", "-c", "ulimit -S -f 32 && exec \"$@\"", "limited"];
    let child = Child::start_program(&installation, &limited).await;
    let browser = browser.at(&child.base);
    let all = ask_for_all(&installation, &browser).await;
    assert_refused(&installation, &browser, &all).await;

    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &child.id().to_string()]).status().await;
    assert!(lifted.unwrap().success());
    assert_carried_out(&installation, &browser, &all).await;
    let (_, log) = child.stop().await;
    assert!(log.contains("a file has reached the largest size that it may have"), "{log}");
}

#[tokio::test]
async fn nobody_can_sign_in_while_the_log_cannot_be_written() {
    let portal = TestPortal::start().await;
    portal.database().await.refuse_entries().await;
    let browser = portal.browser();
    let answer = browser.sign_in(&crate::support::email("operator"), &crate::support::password("operator")).await;
    assert_eq!(answer.status, 503);
    let page = browser.get("/account").await;
    assert!(page.is_redirect() && page.location().starts_with("/login"), "{page:?}");
}
