//! `/audit/figures`: charts that link to what they count, and whose work they show.

use rstest::rstest;

use super::audit::listed;
use crate::support::{ChangeKind, Targets, TestPortal};

#[tokio::test]
async fn every_bar_and_every_number_leads_to_the_search_that_finds_what_it_counts() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        targets.prepare(kind, &operator).await.perform(&operator).await;
    }
    let page = operator.get("/audit/figures?team=payments&days=7").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.has("svg.columns") && !page.has("[style]"));
    let mut links = page.links();
    links.retain(|link| link.starts_with("/audit?q="));
    links.sort();
    links.dedup();
    assert!(links.len() > 10, "{links:?}");
    let numbers: Vec<(String, usize)> = page
        .select("td.num > a")
        .iter()
        .map(|cell| (cell.attribute("href").unwrap().to_owned(), cell.text.parse().unwrap()))
        .collect();
    assert!(numbers.len() > 10, "{numbers:?}");
    for link in links {
        let found = operator.get(&link).await;
        assert_eq!(found.status, 200, "{link}: {}", found.text());
        for (_, number) in numbers.iter().filter(|(to, _)| *to == link) {
            assert_eq!(listed(&found).len(), *number, "{link}");
        }
    }
    page.assert_says("Changes by person");
    page.assert_says(&format!("operations {}", ChangeKind::ALL.len()));
}

#[tokio::test]
async fn members_see_only_the_work_of_their_teams() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.perform(&operator).await;
    let stranger = portal.browser_of("stranger").await.get("/audit/figures").await;
    assert!(!stranger.text().contains("The operator"), "{}", stranger.text());
    let auditor = portal.browser_of("auditor").await.get("/audit/figures").await;
    auditor.assert_says("The operator");
    assert_eq!(portal.browser_of("stranger").await.get("/audit/figures?team=payments").await.status, 422);
}

#[rstest]
#[case("team=nowhere", "team")]
#[case("team=No_Team", "team")]
#[case("days=8", "days")]
#[case("days=7&days=30", "days")]
#[tokio::test]
async fn an_invalid_value_shows_a_message_and_no_chart(#[case] query: &str, #[case] field: &str) {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("auditor").await.get(&format!("/audit/figures?{query}")).await;
    assert_eq!(page.status, 422);
    assert!(page.problem(field).is_some(), "{}", page.text());
    assert!(!page.has("svg.columns"));
}
