//! `/audit/figures`: pictures that lead to what they count, their tables, and whose work is in them.

use rstest::rstest;

use super::audit::listed;
use crate::support::{Kind, Targets, TestPortal};

#[tokio::test]
async fn every_bar_and_every_number_leads_to_the_search_that_finds_what_it_counts() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in Kind::ALL {
        targets.ask(kind, &operator).await.perform(&operator).await;
    }
    let page = operator.get("/audit/figures?team=payments&days=7").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.html.contains("<svg class=\"columns\"") && !page.html.contains(" style="));
    let mut links = page.attributes("a", "href");
    links.retain(|link| link.starts_with("/audit?q="));
    links.sort();
    links.dedup();
    assert!(links.len() > 10, "{links:?}");
    let numbers = numbers(&page.html);
    assert!(numbers.len() > 10, "{numbers:?}");
    for link in links {
        let found = operator.get(&link).await;
        assert_eq!(found.status, 200, "{link}: {}", found.text());
        for (_, number) in numbers.iter().filter(|(to, _)| *to == link) {
            assert_eq!(listed(&found).len(), *number, "{link}");
        }
    }
    page.assert_says("Who changes what");
    page.assert_says(&format!("by The operator {}", Kind::ALL.len()));
}

/// The numbers in the tables, and where each leads.
fn numbers(html: &str) -> Vec<(String, usize)> {
    let cells = html.split("<td class=\"num\"><a href=\"").skip(1);
    let cells = cells.map(|cell| cell.split_once("</a>").unwrap().0.split_once("\">").unwrap());
    cells.map(|(href, number)| (href.replace("&amp;", "&"), number.parse().unwrap())).collect()
}

#[tokio::test]
async fn members_see_the_work_of_their_teams_alone() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    Targets::of(&portal).ask(Kind::Share, &operator).await.perform(&operator).await;
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
async fn a_bad_value_is_a_message_and_no_picture(#[case] query: &str, #[case] field: &str) {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("auditor").await.get(&format!("/audit/figures?{query}")).await;
    assert_eq!(page.status, 422);
    assert!(page.html.contains(&format!("id=\"{field}-problem\"")), "{}", page.text());
    assert!(!page.html.contains("<svg class=\"columns\""));
}
