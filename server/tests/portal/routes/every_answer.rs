//! What holds for every answer: headers, error pages, where a post may come from, and how large it may be.

use insta::{assert_snapshot, with_settings};
use reqwest::Method;
use rstest::rstest;

use super::ADDRESSES_AND_IDS;
use crate::support::{Browser, PAYMENTS, Page, Targets, TestPortal};

fn assert_guarded(page: &Page, what: &str) {
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'nonce-", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(page.header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
}

/// The policy blocks everything inline, so there must be nothing inline.
fn assert_nothing_inline(page: &Page, what: &str) {
    assert!(!page.has("[style]"), "{what} has an inline style");
    assert!(!page.has("style"), "{what} has an inline style sheet");
    let policy = page.header("content-security-policy");
    for script in page.select("script") {
        let nonce =
            script.attribute("nonce").unwrap_or_else(|| panic!("{what} has a script without a nonce: {script:?}"));
        assert!(policy.contains(&format!("'nonce-{nonce}'")), "{what}: {nonce} is not in {policy}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let connection = Targets::of(&portal).unused_connection();
    let workspace = portal.sandbox.workspace(0).unwrap();
    let (connector, customer) = (workspace.connectors()[0].id, workspace.customers()[0].id);
    for path in [
        "/",
        "/login",
        "/setup",
        "/account",
        "/audit",
        "/admin/teams",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/pkg/nothing.js",
        "/teams/payments/connectors",
        "/teams/payments/customers",
        "/teams/payments/recipes?recipe=x",
        "/teams/payments/connections?page=-1",
        "/teams/lending/connections",
        "/api/fn/sign_in",
        &format!("/teams/payments/connections/{connection}"),
        &format!("/teams/payments/connectors/{connector}/code"),
        &format!("/teams/payments/connectors/{connector}/compare?from=1&to=2"),
        &format!("/teams/payments/connectors/{connector}/promote"),
        &format!("/teams/payments/connectors/{connector}/promote?to=lending"),
        &format!("/teams/payments/customers/{customer}"),
    ] {
        for browser in [&operator, &portal.browser()] {
            let page = browser.get(path).await;
            assert_guarded(&page, path);
            assert_nothing_inline(&page, path);
        }
    }
    portal.sandbox.faults().put("down", "* /api/**: 500".parse().unwrap());
    let unread = workspace.connectors()[1].id;
    let down = operator.get(&format!("/teams/payments/connectors/{unread}/code")).await;
    assert_eq!(down.status, 502);
    assert_guarded(&down, "an error of Workato's");
    let refused = operator.post("/api/fn/create_team", &[]).await;
    assert_eq!(refused.status, 403);
    assert_guarded(&refused, "a refusal");
}

#[tokio::test]
async fn every_error_page_shows_the_request_id() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    for (method, path, status) in [
        (Method::GET, "/nowhere", 404),
        (Method::GET, "/teams/nowhere/connections", 404),
        (Method::GET, "/teams/lending/connections", 403),
        (Method::GET, "/admin/people", 403),
        (Method::GET, "/api/fn/sign_in", 405),
        (Method::POST, "/account", 405),
        (Method::PUT, "/teams/payments/connections", 405),
        (Method::POST, "/api/fn/nothing", 404),
        (Method::DELETE, "/api/fn/sign_out", 405),
    ] {
        let page = browser.send(browser.request(method.clone(), path)).await.unwrap();
        assert_eq!(page.status, status, "{method} {path}");
        assert!(page.has("h1"), "{method} {path}: {}", page.body);
        assert!(!page.header("x-request-id").is_empty());
        page.assert_says(page.header("x-request-id"));
        assert_guarded(&page, path);
    }
}

#[tokio::test]
async fn a_program_that_asks_for_json_gets_a_refusal_as_json() {
    let portal = TestPortal::start().await;
    let viewer = portal.browser_of("viewer").await;
    let large = format!("reason={}", "x".repeat(300 * 1024));
    let mut answers = Vec::new();
    for (browser, path, body) in [
        (&viewer, "/api/fn/nothing", ""),
        (&viewer, "/api/fn/delete_connection", "team=payments&connection=1"),
        (&viewer, "/api/fn/create_team", "name=Treasury"),
        (&viewer, "/api/fn/delete_connection", "team=nowhere&connection=1"),
        (&viewer, "/api/fn/refresh", "team=payments&team=lending"),
        (&viewer, "/api/fn/share_version", &large),
    ] {
        let request = browser.request(Method::POST, path).header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
        let answer = browser.send(request).await.unwrap();
        answers.push(format!("{path}: {} {} {}", answer.status, answer.header("content-type"), answer.body));
    }
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(answers.join("\n"), @r#"
    /api/fn/nothing: 404 application/json {"error":"not_found","message":"Nothing exists at this address, or it was removed. Check the address, or start from home."}
    /api/fn/delete_connection: 403 application/json {"error":"forbidden","message":"You don't have permission to do this. Nothing was done. Ask an admin for access.","operation":"ID"}
    /api/fn/create_team: 403 application/json {"error":"forbidden","message":"You don't have permission to do this. Nothing was done. Ask an admin for access.","operation":"ID"}
    /api/fn/delete_connection: 404 application/json {"error":"not_found","message":"Nothing exists at this address, or it was removed. Check the address, or start from home."}
    /api/fn/refresh: 400 application/json {"error":"malformed","message":"The form was incomplete, so nothing was done. Go back, reload the page and try again."}
    /api/fn/share_version: 413 application/json {"error":"too_large","message":"The request is larger than the portal accepts, so nothing was done. Send less."}
    "#) });
}

/// A post that another site's page could send.
async fn post_from(browser: &Browser, header: (&str, &str), content_type: &str, body: &str) -> Page {
    let request = browser.request(Method::POST, "/api/fn/sign_out").header(header.0, header.1);
    browser.send(request.header("content-type", content_type).body(body.to_owned())).await.unwrap()
}

#[rstest]
#[case::by_origin(("origin", "https://evil.example"))]
#[case::by_an_opaque_origin(("origin", "null"))]
#[case::by_another_port(("origin", "http://127.0.0.1:1"))]
#[case::by_fetch_metadata(("sec-fetch-site", "cross-site"))]
#[case::by_a_sibling(("sec-fetch-site", "same-site"))]
#[tokio::test]
async fn a_post_from_another_site_is_refused_whatever_its_content_type(#[case] header: (&str, &str)) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    for content_type in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json",
        "application/octet-stream",
        "",
    ] {
        for body in ["", "team=payments"] {
            let page = post_from(&browser, header, content_type, body).await;
            assert_eq!(page.status, 403, "{content_type:?}");
            page.assert_says("This request came from another site, so nothing was done.");
            assert_guarded(&page, content_type);
        }
    }
    assert_eq!(browser.get("/account").await.status, 200, "still signed in");
}

#[tokio::test]
async fn a_post_from_the_portals_own_pages_is_accepted() {
    let portal = TestPortal::start().await;
    let base = portal.base.clone();
    for header in [("origin", base.as_str()), ("sec-fetch-site", "same-origin")] {
        let browser = portal.browser_of("operator").await;
        let page = post_from(&browser, header, "application/x-www-form-urlencoded", "").await;
        assert_eq!((page.status, page.location()), (303, "/login"));
    }
}

#[tokio::test]
async fn a_form_over_the_size_limit_is_refused() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let reason = "x".repeat(300 * 1024);
    let page = browser.post("/api/fn/share_version", &[("team", PAYMENTS), ("reason", &reason)]).await;
    assert_eq!(page.status, 413);
    page.assert_says("The request is larger than the portal accepts, so nothing was done. Send less.");
    assert_guarded(&page, "a large post");
    // Without a content length.
    let pieces = futures::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>("reason=".repeat(2_000))));
    let streamed = browser.request(Method::POST, "/api/fn/share_version");
    let streamed = streamed
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(reqwest::Body::wrap_stream(pieces));
    let page = browser.send(streamed).await.unwrap();
    assert!((400..500).contains(&page.status), "{}", page.status);
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn nothing_changes_on_get() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let entries = portal.entries().await.len();
    for path in ["/api/fn/sign_out", "/api/fn/refresh?team=payments", "/api/fn/share_version?team=payments"] {
        assert_eq!(browser.get(path).await.status, 405, "{path}");
    }
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(portal.entries().await.len(), entries);
}
