//! Pages that are sent again without being drawn: to nobody else, and never when anything that they show has changed.

use std::time::Duration;

use futures::future::join_all;
use portal::TeamRole;
use reqwest::Method;

use crate::support::{Browser, Child, Installation, PAYMENTS, Page, TestPortal, eventually};

const LIST: &str = "/teams/payments/connections";
const CONNECTORS: &str = "/teams/payments/connectors";
const AUDIT: &str = "/audit";

/// The page, once nothing about it is still being read or counted.
async fn settled(browser: &Browser, path: &str) -> Page {
    eventually("the page stays the same", Duration::from_secs(20), || async {
        let (first, second) = (browser.get(path).await, browser.get(path).await);
        (first.main_part() == second.main_part() && first.status == 200).then_some(second)
    })
    .await
}

fn nonces(page: &Page) -> Vec<String> {
    page.attributes("script", "nonce")
}

#[tokio::test]
async fn a_page_is_sent_again_with_a_nonce_of_its_own_and_without_marks() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut seen = Vec::new();
    for path in [LIST, CONNECTORS, AUDIT] {
        settled(&browser, path).await;
        for _ in 0..20 {
            let page = browser.get(path).await;
            let (policy, nonces) = (page.header("content-security-policy"), nonces(&page));
            assert!(!nonces.is_empty() && nonces.iter().all(|nonce| *nonce == nonces[0]), "{nonces:?}");
            assert!(policy.contains(&format!("'nonce-{}'", nonces[0])), "{policy}");
            assert_eq!(page.body.matches(&nonces[0]).count(), nonces.len(), "a mark was left");
            assert_eq!(page.header("cache-control"), "no-store");
            seen.push(nonces[0].clone());
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}

#[tokio::test]
async fn what_is_sent_again_is_counted_and_looks_as_it_did() {
    let installation = Installation::new().await;
    let mut child = Child::start_program(&installation, &["env", "PORTAL_METRICS_ADDR=127.0.0.1:0"]).await;
    let address = child.line_with("Metrics on http://").await.trim().trim_end_matches("/metrics").to_owned();
    let sent_again = || async {
        let scraped = Browser::new(&format!("http://{address}")).get("/metrics").await.body;
        let line = scraped.lines().find_map(|line| line.strip_prefix("portal_pages_sent_again_total "));
        line.map_or(0.0, |count| count.parse::<f64>().unwrap())
    };
    let browser = Browser::of(&child.base, "operator").await;
    let drawn = settled(&browser, LIST).await;
    let before = sent_again().await;
    for _ in 0..10 {
        assert_eq!(browser.get(LIST).await.main_part(), drawn.main_part());
    }
    // It is drawn again every ten seconds.
    assert!(sent_again().await >= before + 8.0);
    let head = browser.send(browser.request(Method::HEAD, LIST)).await.unwrap();
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(browser.post(LIST, &[]).await.status, 405);
    // A search in the index, and what belongs to one request.
    let before = sent_again().await;
    for path in ["/audit?q=share", "/teams/payments/connections?form=x", "/account", "/"] {
        for _ in 0..3 {
            browser.get(path).await;
        }
    }
    assert_eq!(sent_again().await, before);
    child.stop().await;
}

#[tokio::test]
async fn nobody_gets_the_page_of_somebody_else() {
    let portal = TestPortal::start().await;
    let (operator, viewer, auditor) =
        (portal.browser_of("operator").await, portal.browser_of("viewer").await, portal.browser_of("auditor").await);
    for browser in [&operator, &viewer, &auditor] {
        settled(browser, LIST).await;
    }
    let names = ["The operator", "The viewer", "The auditor"];
    let named = |page: &Page| page.select(".me summary")[0].text.clone();
    let asked = (0..120).map(|number| {
        let who = number % 3;
        let browser = [&operator, &viewer, &auditor][who].clone();
        async move {
            let page = browser.get([LIST, CONNECTORS, AUDIT][number / 3 % 3]).await;
            assert!(named(&page).starts_with(names[who]), "{}", named(&page));
            assert_eq!(page.has("[action='/api/fn/dry_run']"), who == 0 && number / 3 % 3 < 2, "{}", names[who]);
        }
    });
    join_all(asked).await;
    // Nor without a session, or with a made-up one.
    let stranger = portal.browser();
    assert_eq!(stranger.get(LIST).await.status, 303);
    let forged = stranger.request(Method::GET, LIST).header("cookie", "portal=AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(stranger.send(forged).await.unwrap().status, 303);
    // Two sessions of one person have their own pages.
    let second = portal.browser_of("operator").await;
    assert!(named(&second.get(LIST).await).starts_with(names[0]));
}

#[tokio::test]
async fn an_ended_session_and_other_rights_count_at_once() {
    let portal = TestPortal::start().await;
    let (viewer, operator) = (portal.browser_of("viewer").await, portal.browser_of("operator").await);
    for browser in [&viewer, &operator] {
        settled(browser, LIST).await;
    }
    // Out of the team, by another process.
    portal.make_member("viewer", None).await;
    let page = viewer.get(LIST).await;
    assert!(matches!(page.status, 303 | 403), "{}", page.status);
    assert!(!page.has("#list"), "{}", page.text());
    // Fewer rights in the team.
    portal.make_member("operator", Some(TeamRole::Viewer)).await;
    let page = operator.get(LIST).await;
    assert!(!page.has("[action='/api/fn/dry_run']"), "{}", page.text());

    let auditor = portal.browser_of("auditor").await;
    settled(&auditor, AUDIT).await;
    let cookie = auditor.cookie().unwrap();
    auditor.post("/api/fn/sign_out", &[]).await;
    let replayed = auditor.request(Method::GET, AUDIT).header("cookie", cookie);
    assert_eq!(auditor.send(replayed).await.unwrap().status, 303);
}

#[tokio::test]
async fn what_somebody_changes_everybody_sees_with_the_next_page() {
    let portal = TestPortal::start().await;
    let (operator, auditor) = (portal.browser_of("operator").await, portal.browser_of("auditor").await);
    for round in 0..5 {
        for browser in [&operator, &auditor] {
            settled(browser, AUDIT).await;
            settled(browser, LIST).await;
        }
        // An entry of the log, and a tab of the list.
        let name = format!("Broken, the {round}th");
        let fields = [("list", "connections"), ("team", PAYMENTS), ("query", "status=broken"), ("page", LIST)];
        let mut fields = fields.to_vec();
        fields.extend([("name", name.as_str()), ("shared", "yes")]);
        let saved = operator.post("/api/fn/save_view", &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        operator.get(LIST).await.assert_says(&name);
        assert!(operator.get(LIST).await.says(&name) && auditor.get(LIST).await.says(&name));
    }
}

#[tokio::test]
async fn an_old_copy_is_marked_at_once_and_no_longer_than_it_is_old() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let page = settled(&browser, LIST).await;
    assert!(!page.says("Showing the copy from"));
    portal.sandbox.faults().put("fault", "* /api/**: 500".parse().unwrap());
    browser.submit(&page.form("/api/fn/refresh")).await;
    for _ in 0..3 {
        browser.get(LIST).await.assert_says("Showing the copy from");
    }
    portal.sandbox.faults().remove("fault");
    let page = eventually("Workato is asked again", Duration::from_secs(30), || async {
        let page = browser.get(LIST).await;
        (!page.says("Showing the copy from")).then_some(page)
    });
    assert_eq!(page.await.status, 200);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    portal.sandbox.faults().put("fault", "* /api/**: 500".parse().unwrap());
    for _ in 0..3 {
        assert!(browser.get(LIST).await.status >= 500);
    }
    portal.sandbox.faults().remove("fault");
    eventually("Workato is asked again", Duration::from_secs(30), || async {
        (browser.get(LIST).await.status == 200).then_some(())
    })
    .await;
    assert_eq!(browser.get("/teams/payments/connections?status=odd").await.status, 422);
    assert_eq!(browser.get("/teams/payments/connections?status=odd").await.status, 422);
}
