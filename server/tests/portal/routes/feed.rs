//! `GET /api/v1/audit`: the audit log for collectors with a token. The page that makes tokens is in `admin_feeds`.

use std::{fs, path::Path, process::Output};

use reqwest::{Method, header::HeaderMap};
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{Browser, Page, TestPortal};

/// The documentation for collectors, and the script that it shows.
const FEED_PAGE: &str = include_str!("../../../../docs/audit-feed.md");
const SCRIPT: &str = include_str!("../../../../docs/audit-feed/audit-feed.sh");
const SCRIPT_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/audit-feed/audit-feed.sh");

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
    shown.assert_says("Token revoked");
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
    let mut command = Command::new("sh");
    command.arg(SCRIPT_FILE).env("AUDIT_FEED_ONCE", "yes").env("AUDIT_FEED_DIR", folder).env("AUDIT_FEED_PAUSE", "0");
    command.env("AUDIT_FEED_WAIT", "0").env("AUDIT_FEED_URL", format!("{}/api/v1/audit", portal.base));
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

/// A folder for the script, with the header that it sends.
fn script_folder(token: &str) -> TempDir {
    let folder = TempDir::with_prefix("portal-feed-").unwrap();
    fs::write(folder.path().join("header"), format!("Authorization: Bearer {token}\n")).unwrap();
    folder
}

#[test]
fn the_page_shows_the_script_as_it_is() {
    assert!(FEED_PAGE.contains(&format!("```sh\n{SCRIPT}```\n")), "docs/audit-feed.md differs from the script");
}

#[tokio::test]
async fn the_script_recovers_from_whatever_a_power_cut_left_of_its_place() {
    let portal = TestPortal::start().await;
    let token = token(&portal.browser_of("admin").await, "Script").await;
    let last = portal.entries().await.len() as i64;
    for left in [
        &b""[..],
        b"\n",
        b"\0",
        b"\0\0\0\0\0\0\0\0",
        b"2\0\0",
        b"\x002",
        b"2\n3\n",
        b"2 3",
        b"-1",
        b"+2",
        b"0x2",
        b"2a",
        b"two",
        b"99999999999999999999999999",
        b"9223372036854775808",
        "٢".as_bytes(),
        b"\xff\xfe",
        b"$(id)",
        b"*",
    ] {
        let folder = script_folder(&token);
        fs::write(folder.path().join("after"), left).unwrap();
        let done = one_round(&portal, folder.path()).await;
        let shown = String::from_utf8_lossy(left);
        assert!(
            done.status.success() && done.stderr.is_empty(),
            "{shown:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert_eq!(collected(folder.path()), (1..=last).map(Some).collect::<Vec<_>>(), "{shown:?}");
        assert_eq!(fs::read_to_string(folder.path().join("after")).unwrap(), format!("{last}\n"), "{shown:?}");
    }
    // The end of the file that was not on disk yet may be NULs, too.
    let folder = script_folder(&token);
    fs::write(folder.path().join("audit.jsonl"), b"{\"cut\0\0\0\0").unwrap();
    assert!(one_round(&portal, folder.path()).await.status.success());
    let expected: Vec<_> = std::iter::once(None).chain((1..=last).map(Some)).collect();
    assert_eq!(collected(folder.path()), expected);
    // With nothing new, nothing is written and the place stays.
    assert!(one_round(&portal, folder.path()).await.status.success());
    assert_eq!(collected(folder.path()), expected);
    assert_eq!(fs::read_to_string(folder.path().join("after")).unwrap(), format!("{last}\n"));
}

#[tokio::test]
async fn the_script_says_why_the_portal_refuses_and_writes_nothing() {
    let portal = TestPortal::start().await;
    let token = token(&portal.browser_of("admin").await, "Script").await;
    let folder = script_folder(&token);
    fs::write(folder.path().join("after"), "70000\n").unwrap();
    let done = one_round(&portal, folder.path()).await;
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("answered 422") && said.contains("\"after\""), "{said}");
    assert!(!folder.path().join("audit.jsonl").exists());
    assert_eq!(fs::read_to_string(folder.path().join("after")).unwrap(), "70000\n");

    let changing =
        "UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'portal', 'Portal') AS BLOB) WHERE sequence = 1";
    portal.database().await.tamper(changing).await;
    fs::write(folder.path().join("after"), "0\n").unwrap();
    let said = one_round(&portal, folder.path()).await.stderr;
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.contains("answered 500") && said.contains("Entry 1 of the audit log was changed after it was written"),
        "{said}"
    );
    assert!(!folder.path().join("audit.jsonl").exists());
}
