//! `/audit` and `/audit/{operation}`: who sees which operations, in which order, and which queries are valid.

use portal::OperationId;
use rstest::rstest;

use crate::support::{Browser, ChangeKind, PAYMENTS, Page, Targets, TestPortal};

/// The operations that a page of the log lists, in its order.
pub fn listed(page: &Page) -> Vec<String> {
    page.attributes("tr", "id").iter().filter_map(|id| id.strip_prefix("row-").map(str::to_owned)).collect()
}

/// Flags an operation of the team `payments` this many times, as an auditor. Each flag is an operation.
pub async fn flag(auditor: &Browser, times: usize) {
    let list = auditor.get("/audit?team=payments&action=team.token.set").await;
    let page = list.links().into_iter().find(|link| link.starts_with("/audit/0")).expect("an operation");
    let flagged = page["/audit/".len()..].split(['#', '?']).next().unwrap_or_default();
    for _ in 0..times {
        let (entry, note) = (OperationId::new().to_string(), ("note", "Was that meant?"));
        let fields = [("id", flagged), ("operation", entry.as_str()), note];
        assert_eq!(auditor.post("/api/fn/flag_operation", &fields).await.status, 303);
    }
}

/// Attempts something without the right to it, this many times. The first three of a minute are operations.
pub async fn attempt(browser: &Browser, times: usize) {
    for number in 0..times {
        let fields = [("team", PAYMENTS), ("connection", &*(number + 1).to_string())];
        assert_eq!(browser.post("/api/fn/delete_connection", &fields).await.status, 403);
    }
}

#[rstest]
#[case("team=nowhere", "team")]
#[case("action=connector.explode", "action")]
#[case("outcome=maybe", "outcome")]
#[case("after=yesterday-ish", "after")]
#[case("before=2026-02-30", "before")]
#[case("reviewed=perhaps", "reviewed")]
#[case("q=colour%3Ared", "q")]
#[case("q=outcome%3Amaybe", "q")]
#[case("q=team%3Anowhere", "q")]
#[case("q=%22no+end", "q")]
#[case("q=%E2%80%93", "q")]
#[case("actor=a&actor=b", "actor")]
#[case("older=x", "older")]
#[case("older=5&newer=3", "older")]
#[tokio::test]
async fn an_invalid_value_shows_a_message_and_no_list(#[case] query: &str, #[case] field: &str) {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("auditor").await.get(&format!("/audit?{query}")).await;
    assert_eq!(page.status, 422);
    assert!(listed(&page).is_empty(), "{query} lists something");
    let elsewhere = format!("{field}: ");
    let is_elsewhere = || page.select(".problem").iter().any(|problem| problem.text.starts_with(&elsewhere));
    assert!(page.problem(field).is_some() || is_elsewhere(), "no message: {}", page.text());
}

#[tokio::test]
async fn members_see_their_teams_operations_and_auditors_everything() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    change.perform(&operator).await;
    let id = change.operation.to_string();
    for (who, sees) in [("operator", true), ("viewer", true), ("stranger", false), ("auditor", true), ("admin", true)] {
        let browser = portal.browser_of(who).await;
        let page = browser.get("/audit?action=connector.share").await;
        assert_eq!(listed(&page).contains(&id), sees, "{who}");
        let people = listed(&browser.get("/audit?action=person.create").await);
        assert_eq!(!people.is_empty(), matches!(who, "auditor" | "admin"), "{who} sees who was created");
    }
    // Another team's operation or team cannot be opened by naming it in the URL.
    let stranger = portal.browser_of("stranger").await;
    let connector = change.form.get("connector");
    for query in [
        format!("target=connector%3A{connector}"),
        format!("q={id}"),
        format!("q=target%3Aconnector%3A{connector}"),
        "q=wait+for+the+fix".to_owned(),
        "actor=operator%40partner.example".to_owned(),
    ] {
        let page = stranger.get(&format!("/audit?{query}")).await;
        assert!(listed(&page).is_empty(), "{query}");
        assert!(!page.text().contains("The operator"), "{query}: {}", page.text());
    }
    for query in [format!("team={PAYMENTS}"), format!("q=team%3A{PAYMENTS}"), format!("q=-team%3A{PAYMENTS}")] {
        assert_eq!(stranger.get(&format!("/audit?{query}")).await.status, 422, "{query}");
    }
}

#[tokio::test]
async fn the_search_box_and_the_fields_find_the_same() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        targets.prepare(kind, &operator).await.perform(&operator).await;
    }
    let auditor = portal.browser_of("auditor").await;
    let boxed = "/audit?q=team%3Apayments+action%3Aconnector.suppress+actor%3Aoperator+%22charges+twice%22";
    let fields = "/audit?team=payments&action=connector.suppress&actor=operator&q=%22charges+twice%22";
    let (boxed, fields) = (auditor.get(boxed).await, auditor.get(fields).await);
    assert_eq!((boxed.status, listed(&boxed).len()), (200, 1), "{}", boxed.text());
    assert_eq!(listed(&boxed), listed(&fields));
    let typed = "team:payments action:connector.suppress actor:operator \"charges twice\"";
    assert_eq!(boxed.value_of("q").as_deref(), Some(typed));
    boxed.assert_says("1 operation");
    // Each condition is a link to the list without it.
    let without = "/audit?q=team%3Apayments+action%3Aconnector.suppress+actor%3Aoperator";
    assert!(boxed.links().iter().any(|link| link == without), "{:?}", boxed.links());
    // Excluding the words finds all the others.
    let others =
        auditor.get("/audit?q=team%3Apayments+action%3Aconnector%2Cconnection%2Crecipe+-%22charges+twice%22").await;
    assert_eq!(listed(&others).len(), ChangeKind::ALL.len() - 1);
}

#[tokio::test]
async fn suggestions_come_only_from_the_visitors_own_teams() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    change.perform(&operator).await;
    let target = format!("connector:{}", change.form.get("connector"));
    for (who, sees) in [("viewer", true), ("auditor", true), ("stranger", false)] {
        let suggested = portal.browser_of(who).await.get("/audit").await.suggestions();
        for value in [target.clone(), format!("target:{target}"), "actor:\"The operator\"".to_owned()] {
            assert_eq!(suggested.contains(&value), sees, "{value} to {who}");
        }
    }
}

#[tokio::test]
async fn every_operation_is_on_exactly_one_page_newest_first() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    flag(&auditor, 120).await;
    let (mut path, mut walked) = ("/audit".to_owned(), Vec::new());
    loop {
        let page = auditor.get(&path).await;
        let here = listed(&page);
        assert!(!here.is_empty() && here.len() <= 50, "{} on {path}", here.len());
        walked.extend(here);
        // New operations do not move the pages.
        flag(&auditor, 1).await;
        match page.links().into_iter().find(|link| link.contains("older=") && !link.contains("op=")) {
            Some(older) => path = older,
            None => break,
        }
    }
    let entries = portal.entries().await;
    let mut expected: Vec<String> = Vec::new();
    for entry in entries.iter().rev() {
        let id = entry.operation_id.to_string();
        if !expected.contains(&id) {
            expected.push(id);
        }
    }
    let newer = expected.iter().position(|id| *id == walked[0]).unwrap();
    assert_eq!(walked, expected[newer..]);
    assert!(walked.len() > 120);
}
