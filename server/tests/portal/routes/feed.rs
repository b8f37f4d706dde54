//! `GET /api/v1/audit`: the audit log for collectors with a token. The page that makes tokens is in `admin_feeds`.

use std::{fs, path::Path, process::Output};

use reqwest::{Method, header::HeaderMap};
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{Browser, Page, TestPortal};

/// The documentation for collectors.
const FEED_PAGE: &str = include_str!("../../../../docs/audit-feed.md");

/// Makes a token by the form. Returns it as the page shows it.
async fn token(admin: &Browser, name: &str) -> String {
    let form = admin.get("/admin/feeds").await.form("/api/fn/create_feed_token");
    let page = admin.submit_and_follow(&form.with("name", name)).await;
    let shown = page.select("code").into_iter().map(|code| code.text).find(|text| text.starts_with("portal-feed-"));
    shown.unwrap_or_else(|| panic!("no token: {}", page.text()))
}

/// Sends a collector's request: without cookies, and not for a page.
async fn collect(portal: &TestPortal, token: &str, query: &str) -> Page {
    let nobody = portal.browser();
    let asked = nobody.request(Method::GET, &format!("/api/v1/audit{query}"));
    nobody.send(asked.header("accept", "*/*").header("authorization", format!("Bearer {token}"))).await.unwrap()
}

fn sequences(page: &Page) -> Vec<i64> {
    let lines = page.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["entry"]["sequence"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_collector_reads_the_log_to_its_end_and_learns_where_to_continue() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let token = token(&admin, "Vector").await;
    let (mut got, mut after) = (Vec::new(), 0);
    loop {
        let page = collect(&portal, &token, &format!("?after={after}&limit=7")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "application/x-ndjson"), "{}", page.body);
        let next: i64 = page.header("x-audit-next").parse().unwrap();
        if page.body.is_empty() {
            assert_eq!(next, after);
            break;
        }
        got.extend(sequences(&page));
        after = next;
    }
    let entries = portal.entries().await;
    assert_eq!(got, (1..=entries.len() as i64).collect::<Vec<_>>());
    // The entry has the token's name and not the token.
    let made = entries.iter().find(|entry| entry.action.as_str() == "feed.create").unwrap();
    assert_eq!(made.targets[0].name.as_deref(), Some("Vector"));
}

#[tokio::test]
async fn a_token_is_shown_once_and_stops_working_when_it_is_revoked() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let token = token(&admin, "Fluent Bit").await;
    let page = admin.get("/admin/feeds").await;
    assert!(!page.body.contains(&token), "it is shown a second time");
    page.assert_says("Fluent Bit");
    assert_eq!(collect(&portal, &token, "").await.status, 200);
    let shown = admin.submit_and_follow(&page.form("/api/fn/revoke_feed_token")).await;
    shown.assert_says("The token is revoked");
    let refused = collect(&portal, &token, "").await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
    let actions: Vec<_> = portal.entries().await.iter().map(|entry| entry.action.to_string()).collect();
    assert!(actions.contains(&"feed.create".to_owned()) && actions.contains(&"feed.revoke".to_owned()));
}

#[rstest]
#[case::none(None)]
#[case::another(Some("Bearer portal-feed-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))]
#[case::empty(Some("Bearer "))]
#[case::a_password(Some("Basic b3BlcmF0b3I6cGFzc3dvcmQ="))]
#[tokio::test]
async fn without_a_valid_token_even_an_admin_gets_nothing(#[case] authorization: Option<&str>) {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    for browser in [&portal.browser(), &admin] {
        let mut request = browser.request(Method::GET, "/api/v1/audit?after=x");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let refused = browser.send(request).await.unwrap();
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
        assert_eq!(refused.header("content-type"), "application/json");
        assert!(!refused.body.contains("sequence"), "{}", refused.body);
    }
}

#[tokio::test]
async fn a_token_opens_no_page_and_allows_no_other_method() {
    let portal = TestPortal::start().await;
    let token = token(&portal.browser_of("admin").await, "Vector").await;
    let nobody = portal.browser();
    let ask = async |method: Method, path: &str| {
        let request = nobody.request(method, path).header("authorization", format!("Bearer {token}"));
        nobody.send(request).await.unwrap()
    };
    for path in ["/audit", "/admin/feeds", "/account", "/teams/payments/connections"] {
        let page = ask(Method::GET, path).await;
        assert!(page.is_redirect() && page.location().starts_with("/login"), "{path}: {}", page.status);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(ask(method.clone(), "/api/v1/audit").await.status, 405, "{method}");
    }
    assert_eq!(ask(Method::GET, "/api/v1/connections").await.status, 404);
    let headers: HeaderMap = ask(Method::GET, "/api/v1/audit").await.headers;
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(headers["cache-control"], "no-store");
    assert!(headers.contains_key("content-security-policy"));
}

#[rstest]
#[case("?after=-1", "after")]
#[case("?after=x", "after")]
#[case("?limit=0", "limit")]
#[case("?limit=1001", "limit")]
#[case("?wait=31", "wait")]
#[case("?after=1&after=2", "after")]
#[tokio::test]
async fn an_invalid_parameter_is_named_in_the_error(#[case] query: &str, #[case] field: &str) {
    let portal = TestPortal::start().await;
    let token = token(&portal.browser_of("admin").await, "Vector").await;
    let refused = collect(&portal, &token, query).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains(&format!("\"field\":\"{field}\"")), "{}", refused.body);
}

/// Runs one round of the documentation's script in a folder.
async fn one_round(portal: &TestPortal, folder: &Path) -> Output {
    let from = FEED_PAGE.find("#!/bin/sh").expect("a script");
    let script = FEED_PAGE[from..].split("```").next().expect("its end");
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("AUDIT_FEED_ONCE", "yes").env("AUDIT_FEED_DIR", folder);
    command.env("AUDIT_FEED_URL", format!("{}/api/v1/audit", portal.base));
    command.env("AUDIT_FEED_HEADER", folder.join("header")).output().await.expect("a shell and curl")
}

/// The sequences in the script's file; `None` for a line that is not JSON.
fn collected(folder: &Path) -> Vec<Option<i64>> {
    let text = fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    let sequence = |line: &str| serde_json::from_str::<Value>(line).ok()?["entry"]["sequence"].as_i64();
    text.lines().map(sequence).collect()
}

#[tokio::test]
async fn the_documented_script_loses_nothing_wherever_it_is_stopped() {
    let portal = TestPortal::start().await;
    let token = token(&portal.browser_of("admin").await, "Script").await;
    let folder = TempDir::with_prefix("portal-feed-").unwrap();
    let (log, after) = (folder.path().join("audit.jsonl"), folder.path().join("after"));
    fs::write(folder.path().join("header"), format!("Authorization: Bearer {token}\n")).unwrap();

    let done = one_round(&portal, folder.path()).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let first = portal.entries().await.len() as i64;
    assert_eq!(collected(folder.path()), (1..=first).map(Some).collect::<Vec<_>>());
    assert_eq!(fs::read_to_string(&after).unwrap(), format!("{first}\n"));

    // The script was stopped while writing, before it saved its position.
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, &text[..text.len() - 20]).unwrap();
    fs::remove_file(&after).unwrap();
    portal.browser_of("operator").await;
    let last = portal.entries().await.len() as i64;
    assert!(last > first, "a sign-in is an entry");
    assert!(one_round(&portal, folder.path()).await.status.success());
    let mut expected: Vec<_> = (1..first).map(Some).collect();
    expected.push(None);
    expected.extend((1..=last).map(Some));
    assert_eq!(collected(folder.path()), expected);
}
