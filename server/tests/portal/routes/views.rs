//! `/views` and saved views: as tabs of their list, in the sidebar, shared, renamed and deleted.

use crate::support::{Browser, ChangeKind, Installation, LENDING, PAYMENTS, Page, Targets, TestPortal};

const FOUND: &str = "/audit?team=payments&q=connector.share";
const CONNECTIONS: &str = "/teams/payments/connections";
const BROKEN: &str = "/teams/payments/connections?status=broken&sort=name&columns=updated%2Ctags&density=compact";

/// Saves the list at `page`. A box that is not ticked sends nothing, which an empty value stands for.
async fn save(who: &Browser, page: &str, name: &str, shared: bool) -> Page {
    let form = who.get(page).await.form("/api/fn/save_view").with("name", name);
    let form = form.with("shared", if shared { "yes" } else { "" });
    who.submit_and_follow(&form).await
}

async fn keep(who: &Browser, name: &str, shared: bool) -> Page {
    save(who, FOUND, name, shared).await
}

/// The tabs of a page: the texts, and which of them is the current one.
fn tabs(page: &Page) -> (Vec<String>, Vec<String>) {
    let texts = |css| page.select(css).into_iter().map(|tab| tab.text).collect();
    (texts("nav[aria-label=Views] a:not(.all)"), texts("nav[aria-label=Views] a[aria-current]"))
}

#[tokio::test]
async fn a_view_of_the_audit_log_is_in_the_sidebar_of_every_page_with_its_count() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.perform(&operator).await;
    let kept = keep(&operator, "Our shares", false).await;
    kept.assert_says("View saved");
    let page = operator.get("/teams/payments/connectors").await;
    page.assert_says("Our shares 1 All views");
    // It links to the search in its normal form.
    let links = page.links();
    let link = "/audit?q=connector.share+team%3Apayments";
    assert!(links.iter().any(|it| it == link), "{links:?}");
    let list = operator.get(link).await;
    assert_eq!(list.status, 200, "{}", list.text());
    list.assert_says("1 operation");
    assert_eq!(tabs(&list).1, ["Our shares 1"]);
    // Nobody else sees it.
    assert!(!portal.browser_of("viewer").await.get("/audit").await.text().contains("Our shares"));
}

#[tokio::test]
async fn a_shared_view_of_the_audit_log_shows_only_what_its_reader_may_see() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.perform(&operator).await;
    let auditor = portal.browser_of("auditor").await;
    save(&auditor, "/audit?q=action%3Aconnector", "Connectors", true).await;
    let row = "Connectors Audit log action:connector The auditor, shared with everyone";
    operator.get("/views").await.assert_says(&format!("{row} 1"));
    let stranger = portal.browser_of("stranger").await.get("/views").await;
    stranger.assert_says(&format!("{row} 0"));
    assert!(stranger.forms("/api/fn/rename_view").is_empty() && stranger.forms("/api/fn/delete_view").is_empty());
    let entries = portal.entries().await;
    assert_eq!(entries.iter().filter(|entry| entry.action.as_str() == "view.share").count(), 1);
}

#[tokio::test]
async fn a_view_is_renamed_and_deleted_and_a_bad_name_has_its_message() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    keep(&operator, "One", false).await;
    let again = save(&operator, "/audit?q=connector.suppress", "One", false).await;
    assert_eq!(again.problem("view-name").as_deref(), Some("You already have a view with this name."));
    save(&operator, "/audit?q=connector.suppress", "Two", true).await;
    let page = operator.get("/views").await;
    let rename = page.forms("/api/fn/rename_view").remove(1);
    assert_eq!(rename.get("name"), "Two");
    let refused = operator.submit_and_follow(&rename.clone().with("name", "One")).await;
    refused.assert_says("You already have a view with this name.");
    operator.submit_and_follow(&rename.with("name", "Three")).await.assert_says("View renamed.");
    let page = operator.get("/views").await;
    page.assert_says("Three");
    operator.submit_and_follow(&page.forms("/api/fn/delete_view").remove(0)).await.assert_says("View deleted.");
    let left = operator.get("/views").await.rows();
    assert!(left.len() == 1 && left[0][0].contains("Three"), "{left:?}");
}

#[tokio::test]
async fn a_view_of_connections_is_a_tab_that_shows_the_list_as_it_was_saved() {
    let portal = TestPortal::start().await;
    let (operator, viewer) = (portal.browser_of("operator").await, portal.browser_of("viewer").await);
    let list = operator.get(BROKEN).await;
    let broken = list.rows().len();
    let saved = save(&operator, BROKEN, "Broken by name", true).await;
    saved.assert_says("View saved.");
    let tab = format!("Broken by name {broken}");
    assert_eq!(tabs(&saved).1, [tab.as_str()], "the list as everyone sees it is another one");
    assert!(saved.forms("/api/fn/save_view").is_empty(), "it is saved already");
    let rows = saved.rows();
    assert_eq!(rows, list.rows());

    // A viewer of the team sees it, with the same count, and may not change it.
    let seen = viewer.get(CONNECTIONS).await;
    assert!(tabs(&seen).0.contains(&tab), "{:?}", tabs(&seen));
    let href = seen.attributes("nav[aria-label=Views] a:not(.all)", "href").pop().expect("a tab");
    assert_eq!(viewer.get(&href).await.rows(), rows);
    let views = viewer.get("/views").await;
    views.assert_says(
        "Broken by name Connections of Payments status:broken sort:name columns:updated,tags density:compact",
    );
    assert!(views.forms("/api/fn/delete_view").is_empty());
    let id = operator.get("/views").await.form("/api/fn/delete_view").get("id").to_owned();
    assert_eq!(viewer.post("/api/fn/delete_view", &[("id", &id)]).await.status, 403);

    // Who does not read the team knows nothing of it, and it is not a view of another team's list.
    let stranger = portal.browser_of("stranger").await;
    for page in ["/views".to_owned(), format!("/teams/{LENDING}/connections"), "/search?q=Broken+by+name".to_owned()] {
        let page = stranger.get(&page).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.links().iter().all(|href| !href.contains("columns=updated%2Ctags")), "{}", page.text());
    }
    assert_eq!(stranger.post("/api/fn/delete_view", &[("id", &id)]).await.status, 404);

    // A view that is deleted while its tab is open still leads to the list, and cannot be deleted again.
    operator.post_and_follow("/api/fn/delete_view", &[("id", &id)]).await.assert_says("View deleted.");
    assert_eq!(viewer.get(&href).await.rows(), rows);
    assert_eq!(operator.post("/api/fn/delete_view", &[("id", &id)]).await.status, 404);
    let actions: Vec<_> = portal.entries().await.iter().map(|entry| entry.action.to_string()).collect();
    let views: Vec<_> = actions.iter().filter(|action| action.starts_with("view.")).collect();
    assert_eq!(views, ["view.share", "view.delete", "view.delete"], "the viewer's attempt is one of them");
}

