//! Export of the filtered audit log: exactly what is listed and allowed, and logged before the first byte is sent.

use std::collections::BTreeSet;

use portal::audit::{self, Entry, Stage, StoredLog};
use serde_json::{Value, json};

use super::audit::{attempt, flag, listed};
use crate::support::{Browser, ChangeKind, PAYMENTS, Page, Targets, TestPortal, email};

const EXPORT: &str = "/api/fn/export_audit";

/// Exports the list of this query in a format.
async fn export(browser: &Browser, query: &str, format: &str) -> Page {
    let form = browser.get(&format!("/audit?{query}")).await.form(EXPORT);
    browser.submit(&form.with("format", format)).await
}

/// The operations on every page of the list.
async fn on_all_pages(browser: &Browser, query: &str) -> BTreeSet<String> {
    let (mut path, mut all) = (format!("/audit?{query}"), BTreeSet::new());
    loop {
        let page = browser.get(&path).await;
        all.extend(listed(&page));
        match page.links().into_iter().find(|link| link.contains("older=") && !link.contains("op=")) {
            Some(older) => path = older,
            None => return all,
        }
    }
}

/// The entries in the lines of JSONL or a bundle.
fn entries_in(file: &Page) -> Vec<Entry> {
    let lines = file.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| serde_json::from_value(line.get("entry")?.clone()).unwrap()).collect()
}

fn operations_of(entries: &[Entry]) -> BTreeSet<String> {
    entries.iter().map(|entry| entry.operation_id.to_string()).collect()
}

async fn exports(portal: &TestPortal) -> Vec<Entry> {
    let mut entries = portal.entries().await;
    entries.retain(|entry| entry.action.as_str() == "audit.export");
    entries
}

#[tokio::test]
async fn every_format_holds_exactly_what_is_listed_on_all_pages() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    flag(&auditor, 70).await;
    Targets::of(&portal).prepare(ChangeKind::Share, &portal.browser_of("operator").await).await;
    // Reading every team's log is an entry, too, once.
    auditor.get("/audit").await;
    for query in ["team=payments&q=action%3Aoperation.flag", "actor=auditor&after=24h"] {
        let expected = on_all_pages(&auditor, query).await;
        assert!(expected.len() > 50, "{query} fits on one page");

        let jsonl = export(&auditor, query, "jsonl").await;
        assert_eq!((jsonl.status, jsonl.header("content-type")), (200, "application/jsonl; charset=utf-8"));
        assert_eq!(operations_of(&entries_in(&jsonl)), expected, "{query}");

        let csv = export(&auditor, query, "csv").await;
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
        let text = csv.body.strip_prefix('\u{feff}').expect("the mark of UTF-8");
        let rows: Result<Vec<csv::StringRecord>, _> = csv::Reader::from_reader(text.as_bytes()).records().collect();
        let in_rows: BTreeSet<String> = rows.unwrap().iter().map(|row| row[1].to_owned()).collect();
        // The auditor's own first export counts, too.
        let expected = on_all_pages(&auditor, query).await;
        assert!(in_rows.is_subset(&expected) && in_rows.len() + 2 >= expected.len(), "{query}: {}", in_rows.len());

        let bundle = export(&auditor, query, "bundle").await;
        assert_eq!((bundle.status, bundle.header("content-type")), (200, "application/jsonl; charset=utf-8"));
        let log = StoredLog::open_read_only(&portal.data_dir(), None).await.unwrap();
        let key = log.public_key().await.unwrap();
        let found = audit::verify_bundle(bundle.body.as_bytes(), &key).unwrap();
        let entries = entries_in(&bundle);
        assert_eq!(found.entries, entries.len());
        let own = entries.last().unwrap().operation_id.to_string();
        let of_others: BTreeSet<String> = operations_of(&entries).into_iter().filter(|it| *it != own).collect();
        let listed = on_all_pages(&auditor, query).await;
        assert_eq!(of_others, listed.into_iter().filter(|it| *it != own).collect(), "{query}");
    }
}

#[tokio::test]
async fn an_export_is_an_entry_with_its_search_and_its_count() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    attempt(&auditor, 3).await;
    let query = "q=action%3Aconnection.delete&outcome=denied&after=24h";
    let file = export(&auditor, query, "bundle").await;
    let name = file.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"evidence-20") && name.ends_with(".jsonl\""), "{name}");
    let exported = exports(&portal).await;
    let entry = &exported[0];
    assert_eq!((entry.stage, exported.len()), (Stage::Recorded, 1));
    assert_eq!(entry.actor.email.as_deref(), Some(email("auditor").as_str()));
    assert_eq!((&entry.parameters["format"], &entry.parameters["operations"]), (&json!("bundle"), &json!(3)));
    // "The last 24 hours" is logged as a fixed instant.
    let search = entry.parameters["search"].as_str().unwrap();
    let (begins, moment) = search.split_once(" after:").unwrap();
    assert_eq!(begins, "action:connection.delete outcome:denied");
    assert!(moment.starts_with("20") && moment.ends_with('Z'), "{moment}");
    assert_eq!(entries_in(&file).last(), Some(entry));
    let log = auditor.get("/audit?action=audit.export").await;
    log.assert_says(
        "The auditor exported the audit log, 3 operations, matching action:connection.delete outcome:denied",
    );
    assert_eq!(auditor.get(&format!("/audit/{}", entry.operation_id)).await.status, 200);
    let all = export(&auditor, "", "csv").await;
    assert!(all.header("content-disposition").contains("audit-log-20"));
    assert!(exports(&portal).await[1].parameters.get("search").is_none());
}

