//! Changes made in Workato without the portal: each is one entry, and the portal's own changes are not.

use std::time::Duration;

use portal::audit::{Action, Entry, Outcome, Stage};
use rstest::rstest;
use sandbox::{Alteration, Options, Privileges, Token};
use serde_json::json;
use tokio::time::sleep;

use crate::support::{Browser, ChangeKind, Installation, PAYMENTS, Targets, TestPortal, eventually};

async fn compare(browser: &Browser) -> String {
    let answer = browser.post("/api/fn/compare_with_log", &[("team", PAYMENTS)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.location().to_owned()
}

async fn observed(installation: &Installation) -> Vec<Entry> {
    installation.entries().await.into_iter().filter(|entry| entry.stage == Stage::Observed).collect()
}

#[tokio::test]
async fn a_change_outside_the_portal_is_an_entry_with_the_author_that_workato_names() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let mut targets = Targets::of(&portal);
    let (connector_id, version) = targets.shareable_connector();
    let (suppressed, connection_id) = (targets.shared_connector(), targets.unused_connection());
    assert!(compare(&auditor).await.contains("done=watch-begun"));
    assert!(compare(&auditor).await.contains("done=nothing-observed"));
    assert!(observed(&portal).await.is_empty());

    let was = workspace.connector(connector_id).unwrap().shared.map(|shared| shared.version);
    workspace.alter(&Alteration::ShareConnector { connector_id, version }).unwrap();
    workspace.alter(&Alteration::SuppressConnector { connector_id: suppressed }).unwrap();
    workspace.alter(&Alteration::RemoveConnection { connection_id }).unwrap();
    let list = compare(&auditor).await;
    assert!(list.starts_with("/audit?"), "{list}");

    let entries = observed(&portal).await;
    let of = |action| entries.iter().find(|entry| entry.action == action).expect("an entry");
    assert_eq!(entries.len(), 3, "{entries:?}");
    let shared = of(Action::ConnectorShare);
    assert_eq!(shared.targets[0].id, connector_id.to_string());
    assert_eq!(shared.parameters["version"], json!(version));
    assert_eq!(shared.before.as_ref().unwrap()["shared_version"], json!(was));
    assert_eq!((shared.actor.id, shared.actor.name.as_str()), (None, "outside the portal"));
    let evidence = shared.evidence.as_ref().unwrap();
    assert_eq!(evidence["source"], "Workato's activity log");
    assert_eq!(evidence["person"]["name"], "Dana Whitfield");
    assert_eq!(of(Action::ConnectorSuppress).targets[0].id, suppressed.to_string());
    assert_eq!(of(Action::ConnectionDelete).targets[0].id, connection_id.to_string());

    let page = auditor.get(&list).await;
    page.assert_says(&format!("Outside the portal: shared version {version} of"));
    page.assert_says("by Dana Whitfield");
    let one = auditor.get(&format!("/audit/{}", shared.operation_id)).await;
    one.assert_says("Changed outside the portal");
    // Each is reported once.
    assert!(compare(&auditor).await.contains("done=nothing-observed"));
    assert_eq!(observed(&portal).await.len(), 3);
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn the_portals_own_changes_are_not_observed() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    assert!(compare(&operator).await.contains("done=watch-begun"));
    for kind in ChangeKind::ALL {
        targets.prepare(kind, &operator).await.perform(&operator).await;
    }
    assert!(compare(&operator).await.contains("done=nothing-observed"));
    assert!(observed(&portal).await.is_empty());
}

#[tokio::test]
async fn without_the_activity_log_a_change_is_still_observed() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let (connector_id, version) = Targets::of(&portal).shareable_connector();
    compare(&operator).await;
    portal.sandbox.faults().put("fault", "GET /api/activity_logs: 500".parse().unwrap());
    let change = Alteration::ShareConnector { connector_id, version };
    portal.sandbox.workspace(0).unwrap().alter(&change).unwrap();
    compare(&operator).await;
    let entries = observed(&portal).await;
    let [entry] = &entries[..] else { panic!("one entry: {entries:?}") };
    assert_eq!(entry.evidence.as_ref().unwrap().get("person"), None);
}

#[tokio::test]
async fn a_truncated_list_does_not_count_as_deletions() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    compare(&operator).await;
    portal.sandbox.faults().put("fault", "GET /api/connections: truncate x1".parse().unwrap());
    let answer = operator.post("/api/fn/compare_with_log", &[("team", PAYMENTS)]).await;
    assert!(answer.status == 303 || answer.status == 502, "{answer:?}");
    assert!(observed(&portal).await.is_empty());
}

