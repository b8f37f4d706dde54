//! How many bytes the largest page has, and what it refers to.

use reqwest::{Method, header};

use crate::support::{Installation, PAYMENTS, TestPortal};

/// A page of 50 connections with every filter, in bytes, as `make bench-pages` prints it. Three fifths of them are its rows,
/// each with a check box.
const MOST: usize = 60_000;
const MOST_PACKED: usize = 14_000;

#[tokio::test]
async fn a_page_of_fifty_connections_keeps_its_weight() {
    let portal = TestPortal::serve(Installation::new().await).await;
    let browser = portal.browser_of("operator").await;
    let path = format!("/teams/{PAYMENTS}/connections");
    let page = browser.get(&path).await;
    assert_eq!(page.rows().len(), 50);
    assert!(page.body.len() <= MOST, "{} bytes", page.body.len());

    // Without gzip of its own, the client counts what is sent.
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let request = client
        .get(format!("{}{path}", browser.base))
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::COOKIE, browser.cookie().unwrap());
    let packed = request.send().await.unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    let packed = packed.bytes().await.unwrap().len();
    assert!(packed <= MOST_PACKED, "{packed} bytes");
}

#[tokio::test]
async fn icons_come_from_one_file_that_browsers_keep() {
    let portal = TestPortal::serve(Installation::new().await).await;
    let browser = portal.browser_of("operator").await;
    let page = browser.get(&format!("/teams/{PAYMENTS}/connections")).await;
    let uses = page.attributes("use", "href");
    assert!(uses.len() > 50, "{uses:?}");
    let (sheet, _) = uses[0].split_once('#').unwrap();

    let file = browser.send(browser.request(Method::GET, sheet)).await.unwrap();
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), "image/svg+xml; charset=utf-8");
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    for used in &uses {
        let (path, id) = used.split_once('#').unwrap();
        assert_eq!(path, sheet);
        assert!(file.body.contains(&format!("<symbol id=\"{id}\"")), "{used}");
    }
    assert_eq!(browser.get("/i/00000000.svg").await.status, 404);
}
