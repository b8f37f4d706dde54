//! What keeps the portal up: limits on requests, the addresses that they count by, and a reserve of disk space.

use futures::future::join_all;
use ipnet::IpNet;
use reqwest::Method;

use crate::support::{Browser, ChangeKind, Installation, Page, Targets, TestPortal, email, password};

/// Sends many requests at once and returns the answers.
async fn flood(browser: &Browser, requests: usize, path: &str) -> Vec<Page> {
    join_all((0..requests).map(|_| browser.get(path))).await
}

#[tokio::test]
async fn a_session_that_sends_too_many_requests_is_told_to_wait_and_others_are_served() {
    let portal = TestPortal::start().await;
    let (viewer, operator) = (portal.browser_of("viewer").await, portal.browser_of("operator").await);
    let answers = flood(&viewer, 600, "/account").await;
    let limited: Vec<&Page> = answers.iter().filter(|answer| answer.status == 429).collect();
    let served = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(served >= 290 && !limited.is_empty(), "{served} served, {} limited", limited.len());
    assert_eq!(served + limited.len(), answers.len());
    assert_eq!(limited[0].header("retry-after"), "1");
    limited[0].assert_says("Too many requests");
    limited[0].assert_says("Try again in 1 second.");
    assert_eq!(operator.get("/account").await.status, 200);
    // Neither probes nor static files count, and programs get the code.
    assert!(flood(&viewer, 50, "/healthz").await.iter().all(|answer| answer.status == 200));
    flood(&viewer, 300, "/account").await;
    let programs = (0..100).map(|_| {
        let request = viewer.request(Method::POST, "/api/fn/refresh").header("accept", "application/json");
        viewer.send(request)
    });
    let answers = join_all(programs).await.into_iter().map(Result::unwrap);
    let limited: Vec<Page> = answers.filter(|answer| answer.status == 429).collect();
    assert!(!limited.is_empty());
    assert!(limited[0].body.contains("\"error\":\"too_many_requests\""), "{}", limited[0].body);
}

#[tokio::test]
async fn people_without_a_session_are_limited_by_the_address_that_a_trusted_proxy_reports() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.requests_per_second = 2;
        config.trusted_proxies = vec![IpNet::new([127, 0, 0, 0].into(), 8).unwrap()];
    })
    .await;
    let browser = portal.browser();
    let asked_from = async |forwarded: &str, times: usize| -> usize {
        let requests = (0..times).map(|_| {
            let request = browser.request(Method::GET, "/login").header("x-forwarded-for", forwarded);
            browser.send(request)
        });
        join_all(requests).await.into_iter().filter(|answer| answer.as_ref().unwrap().status == 200).count()
    };
    assert!((20..30).contains(&asked_from("203.0.113.7:50123", 40).await));
    // The same person from another port, and with a made-up hop before.
    assert!(asked_from("1.1.1.1, 203.0.113.7:50124", 40).await < 10);
    assert!((20..30).contains(&asked_from("\"[2001:db8::7]:443\"", 40).await));
    assert!(asked_from("[2001:db8::8]:443", 40).await < 10);
    // People whom the proxy does not name are not limited like one person.
    assert_eq!(asked_from("unknown", 100).await, 100);
}

#[tokio::test]
async fn the_address_in_the_log_is_the_clients_however_the_proxy_writes_it() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.trusted_proxies = vec![IpNet::new([127, 0, 0, 1].into(), 32).unwrap()];
    })
    .await;
    for (forwarded, expected) in [("203.0.113.7:50123", "203.0.113.7"), ("\"[2001:db8::7]:443\"", "2001:db8::7")] {
        let browser = portal.browser();
        let body = format!("email={}&password={}", email("viewer").replace('@', "%40"), password("viewer"));
        let request = browser.request(Method::POST, "/api/fn/sign_in").header("x-forwarded-for", forwarded);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(browser.send(request).await.unwrap().status, 303);
        assert_eq!(portal.entries().await.last().unwrap().actor.ip.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn with_too_little_disk_space_people_can_read_and_nothing_is_changed() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| settings.min_free_disk = u64::MAX).await;
    let operator = portal.browser_of("operator").await;
    let page = operator.get("/teams/payments/connectors").await;
    assert_eq!(page.status, 200);
    let before = portal.entries().await.len();
    let mut targets = Targets::of(&portal);
    let change = targets.prepare(ChangeKind::Share, &operator).await;
    let refused = operator.submit(&change.form).await;
    assert_eq!(refused.status, 503);
    refused.assert_says("Nothing was changed: the disk is almost full");
    refused.assert_says("You can still read everything.");
    for (path, fields) in [
        ("/api/fn/export_audit", &[("page", "/audit"), ("format", "csv")][..]),
        ("/api/fn/change_password", &[("old_password", "x"), ("password", "long enough to be one")]),
        ("/api/fn/set_up", &[]),
    ] {
        assert_eq!(operator.post(path, fields).await.status, 503, "{path}");
    }
    assert_eq!(portal.entries().await.len(), before);
    let ready = portal.readiness().await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.body.starts_with("the disk is almost full: less than PORTAL_MIN_FREE_DISK is free"),
        "{}",
        ready.body
    );
    assert_eq!(portal.browser().get("/healthz").await.status, 200);
    assert_eq!(operator.post("/api/fn/sign_out", &[]).await.location(), "/login");
    portal.stop().await.assert_every_call_was_logged().await;
}
