//! Export of the filtered list of connections: exactly what the list shows, and logged before the first byte is sent.

use portal::audit::{Entry, Stage};
use sandbox::Alteration;
use serde_json::{Value, json};

use crate::support::{Browser, PAYMENTS, Page, TestPortal};

const LIST: &str = "/teams/payments/connections";

/// Exports the list of this query.
async fn export(browser: &Browser, query: &str) -> Page {
    let form = browser.get(&format!("{LIST}?{query}")).await.form("/api/fn/export_connections");
    browser.submit(&form).await
}

fn rows(file: &Page) -> Vec<csv::StringRecord> {
    let text = file.body.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    csv::Reader::from_reader(text.as_bytes()).records().collect::<Result<_, _>>().unwrap()
}

/// The ids of the connections on every page of the list, in order.
async fn listed(browser: &Browser, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 1.. {
        let page = browser.get(&format!("{LIST}?{query}&page={number}")).await;
        let hrefs = page.links().into_iter();
        let of_page: Vec<_> =
            hrefs.filter_map(|href| Some(href.strip_prefix(&format!("{LIST}/"))?.to_owned())).collect();
        let of_page: Vec<_> = of_page.into_iter().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).collect();
        if of_page.is_empty() {
            break;
        }
        ids.extend(of_page);
    }
    ids
}

async fn exports(portal: &TestPortal) -> Vec<Entry> {
    let mut entries = portal.entries().await;
    entries.retain(|entry| entry.action.as_str() == "connection.export");
    entries
}

#[tokio::test]
async fn the_file_holds_every_page_of_the_filtered_list_in_order() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    for query in ["", "status=success&sort=name", "include_runtime_connections=true&sort=-application&page=2"] {
        let file = export(&browser, query).await;
        assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
        let ids: Vec<String> = rows(&file).iter().map(|row| row[0].to_owned()).collect();
        let expected = listed(&browser, &query.replace("&page=2", "")).await;
        assert!(expected.len() > 50, "{query} fits on one page");
        assert_eq!(ids, expected, "{query}");
    }
    let shown: Vec<Value> =
        exports(&portal).await.into_iter().map(|entry| entry.parameters["filter"].clone()).collect();
    assert_eq!(
        shown,
        [
            json!({}),
            json!({ "status": "success", "sort": "name" }),
            json!({ "include_runtime_connections": "true", "sort": "-application" }),
        ]
    );
}

#[tokio::test]
async fn the_file_is_named_after_team_and_day_and_the_export_is_logged() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("auditor").await;
    let file = export(&browser, "provider=salesforce").await;
    let name = file.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"connections-payments-20") && name.ends_with(".csv\""), "{name}");
    let entries = exports(&portal).await;
    let entry = &entries[0];
    assert_eq!((entry.stage, entries.len()), (Stage::Recorded, 1));
    assert_eq!(entry.parameters["count"], json!(rows(&file).len()));
    assert_eq!(entry.team.as_ref().unwrap().slug.as_str(), PAYMENTS);
    let log = browser.get("/audit?action=connection.export").await;
    log.assert_says(&format!("The auditor exported {} connections of Payments", rows(&file).len()));
    assert_eq!(browser.get(&format!("/audit/{}", entry.operation_id)).await.status, 200);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn no_cell_of_the_file_is_a_formula() {
    let portal = TestPortal::start().await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    for (number, name) in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1:A9)", "\t=1", "\r=1"].into_iter().enumerate() {
        let id = workspace.deletable_connections()[number].id;
        let rename = Alteration::RenameConnection { connection_id: id, name: name.to_owned() };
        workspace.alter(&rename).unwrap();
    }
    let rows = rows(&export(&portal.browser_of("operator").await, "").await);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
    assert!(rows.iter().any(|row| &row[1] == "'=cmd|' /C calc'!A0"));
}

#[tokio::test]
async fn no_file_is_sent_while_the_log_cannot_be_written() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = browser.get(LIST).await.form("/api/fn/export_connections");
    portal.database().await.refuse_entries().await;
    let answer = browser.submit(&form).await;
    assert_eq!((answer.status, answer.header("content-disposition")), (503, ""));
    answer.assert_says("The audit log can't be written, so nothing was sent or changed.");
    portal.database().await.take_entries_again().await;
    assert_eq!(browser.submit(&form).await.header("content-type"), "text/csv; charset=utf-8");
}

#[tokio::test]
async fn an_invalid_filter_or_a_failing_workato_exports_nothing_and_is_not_logged() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = browser.get(LIST).await.form("/api/fn/export_connections");
    let wrong = form.clone().with("page", &format!("{LIST}?status=odd")).with("filter[status]", "odd");
    let answer = browser.submit(&wrong).await;
    assert!(answer.location().starts_with(&format!("{LIST}?status=odd")), "{}", answer.location());
    let page = browser.get(answer.location()).await;
    assert_eq!(page.status, 422);
    page.assert_says("Give success, broken, failed, exception or none.");

    portal.sandbox.faults().put("down", "GET /api/connections: 500".parse().unwrap());
    let answer = browser.submit(&form.clone().with("filter[provider]", "never_read_before")).await;
    assert_eq!((answer.status, answer.header("content-disposition")), (502, ""));
    assert!(exports(&portal).await.is_empty());

    let elsewhere = form.with("page", "https://evil.example/").with("filter[status]", "odd");
    assert!(browser.submit(&elsewhere).await.location().starts_with("/?problem="));
}
