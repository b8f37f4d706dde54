//! `/teams/{team}/connectors/{id}/code`: the whole code as text, whatever it contains, and what a token without the
//! right to read it still shows.

use std::time::{Duration, Instant};

use sandbox::{Alteration, Privilege, Privileges};

use crate::support::{PAYMENTS, TestPortal};

fn rewritten(portal: &TestPortal, code: &str) -> String {
    let workspace = portal.sandbox.workspace(0).unwrap();
    let connector_id = workspace.connectors()[0].id;
    workspace.alter(&Alteration::RewriteConnector { connector_id, code: code.to_owned() }).unwrap();
    format!("/teams/{PAYMENTS}/connectors/{connector_id}/code")
}

#[tokio::test]
async fn code_is_shown_verbatim_with_line_numbers() {
    let portal = TestPortal::start().await;
    let path = rewritten(&portal, "{\r\n  title: '<script>alert(1)</script> & Übung',\r\n}\r\n");
    let browser = portal.browser_of("viewer").await;
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    page.assert_says("{ title: '<script>alert(1)</script> & Übung', }");
    page.assert_says("3 lines");
    assert!(page.select("pre").iter().any(|numbers| numbers.text == "1 2 3"), "{}", page.body);
    assert!(!page.has("main script"));
}

#[tokio::test]
async fn code_with_invisible_characters_is_marked() {
    let portal = TestPortal::start().await;
    let path = rewritten(&portal, "first\nif admin \u{202e}\u{2066}// nothing\n");
    let page = portal.browser_of("viewer").await.get(&path).await;
    page.assert_says("Hidden characters can make this code look different from what it does (line 2).");
    page.assert_says("if admin [U+202E][U+2066]// nothing");
    assert!(!page.body.contains(['\u{202e}', '\u{2066}']), "a bidirectional control is in the page");
}

#[tokio::test]
async fn a_megabyte_of_code_is_rendered_once_and_quickly() {
    let portal = TestPortal::start().await;
    let line = "  get('/v1/payments').after_error_response(/.*/) { |_, body| error(body) }\n";
    let code = line.repeat(1_000_000 / line.len());
    let path = rewritten(&portal, &code);
    let browser = portal.browser_of("viewer").await;
    let began = Instant::now();
    let page = browser.get(&path).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!((page.status, page.body.matches("/v1/payments").count()), (200, code.lines().count()));
}

#[tokio::test]
async fn code_is_read_only_for_its_own_page() {
    let portal = TestPortal::start().await;
    let path = rewritten(&portal, "{}");
    portal.sandbox.faults().put("no code", "GET /api/custom_connectors/*/code: 500".parse().unwrap());
    let browser = portal.browser_of("viewer").await;
    let connector = browser.get(path.trim_end_matches("/code")).await;
    assert_eq!(connector.status, 200);
    assert!(connector.links().contains(&path), "no link to it");
    assert_eq!(browser.get(&path).await.status, 502);
}

#[tokio::test]
async fn a_token_without_the_right_to_read_code_still_shows_the_connector() {
    let portal = TestPortal::start().await;
    let path = rewritten(&portal, "{}");
    let token = portal.sandbox.tokens[0].parse().unwrap();
    portal.sandbox.admit(&token, 0, Privileges::without(&[Privilege::Code]));
    let browser = portal.browser_of("operator").await;
    let page = browser.get(&path).await;
    assert_eq!(page.status, 502);
    page.assert_says("The code can't be shown");
    page.assert_says("GET /api/custom_connectors/:id/code was refused (401): Unauthorized.");
    let connector = browser.get(path.trim_end_matches("/code")).await;
    assert_eq!(connector.status, 200);
    assert!(!connector.forms("/api/fn/share_version").is_empty());
}

#[tokio::test]
async fn the_code_of_an_unknown_connector_is_not_found() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    for id in ["1", "x", "0"] {
        let page = browser.get(&format!("/teams/{PAYMENTS}/connectors/{id}/code")).await;
        assert_eq!(page.status, 404, "{id}");
    }
}
