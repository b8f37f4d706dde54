//! Reviewing operations without JavaScript: from the list and from an operation's page, flags and their answers, and
//! the lists by state of review.

use portal::audit::{Action, Stage};

use crate::support::{Browser, ChangeKind, PAYMENTS, Page, Targets, TestPortal};

/// A portal with one operation of each kind by the operator, and the pages of those operations in order.
async fn portal_with_every_change() -> (TestPortal, Vec<String>) {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut pages = Vec::new();
    for kind in ChangeKind::ALL {
        let change = targets.prepare(kind, &operator).await;
        change.perform(&operator).await;
        pages.push(format!("/audit/{}", change.operation));
    }
    (portal, pages)
}

const TO_REVIEW: &str = "/audit?team=payments&action=connector.suppress&reviewed=no";

/// The pages of the operations that a list shows, in its order.
async fn listed(browser: &Browser, list: &str) -> Vec<String> {
    let page = browser.get(list).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.attributes("tr", "id").iter().filter_map(|id| Some(format!("/audit/{}", id.strip_prefix("row-")?))).collect()
}

fn review_of(page: &Page, operation: &str) -> crate::support::Form {
    let id = operation.rsplit('/').next().unwrap();
    let forms = page.forms("/api/fn/review_operation");
    forms.into_iter().find(|form| form.get("id") == id).unwrap_or_else(|| panic!("no button for {operation}"))
}

#[tokio::test]
async fn after_a_review_the_auditor_returns_to_the_next_row() {
    let (portal, _) = portal_with_every_change().await;
    let auditor = portal.browser_of("auditor").await;
    let list = "/audit?team=payments&action=connector.share%2Cconnector.suppress%2Cconnection.delete&reviewed=no";
    let rows = listed(&auditor, list).await;
    assert_eq!(rows.len(), 3);
    let form = review_of(&auditor.get(list).await, &rows[0]);
    let answer = auditor.submit(&form).await;
    let next = rows[1].rsplit('/').next().unwrap();
    assert!(answer.location().starts_with("/audit?team=payments&"), "{}", answer.location());
    assert!(answer.location().ends_with(&format!("#row-{next}")), "{}", answer.location());
    auditor.get(answer.location()).await.assert_says("Operation marked reviewed.");
    assert_eq!(listed(&auditor, list).await, rows[1..]);
    assert_eq!(listed(&auditor, "/audit?reviewed=yes").await, rows[..1]);
    // The entry names the auditor, the operation and its team.
    let entries = portal.entries().await;
    let said = entries.iter().rfind(|entry| entry.action == Action::OperationReview).unwrap();
    assert_eq!(said.stage, Stage::Recorded);
    assert!(rows[0].ends_with(&said.targets[0].id));
    assert_eq!(said.team.as_ref().map(|team| team.slug.as_str()), Some(PAYMENTS));
    // Sending it again adds no second entry.
    auditor.submit(&form).await;
    assert_eq!(portal.entries().await.len(), entries.len());
}

#[tokio::test]
async fn a_flag_is_answered_by_the_team_and_reviewed_again() {
    let (portal, _) = portal_with_every_change().await;
    let (auditor, operator) = (portal.browser_of("auditor").await, portal.browser_of("operator").await);
    let viewer = portal.browser_of("viewer").await;
    let page = listed(&auditor, TO_REVIEW).await.remove(0);

    let form = auditor.get(&page).await.form("/api/fn/flag_operation");
    let refused = auditor.submit_and_follow(&form.clone().with("note", " ")).await;
    assert_eq!(refused.problem("note").as_deref(), Some("Enter a question."));
    // The refusal did not use up the form.
    let shown = auditor.submit_and_follow(&form.with("note", "Was the <customer> told?")).await;
    shown.assert_says("Operation flagged.");
    shown.assert_says("An operator of Payments has to answer the flag.");
    assert_eq!(listed(&auditor, "/audit?reviewed=flagged").await, std::slice::from_ref(&page));

    let seen = viewer.get(&page).await;
    seen.assert_says("Was the <customer> told?");
    assert!(seen.forms("/api/fn/answer_flag").is_empty() && seen.forms("/api/fn/review_operation").is_empty());
    assert_eq!(listed(&operator, "/audit?q=reviewed%3Aflagged").await, std::slice::from_ref(&page));
    let form = operator.get(&page).await.form("/api/fn/answer_flag");
    let refused = operator.submit_and_follow(&form.clone().with("answer", "")).await;
    assert!(refused.problem("answer").is_some(), "{}", refused.text());
    operator.submit_and_follow(&form.with("answer", "Yes, by mail")).await.assert_says("Flag answered.");
    assert!(listed(&auditor, "/audit?reviewed=flagged").await.is_empty());
    assert_eq!(listed(&auditor, "/audit?reviewed=answered").await, std::slice::from_ref(&page));

    let shown = auditor.get(&page).await;
    shown.assert_says("Yes, by mail");
    let form = shown.form("/api/fn/review_operation");
    auditor.submit_and_follow(&form).await.assert_says("Operation marked reviewed.");
    assert!(listed(&auditor, TO_REVIEW).await.is_empty());
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn nobody_can_review_their_own_operation() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let fields = [("name", "Treasury"), ("slug", "treasury"), ("workato_url", portal.sandbox.base_url.as_str())];
    assert_eq!(admin.post("/api/fn/create_team", &fields).await.status, 303);
    let page = listed(&admin, "/audit?action=team.create&actor=admin&reviewed=no").await.remove(0);
    let own = admin.get(&page).await;
    own.assert_says("You can't review your own change.");
    assert!(own.forms("/api/fn/review_operation").is_empty());
    let id = page.rsplit('/').next().unwrap();
    let refused = admin.post_and_follow("/api/fn/review_operation", &[("id", id)]).await;
    refused.assert_says("You can't review your own change.");
    assert!(!refused.alerts().is_empty());
    assert_eq!(listed(&admin, "/audit?reviewed=yes").await, Vec::<String>::new());

    let auditor = portal.browser_of("auditor").await;
    auditor.submit_and_follow(&auditor.get(&page).await.form("/api/fn/review_operation")).await;
    assert_eq!(listed(&auditor, "/audit?reviewed=yes").await, [page]);
}