#[tokio::test]
async fn an_export_holds_only_what_its_reader_may_see() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    change.perform(&operator).await;
    let shared = change.operation.to_string();
    for (who, sees) in [("viewer", true), ("auditor", true), ("stranger", false)] {
        let browser = portal.browser_of(who).await;
        for (format, filter) in [("jsonl", ""), ("bundle", ""), ("jsonl", "connector.share")] {
            let fields = [("page", "/audit"), ("format", format), ("filter[action]", filter)];
            let file = browser.post(EXPORT, &fields).await;
            assert_eq!(file.status, 200, "{who}");
            let entries = entries_in(&file);
            assert_eq!(operations_of(&entries).contains(&shared), sees, "{who}: {format} {filter}");
            let of_payments = entries.iter().any(|it| it.team.as_ref().is_some_and(|it| it.slug.as_str() == PAYMENTS));
            assert_eq!(of_payments, sees, "{who}: {format} {filter}");
        }
    }
    let before = exports(&portal).await.len();
    let stranger = portal.browser_of("stranger").await;
    let page = format!("/audit?team={PAYMENTS}");
    let fields = [("page", page.as_str()), ("format", "jsonl"), ("filter[team]", PAYMENTS)];
    let answer = stranger.post(EXPORT, &fields).await;
    assert!(answer.is_redirect() && answer.location().starts_with(&page), "{}", answer.location());
    let page = stranger.get(answer.location()).await;
    assert_eq!(page.status, 422);
    page.assert_says("You have no access to a team with this name.");
    assert_eq!(stranger.post(EXPORT, &[("page", "/audit"), ("format", "xlsx")]).await.status, 400);
    assert_eq!(exports(&portal).await.len(), before);
}

#[tokio::test]
async fn nothing_is_exported_while_the_log_cannot_be_written() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let form = auditor.get("/audit?action=session").await.form(EXPORT);
    portal.database().await.refuse_entries().await;
    for format in ["csv", "jsonl", "bundle"] {
        let answer = auditor.submit(&form.clone().with("format", format)).await;
        assert_eq!((answer.status, answer.header("content-disposition")), (503, ""), "{format}");
        // What refuses entries here is a trigger, over which nothing is signed.
        if format != "bundle" {
            answer.assert_says("The audit log can't be written, so nothing was sent or changed.");
        }
    }
    portal.database().await.take_entries_again().await;
    assert_eq!(auditor.submit(&form.with("format", "csv")).await.header("content-type"), "text/csv; charset=utf-8");
}

#[tokio::test]
async fn nothing_is_exported_from_a_search_of_a_log_that_differs_from_what_was_signed_and_the_page_says_so() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    assert_eq!(export(&auditor, "action=session", "bundle").await.status, 200);
    let forged = "UPDATE entry SET leaf_hash = zeroblob(32) WHERE sequence = 1;
                  UPDATE entry SET subtrees = zeroblob(length(subtrees))";
    portal.database().await.tamper(forged).await;
    for format in ["bundle", "jsonl", "csv"] {
        let answer = export(&auditor, "action=session", format).await;
        assert!(
            answer.is_redirect() && answer.location().starts_with("/audit?action=session&problem="),
            "{format}: {}",
            answer.status
        );
        let page = auditor.get(answer.location()).await;
        assert_eq!(page.status, 200);
        page.assert_says("Nothing was exported. ");
        page.assert_says("partner-portal audit verify");
        page.assert_says("To investigate, export the log without a search");
    }
    // For people who investigate, everything can be exported up to the first entry that is not as it was written.
    let whole = auditor.get("/audit").await.form(EXPORT).with("format", "jsonl");
    assert!(auditor.try_submit(&whole).await.is_err(), "it does not break off");
}

#[tokio::test]
async fn a_changed_entry_breaks_off_every_download_and_is_named_on_pages() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let form = auditor.get("/audit?action=session").await.form(EXPORT);
    let changing = "UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'succeeded', 'rejected') AS BLOB)
                     WHERE sequence = (SELECT max(sequence) FROM operation WHERE action = 'session.start')";
    portal.database().await.tamper(changing).await;
    let entry = portal.entries().await.into_iter().rfind(|entry| entry.action.as_str() == "session.start").unwrap();
    for format in ["csv", "jsonl", "bundle"] {
        let refused = auditor.submit_and_follow(&form.clone().with("format", format)).await;
        refused
            .assert_says(&format!("Nothing was exported. Entry {} was changed after it was written", entry.sequence));
    }
    let whole = auditor.get("/audit").await.form(EXPORT);
    for format in ["csv", "jsonl"] {
        let cut = auditor.try_submit(&whole.clone().with("format", format)).await;
        assert!(cut.is_err(), "{format}: {}", cut.unwrap().body);
    }
    let list = auditor.get("/audit?action=session").await;
    list.assert_says(&format!("Entry {} was changed after it was written, so this may be wrong.", entry.sequence));
    let page = auditor.get(&format!("/audit/{}", entry.operation_id)).await;
    assert_eq!(page.status, 500);
    page.assert_says("The audit log was changed");
    page.assert_says(&format!(
        "Entry {} of the audit log was changed after it was written, so it isn't shown.",
        entry.sequence
    ));
}
