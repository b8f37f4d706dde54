//! Changes made in Workato without the portal: each is one entry, and the portal's own changes are not.

use std::time::Duration;

use portal::audit::{Action, Entry, Stage};
use sandbox::Alteration;
use serde_json::json;

use crate::support::{Browser, ChangeKind, Installation, PAYMENTS, Targets, TestPortal};

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

/// Waits for a condition, for a minute at most.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it happens within a minute");
}
