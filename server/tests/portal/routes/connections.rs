//! `/teams/{team}/connections`: which queries are valid, and what the page shows when Workato fails.

use rstest::rstest;

use crate::support::{PAYMENTS, Page, TestPortal};

const LIST: &str = "/teams/payments/connections";

#[rstest]
#[case("updated_after=yesterday-ish", "updated_after")]
#[case("updated_after=2026-13-01", "updated_after")]
#[case("updated_after=25h", "updated_after")]
#[case("page=-1", "page")]
#[case("page=0", "page")]
#[case("page=99999999999999999999", "page")]
#[case("page=1&page=1", "page")]
#[case("status=odd", "status")]
#[case("status=failed&status=success", "status")]
#[case("folder_id=abc", "folder_id")]
#[case("folder_id=-5", "folder_id")]
#[case("parent_id=1.5", "parent_id")]
#[case("include_runtime_connections=maybe", "include_runtime_connections")]
#[case("sort=color", "sort")]
#[case("sort=--name", "sort")]
#[case("q=a&q=b", "q")]
#[case("tag=x&tag=y", "tag")]
#[tokio::test]
async fn an_invalid_value_shows_a_message_and_no_list(#[case] query: &str, #[case] field: &str) {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("viewer").await.get(&format!("{LIST}?{query}")).await;
    assert_eq!(page.status, 422);
    assert!(!page.has("tbody"), "a list is shown for {query}");
    assert!(page.problem(field).is_some(), "no message beside {field}: {}", page.text());
}

#[tokio::test]
async fn empty_and_unknown_parameters_are_ignored() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let links = |page: Page| page.links().into_iter().filter(|href| href.starts_with(&format!("{LIST}/"))).count();
    let all = links(browser.get(LIST).await);
    assert_eq!(all, 50);
    for query in ["q=&tag=&status=&updated_after=&folder_id=&page=", "utm_source=mail", "q=%20"] {
        assert_eq!(links(browser.get(&format!("{LIST}?{query}")).await), all, "{query}");
    }
}

#[tokio::test]
async fn every_list_can_be_searched_for_any_name() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    // As many characters as are taken, within the 8 KiB that a URL has.
    let longest = "%C3%BC".repeat(1_000);
    for list in ["connections?q=", "customers?q=", "connectors?title="] {
        for name in [longest.as_str(), "%00", "a%00b", "%1B%5B31m", "two%0D%0Alines%09and%20more"] {
            let page = browser.get(&format!("/teams/{PAYMENTS}/{list}{name}")).await;
            assert_eq!(page.status, 200, "{list}{name}: {}", page.text());
            assert!(!page.has("tbody"), "something is found by {list}{name}");
        }
        let page = browser.get(&format!("/teams/{PAYMENTS}/{list}{longest}x")).await;
        assert_eq!(page.status, 422, "{list}");
    }
}

#[rstest]
#[case::failed("500", 502)]
#[case::html("html", 502)]
#[case::reset("reset", 502)]
#[case::cut("cut", 502)]
#[case::truncated("truncate", 502)]
#[case::refused("status 401", 502)]
#[case::redirected("redirect https://evil.example/", 502)]
#[case::refused_for_rate("429 retry-after=7", 503)]
#[case::silent("hang", 504)]
#[tokio::test]
async fn each_failure_of_workato_is_explained_on_a_page_of_the_portal(#[case] fault: &str, #[case] status: u16) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    for (path, call) in [
        (LIST.to_owned(), "GET /api/connections"),
        (format!("/teams/{PAYMENTS}/connectors"), "GET /api/custom_connectors"),
    ] {
        portal.sandbox.faults().put("fault", format!("{call}: {fault}").parse().unwrap());
        let page = browser.get(&path).await;
        assert_eq!(page.status, status, "{path}: {}", page.text());
        page.assert_says(page.header("x-request-id"));
        assert!(page.links().contains(&path), "the page has no link to try again");
        if status == 503 {
            let seconds: u64 = page.header("retry-after").parse().unwrap();
            assert!((1..=7).contains(&seconds), "{seconds}");
        }
        assert!(!page.text().contains("reqwest") && !page.text().contains("wrkaus-"), "{}", page.text());
    }
    portal.sandbox.faults().clear();
}

#[tokio::test]
async fn the_list_is_back_as_soon_as_workato_is() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    portal.sandbox.faults().put("fault", "GET /api/connections: 500".parse().unwrap());
    assert_eq!(browser.get(LIST).await.status, 502);
    portal.sandbox.faults().clear();
    assert_eq!(browser.get(LIST).await.status, 200);
}

#[rstest]
#[case::failed("500 x1")]
#[case::reset("reset x1")]
#[case::cut("cut x1")]
#[tokio::test]
async fn a_brief_failure_of_workato_is_not_shown(#[case] fault: &str) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    portal.sandbox.faults().put("fault", format!("GET /api/connections: {fault}").parse().unwrap());
    assert_eq!(browser.get(LIST).await.status, 200);
    assert_eq!(portal.sandbox.faults().list()[0].struck, 1);
}

#[tokio::test]
async fn equal_reads_share_one_call_until_somebody_refreshes() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let calls = "GET /api/connections: latency 40ms";
    portal.sandbox.faults().put("count", calls.parse().unwrap());
    let struck = || portal.sandbox.faults().list()[0].struck;
    let pages = futures::future::join_all((0..8).map(|_| browser.get(LIST))).await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(struck(), 1);
    let form = pages[0].form("/api/fn/refresh");
    assert_eq!(browser.submit(&form).await.location(), LIST);
    browser.get(LIST).await;
    assert_eq!(struck(), 2);
    browser.get(LIST).await;
    assert_eq!(struck(), 2);
}
