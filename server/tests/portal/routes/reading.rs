//! Reading the log of a team without belonging to it: one entry for each session and team, which is never a reason not
//! to show the log.

use portal::audit::{Action, Entry};

use crate::support::{ChangeKind, LENDING, PAYMENTS, Targets, TestPortal};

/// Who read which team's log, in order; an empty team stands for all.
fn readings(entries: &[Entry]) -> Vec<(String, Option<String>)> {
    let readings = entries.iter().filter(|entry| entry.action == Action::AuditRead);
    readings.map(|entry| (entry.actor.name.clone(), entry.team.as_ref().map(|team| team.slug.to_string()))).collect()
}

#[tokio::test]
async fn reading_another_teams_log_is_one_entry_for_each_session_and_team() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    change.perform(&operator).await;
    let paths = [
        format!("/audit?team={PAYMENTS}"),
        format!("/audit/{}", change.operation),
        format!("/audit/figures?team={PAYMENTS}"),
        format!("/audit?q=team%3A{LENDING}"),
        "/audit".to_owned(),
        "/audit/figures".to_owned(),
    ];
    let auditor = portal.browser_of("auditor").await;
    // A target's page lists its operations, too.
    let session = portal.browser_of("auditor").await;
    assert_eq!(session.get(&change.page).await.status, 200);
    let of = |team: Option<&str>| ("The auditor".to_owned(), team.map(str::to_owned));
    assert_eq!(readings(&portal.entries().await), [of(Some(PAYMENTS))]);
    for path in paths.iter().chain(&paths) {
        assert_eq!(auditor.get(path).await.status, 200, "{path}");
    }
    let once = [of(Some(PAYMENTS)), of(Some(PAYMENTS)), of(Some(LENDING)), of(None)];
    assert_eq!(readings(&portal.entries().await), once);

    // Another session is another entry. A member of the team leaves none.
    portal.browser_of("auditor").await.get(&paths[0]).await;
    for path in &paths {
        operator.get(path).await;
    }
    assert_eq!(readings(&portal.entries().await), [once.as_slice(), &[of(Some(PAYMENTS))]].concat());
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn the_log_can_be_read_while_it_cannot_be_written() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let before = portal.entries().await;
    let operation = before.iter().find(|entry| entry.action == Action::TeamTokenSet).expect("a team's token");
    let pages = ["/audit".to_owned(), format!("/audit/{}", operation.operation_id), "/audit/figures".to_owned()];
    portal.database().await.refuse_entries().await;
    for path in &pages {
        let page = auditor.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    assert_eq!(portal.entries().await.len(), before.len());
    portal.database().await.take_entries_again().await;
    auditor.get("/audit").await;
    assert_eq!(readings(&portal.entries().await).len(), 1);
}