#[tokio::test]
async fn teams_are_compared_in_the_background() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.watch_every = Duration::from_millis(200);
        settings.first_watch_after = None;
    })
    .await;
    let (connector_id, version) = Targets::of(&portal).shareable_connector();
    let workspace = portal.sandbox.workspace(0).unwrap();
    let is_watched = |entry: &Entry| {
        entry.action == Action::TeamWatch && entry.team.as_ref().is_some_and(|team| team.slug.as_str() == PAYMENTS)
    };
    until(|| async { portal.entries().await.iter().any(is_watched) }).await;
    workspace.alter(&Alteration::ShareConnector { connector_id, version }).unwrap();
    until(|| async { !observed(&portal).await.is_empty() }).await;
    assert_eq!(observed(&portal).await.len(), 1);
}

#[rstest]
#[case::while_the_lists_are_read("GET /api/connections: latency 3s x1")]
#[case::before_the_differences_are_written("GET /api/activity_logs: latency 3s x1")]
#[tokio::test]
async fn a_token_replaced_during_a_comparison_makes_nothing_look_changed(#[case] slow: &str) {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.upstream.timeout = Duration::from_secs(30);
    })
    .await;
    let (operator, admin) = (portal.browser_of("operator").await, portal.browser_of("admin").await);
    let another: Token = "wrkaus-payments-another-0123456789".parse().unwrap();
    portal.sandbox.admit(&another, 0, Privileges::all());
    assert!(compare(&operator).await.contains("done=watch-begun"));
    let connection_id = Targets::of(&portal).unused_connection();
    portal.sandbox.workspace(0).unwrap().alter(&Alteration::RemoveConnection { connection_id }).unwrap();

    portal.sandbox.faults().put("fault", slow.parse().unwrap());
    let comparing = tokio::spawn(async move { compare(&operator).await });
    // Long enough to reach the slow call, and shorter than the call takes.
    sleep(Duration::from_millis(1_000)).await;
    let replace = [("team", PAYMENTS), ("token", another.as_str())];
    admin.post_and_follow("/api/fn/set_token", &replace).await.assert_says("Token saved");
    assert!(!comparing.is_finished(), "the token was replaced too late to show anything");

    // The comparison begins anew, with the new token.
    let answer = comparing.await.unwrap();
    assert!(answer.contains("done=watch-begun"), "{answer}");
    assert!(observed(&portal).await.is_empty());
    let is_begin = |entry: &&Entry| {
        entry.action == Action::TeamWatch && entry.team.as_ref().is_some_and(|team| team.slug.as_str() == PAYMENTS)
    };
    assert_eq!(portal.entries().await.iter().filter(is_begin).count(), 2);
}

#[tokio::test]
async fn twenty_thousand_differences_do_not_hold_up_a_change() {
    const LEFT: &str = "seen WHERE name = 'As it was'";
    let installation = Installation::with(Options { connections: 20_000, ..Options::on_any_port() }).await;
    let portal =
        TestPortal::serve_with(installation, |settings| settings.upstream.timeout = Duration::from_secs(30)).await;
    let operator = portal.browser_of("operator").await;
    let share = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    assert!(compare(&operator).await.contains("done=watch-begun"));
    let rename = "UPDATE seen SET name = 'As it was' WHERE kind = 'connection'";
    portal.write_with_key("seen", rename).await;
    let all = portal.database().await.count(LEFT).await;
    assert!(all >= 20_000, "{all}");

    let comparing = tokio::spawn({
        let operator = operator.clone();
        async move { compare(&operator).await }
    });
    eventually("the comparison writes", Duration::from_secs(60), || async {
        (portal.database().await.count(LEFT).await < all).then_some(())
    })
    .await;
    operator.submit(&share.form).await;
    let left = portal.database().await.count(LEFT).await;
    assert!(left > 0, "the share has waited for all of the comparison");
    let story = portal.history(share.operation).await;
    assert_eq!(story, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))]);

    assert!(comparing.await.unwrap().contains("done=nothing-observed"));
    assert_eq!(portal.database().await.count(LEFT).await, 0);
}

/// Waits for a condition, for a minute at most.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it happens within a minute");
}