#[tokio::test]
async fn a_viewer_saves_views_and_a_stranger_saves_none_of_the_team() {
    let portal = TestPortal::start().await;
    let viewer = portal.browser_of("viewer").await;
    save(&viewer, "/teams/payments/connectors?release=behind&sort=-latest", "Updates", false)
        .await
        .assert_says("View saved.");
    let list = viewer.get("/teams/payments/connectors").await;
    assert!(tabs(&list).0.iter().any(|tab| tab.starts_with("Updates ")), "{:?}", tabs(&list));
    let operator = portal.browser_of("operator").await.get("/teams/payments/connectors").await;
    assert!(tabs(&operator).0.iter().all(|tab| !tab.starts_with("Updates ")), "{:?}", tabs(&operator));
    let stranger = portal.browser_of("stranger").await;
    let fields = [("list", "connectors"), ("name", "Mine"), ("query", "release=behind"), ("shared", "yes")];
    for (team, status) in [(PAYMENTS, 403), ("nowhere", 404)] {
        let refused = stranger.post("/api/fn/save_view", &[&fields[..], &[("team", team)]].concat()).await;
        assert_eq!(refused.status, status, "{team}");
    }
    assert!(portal.entries().await.iter().all(|entry| entry.action.as_str() != "view.share"));
}

#[tokio::test]
async fn a_view_with_a_bad_query_or_of_no_list_is_refused() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let post = async |list: &str, query: &str| {
        let page = format!("{CONNECTIONS}?status=broken");
        let fields =
            [("list", list), ("team", PAYMENTS), ("name", "Bad"), ("query", query), ("page", &page), ("shared", "yes")];
        operator.post_and_follow("/api/fn/save_view", &fields).await
    };
    for (query, says) in [
        ("status=odd", "Give success, broken, failed, exception or none."),
        ("status=broken&status=failed", "This filter appears twice. Remove one."),
        ("", "Change the list before you save the view."),
        ("columns=colour", "The list has no such column."),
        (
            &format!("q={}&external_id={}", "%F0%9F%9A%9A".repeat(160), "x".repeat(100)),
            "This view is too long to save.",
        ),
    ] {
        let refused = post("connections", query).await;
        refused.assert_says(says);
        assert_eq!(refused.value_of("view-name").as_deref(), Some("Bad"), "what was typed is still there");
    }
    let fields = [("list", "customers"), ("team", PAYMENTS), ("name", "Bad"), ("query", "q=a")];
    assert_eq!(operator.post("/api/fn/save_view", &fields).await.status, 400);
    operator.get("/views").await.assert_says("No saved views yet");
    assert!(portal.entries().await.iter().all(|entry| entry.action.as_str() != "view.share"));
}

#[tokio::test]
async fn of_a_hundred_posts_at_once_fifty_views_are_saved() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let operator = portal.browser_of("operator").await;
    let posts = (0..100).map(|number| {
        let (operator, name) = (&operator, format!("View {number}"));
        async move {
            let fields = [("list", "connections"), ("team", PAYMENTS), ("name", &name), ("query", "status=broken")];
            operator.post("/api/fn/save_view", &fields).await.location().contains("done=view-saved")
        }
    });
    let saved = futures::future::join_all(posts).await;
    assert_eq!(saved.into_iter().filter(|is_saved| *is_saved).count(), 50);
    assert_eq!(operator.get("/views").await.rows().len(), 50);
    // A page shows a few of them as tabs, and leads to all.
    let list = operator.get(CONNECTIONS).await;
    assert_eq!(tabs(&list).0.len(), 5 + 6);
    assert_eq!(list.attributes("nav[aria-label=Views] a.all", "href"), ["/views"]);
    save(&operator, BROKEN, "One more", false)
        .await
        .assert_says("You already have 50 views of this list. Delete one first.");
}

#[tokio::test]
async fn counts_cost_no_call_and_are_not_shown_before_the_list_was_read() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let fields = [("list", "connections"), ("team", PAYMENTS), ("name", "Broken ones"), ("query", "status=broken")];
    operator.post("/api/fn/save_view", &fields).await;
    operator.get("/views").await.assert_says("You Not counted yet");
    operator.get(CONNECTIONS).await;
    let calls = || portal.sandbox.workspace(0).expect("the workspace").calls().counted;
    let before = calls();
    let views = operator.get("/views").await;
    assert!(!views.says("Not counted yet"), "{}", views.text());
    assert_eq!(calls(), before);
}
