//! `/teams/{team}/connections/{id}` and the form that deletes it.

use std::time::Duration;

use portal::audit::{Outcome, Stage};
use sandbox::Alteration;
use workato::Limits;

use crate::support::{Browser, ChangeKind, Installation, PAYMENTS, Page, Targets, TestPortal};

async fn rename(portal: &TestPortal, id: u64, name: &str) {
    let rename = Alteration::RenameConnection { connection_id: id, name: name.to_owned() };
    portal.sandbox.workspace(0).unwrap().alter(&rename).unwrap();
}

/// Sends the form that deletes this connection with `confirm` as the typed name. Returns the page that follows.
async fn delete(browser: &Browser, id: u64, confirm: &str) -> Page {
    let form = browser.get(&page_of(id)).await.form("/api/fn/delete_connection");
    browser.submit_and_follow(&form.with("confirm", confirm).with("reason", "Nobody uses it")).await
}

fn page_of(id: u64) -> String {
    format!("/teams/{PAYMENTS}/connections/{id}")
}

#[tokio::test]
async fn characters_that_nobody_sees_are_written_out_wherever_a_name_is_shown() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    rename(&portal, id, "Payments\u{200b} \u{202e}tset\u{202c} \u{e000}").await;
    let shown = "Payments[U+200B] [U+202E]tset[U+202C] [U+E000]";
    let list = format!("/teams/{PAYMENTS}/connections?q=Payments");
    for path in [page_of(id), format!("{}/edit", page_of(id)), list] {
        let page = browser.get(&path).await;
        assert!(page.body.contains(shown), "{path}: {}", page.body);
        assert!(!page.body.contains(['\u{200b}', '\u{202e}', '\u{202c}', '\u{e000}']), "{path}");
    }
    // A reason with one is refused, and nothing is sent.
    let form = browser.get(&page_of(id)).await.form("/api/fn/delete_connection");
    let form = form.with("confirm", "x").with("reason", "Nobody\u{2066} uses it");
    browser.submit_and_follow(&form).await.assert_says("Remove the invisible character (U+2066).");
    assert_eq!(portal.sandbox.ledger().len(), 0);
    // The name can be copied from the page.
    delete(&browser, id, "Payments[U+200B] tset").await;
    assert_eq!(portal.sandbox.ledger().len(), 0);
    delete(&browser, id, shown).await;
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn white_space_in_a_typed_name_does_not_matter() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (spaced, marked) = (targets.unused_connection(), targets.unused_connection());
    rename(&portal, spaced, "  Kronos \t (two  blanks)\n ").await;
    rename(&portal, marked, "<b>Bold</b> & \"quoted\"").await;
    delete(&browser, spaced, " Kronos (two blanks)").await.assert_says("was deleted.");
    delete(&browser, marked, "Bold").await.assert_says("exactly as shown.");
    delete(&browser, marked, "<b>Bold</b> & \"quoted\"").await.assert_says("was deleted.");
    assert_eq!(portal.sandbox.ledger().len(), 2);
}

#[tokio::test]
async fn a_name_is_confirmed_however_its_letters_are_encoded_or_by_the_id() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (composed, invisible, by_id) =
        (targets.unused_connection(), targets.unused_connection(), targets.unused_connection());
    rename(&portal, composed, "Cafe\u{301}\u{a0} Cre\u{300}me").await;
    rename(&portal, invisible, "Ac\u{200b}me\u{feff}").await;
    rename(&portal, by_id, "Contoso").await;
    delete(&browser, composed, "Cafe Crème").await.assert_says("exactly as shown.");
    delete(&browser, composed, "Caf\u{e9} Cr\u{e8}me").await.assert_says("was deleted.");
    delete(&browser, invisible, "Acme").await.assert_says("was deleted.");
    delete(&browser, by_id, &composed.to_string()).await.assert_says("exactly as shown.");
    delete(&browser, by_id, &by_id.to_string()).await.assert_says("was deleted.");
    assert_eq!(portal.sandbox.ledger().len(), 3);
}

#[tokio::test]
async fn a_connection_without_a_name_is_confirmed_by_its_id() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    rename(&portal, id, "  ").await;
    delete(&browser, id, "").await.assert_says(&format!("Type “{id}” exactly as shown."));
    delete(&browser, id, &id.to_string()).await.assert_says("was deleted.");
    assert_eq!(browser.get(&page_of(id)).await.status, 200, "its operations are still shown");
}

