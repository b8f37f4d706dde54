//! `/audit/searches` and saved searches: in the sidebar, shared, renamed and deleted.

use crate::support::{Browser, ChangeKind, Targets, TestPortal};

const FOUND: &str = "/audit?team=payments&q=connector.share";

async fn keep(who: &Browser, name: &str, shared: bool) -> crate::support::Page {
    let form = who.get(FOUND).await.form("/api/fn/save_search").with("name", name);
    // A box that is not ticked sends nothing, which an empty value stands for.
    let form = form.with("shared", if shared { "yes" } else { "" });
    who.submit_and_follow(&form).await
}

#[tokio::test]
async fn a_saved_search_is_in_the_sidebar_of_every_page_with_its_count() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.perform(&operator).await;
    let kept = keep(&operator, "Our shares", false).await;
    kept.assert_says("View saved");
    let page = operator.get("/teams/payments/connectors").await;
    page.assert_says("Our shares 1 All searches");
    // It links to the search in its normal form.
    let links = page.links();
    let link = "/audit?q=connector.share+team%3Apayments";
    assert!(links.iter().any(|it| it == link), "{links:?}");
    let list = operator.get(link).await;
    assert_eq!(list.status, 200, "{}", list.text());
    list.assert_says("1 operation");
    // Nobody else sees it.
    assert!(!portal.browser_of("viewer").await.get("/audit").await.text().contains("Our shares"));
}

#[tokio::test]
async fn a_shared_search_finds_only_what_its_reader_may_see() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.perform(&operator).await;
    let auditor = portal.browser_of("auditor").await;
    let form = auditor.get("/audit?q=action%3Aconnector").await.form("/api/fn/save_search");
    auditor.submit_and_follow(&form.with("name", "Connectors").with("shared", "yes")).await;
    operator
        .get("/audit/searches")
        .await
        .assert_says("Connectors action:connector From The auditor, shared with everyone 1");
    let stranger = portal.browser_of("stranger").await.get("/audit/searches").await;
    stranger.assert_says("Connectors action:connector From The auditor, shared with everyone 0");
    assert!(stranger.forms("/api/fn/rename_search").is_empty() && stranger.forms("/api/fn/delete_search").is_empty());
    let entries = portal.entries().await;
    assert_eq!(entries.iter().filter(|entry| entry.action.as_str() == "search.share").count(), 1);
}

#[tokio::test]
async fn a_saved_search_is_renamed_and_deleted_and_a_bad_name_has_its_message() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    keep(&operator, "One", false).await;
    let again = keep(&operator, "One", false).await;
    assert_eq!(again.problem("name").as_deref(), Some("You already have a view with this name."));
    keep(&operator, "Two", true).await;
    let page = operator.get("/audit/searches").await;
    let rename = page.forms("/api/fn/rename_search").remove(1);
    assert_eq!(rename.get("name"), "Two");
    let refused = operator.submit_and_follow(&rename.clone().with("name", "One")).await;
    refused.assert_says("You already have a view with this name.");
    operator.submit_and_follow(&rename.with("name", "Three")).await.assert_says("View renamed.");
    let page = operator.get("/audit/searches").await;
    page.assert_says("Three");
    operator.submit_and_follow(&page.forms("/api/fn/delete_search").remove(0)).await.assert_says("View deleted.");
    let left = operator.get("/audit/searches").await.rows();
    assert!(left.len() == 1 && left[0][0].contains("Three"), "{left:?}");
}