fn is_of_an_operation(link: &str) -> bool {
    link.strip_prefix("/audit/").is_some_and(|id| id.parse::<portal::OperationId>().is_ok())
}

#[tokio::test]
async fn a_refusal_links_only_to_entries_its_reader_can_open() {
    let (portal, pages) = portal_with_every_change().await;
    let stranger = portal.browser_of("stranger").await;
    let id = pages[0].rsplit('/').next().unwrap();
    for (path, fields) in [
        ("/api/fn/review_operation", vec![("id", id)]),
        ("/api/fn/delete_connection", vec![("team", PAYMENTS), ("connection", "1")]),
    ] {
        let refused = stranger.post(path, &fields).await;
        assert_eq!(refused.status, 403);
        let links = refused.links();
        assert!(links.iter().all(|link| !is_of_an_operation(link)), "{path}: {links:?}");
        assert_eq!(portal.entries().await.last().unwrap().stage, Stage::Denied, "{path}");
    }
    // A member of the team can open the entry.
    let viewer = portal.browser_of("viewer").await;
    let refused = viewer.post("/api/fn/review_operation", &[("id", id)]).await;
    let links = refused.links();
    let link = links.iter().find(|link| is_of_an_operation(link)).expect("a link to the entry");
    assert_eq!(viewer.get(link).await.status, 200);
}

#[tokio::test]
async fn the_page_of_an_operation_shows_the_change_and_related_operations() {
    let (portal, pages) = portal_with_every_change().await;
    let operator = portal.browser_of("operator").await;
    let page = operator.get(&pages[0]).await;
    page.assert_says("Before and after");
    page.assert_says("Field Before After shared version 7 8 latest released version 8 Unchanged");
    page.assert_says("On the same target none");
    page.assert_says("In the same hour");
    let links = page.links();
    let by_actor = "/audit?q=actor%3A%22operator%40partner.example%22";
    assert!(links.iter().any(|link| link == by_actor), "{links:?}");
    // Links to related operations work and show only what the visitor may see.
    for link in links.iter().filter(|link| link.starts_with("/audit?q=")) {
        assert_eq!(operator.get(link).await.status, 200, "{link}");
    }
    assert!(!page.text().contains("created team Lending"), "another team's");
    let link = format!("{}{}", portal.base, pages[0]);
    assert!(links.contains(&link), "{links:?}");
}

#[tokio::test]
async fn the_tabs_count_what_waits_for_the_reader() {
    let (portal, pages) = portal_with_every_change().await;
    let auditor = portal.browser_of("auditor").await;
    let tab = |page: &Page, name: &str| {
        let tabs = page.select(".tabs a");
        let tab = tabs.iter().find(|tab| tab.text.starts_with(name)).unwrap_or_else(|| panic!("no tab {name}"));
        tab.text.trim_start_matches(name).trim().parse::<usize>().unwrap_or_default()
    };
    let before = auditor.get("/audit").await;
    let waiting = tab(&before, "To review");
    assert!(waiting >= pages.len(), "{waiting}");
    assert_eq!(tab(&before, "Flagged"), 0);
    auditor.submit(&review_of(&auditor.get(TO_REVIEW).await, &listed(&auditor, TO_REVIEW).await[0])).await;
    // A filtered list waits for the index.
    auditor.get(TO_REVIEW).await;
    assert_eq!(tab(&auditor.get("/audit").await, "To review"), waiting - 1);
    // Somebody who reads no team has nothing of theirs to count.
    let nobody = portal.browser_of("admin").await;
    assert!(tab(&nobody.get("/audit").await, "To review") <= waiting);
}