#[tokio::test]
async fn a_forged_name_does_not_confirm_a_connection_without_a_name() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    rename(&portal, id, "  ").await;
    let form = browser.get(&page_of(id)).await.form("/api/fn/delete_connection");
    let forged = form.with("name", "x").with("confirm", "x").with("reason", "Nobody uses it");
    browser.submit_and_follow(&forged).await.assert_says(&format!("Type “{id}” exactly as shown."));
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_connection_that_was_renamed_meanwhile_is_not_deleted_by_its_old_name() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    rename(&portal, id, "Old").await;
    let form = browser.get(&page_of(id)).await.form("/api/fn/delete_connection");
    rename(&portal, id, "New").await;
    let typed = form.with("confirm", "Old").with("reason", "Nobody uses it");
    browser.submit_and_follow(&typed).await.assert_says("Type “New” exactly as shown.");
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_name_with_markup_is_shown_as_text_in_the_title_too() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    let name = "</title><meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\">";
    rename(&portal, id, name).await;
    let page = browser.get(&page_of(id)).await;
    assert!(!page.has("meta[http-equiv]"), "{}", page.body);
    let gone = delete(&browser, id, name).await;
    gone.assert_says("was deleted.");
    assert!(!gone.has("meta[http-equiv]"), "{}", gone.body);
}

#[tokio::test]
async fn each_documented_refusal_is_shown_in_workatos_words() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let in_recipes = workspace.connections_in_active_recipes().iter().find(|one| !one.runtime_user).unwrap().id;
    let streaming = Targets::of(&portal).unused_connection();
    workspace.alter(&Alteration::StreamAuditLogTo { connection_id: Some(streaming) }).unwrap();
    for (id, words) in [(in_recipes, "recipe"), (streaming, "audit log")] {
        let form = browser.get(&page_of(id)).await.form("/api/fn/delete_connection");
        let shown = form.get("name").to_owned();
        let typed = if shown.is_empty() { id.to_string() } else { shown };
        let operation = form.get("operation").parse().unwrap();
        let page = browser.submit_and_follow(&form.with("confirm", &typed).with("reason", "Nobody uses it")).await;
        page.assert_says("Workato refused to delete");
        let said = portal.entries().await.iter().rev().find_map(|entry| entry.workato.clone()?.message).unwrap();
        assert!(said.to_lowercase().contains(words), "{said}");
        page.assert_says(&said);
        let history = portal.history(operation).await;
        assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Rejected))]);
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn an_auditor_sees_failed_attempts_too() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (good, bad) = (targets.unused_connection(), targets.unused_connection());
    rename(&portal, good, "The good one").await;
    rename(&portal, bad, "The bad one").await;
    delete(&operator, good, "The good one").await;
    portal.sandbox.faults().put("fault", "DELETE /api/connections/*: 429".parse().unwrap());
    delete(&operator, bad, "The bad one").await.assert_says("was not deleted");
    let auditor = portal.browser_of("auditor").await;
    let log = auditor.get("/audit?action=connection.delete").await;
    for name in ["The good one", "The bad one"] {
        log.assert_says(name);
    }
    let failed = auditor.get("/audit?action=connection.delete&outcome=failed").await;
    failed.assert_says("The bad one");
    assert!(!failed.text().contains("The good one"), "{}", failed.text());
    let rows = failed.attributes("tr", "id");
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let one = auditor.get(&row.replace("row-", "/audit/")).await;
    one.assert_says("Nobody uses it");
    one.assert_says("The operator");
}

#[tokio::test]
async fn a_delete_that_would_wait_too_long_in_the_queue_is_refused() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        // Workato's limit: one delete a second.
        settings.upstream.limits = Limits::documented();
        settings.upstream.longest_wait = Duration::from_millis(1_500);
    })
    .await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(targets.prepare(ChangeKind::Delete, &browser).await);
    }
    let answers = futures::future::join_all(all.iter().map(|changes| browser.submit(&changes.form))).await;
    let mut refused = 0;
    for (changes, answer) in all.iter().zip(answers) {
        if answer.status == 503 {
            refused += 1;
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!((2..=5).contains(&seconds), "the queue is {seconds} s long");
            answer.assert_says("Nothing was sent.");
            assert!(portal.history(changes.operation).await.is_empty(), "a refused change is an entry");
        } else {
            changes.assert_performed(&answer);
        }
    }
    assert!((2..=3).contains(&refused), "{refused} of 5 were refused");
    assert_eq!(portal.sandbox.ledger().len(), all.len() - refused);
    portal.assert_every_call_was_logged().await;
}
