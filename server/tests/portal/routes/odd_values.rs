//! What pages show when Workato's answers have values that no document describes, or ignore what was asked for.

use portal::audit::{Outcome, Stage};
use workato::ConnectorVersion;

use crate::support::{ChangeKind, PAYMENTS, Targets, TestPortal};

const TEAM: &str = "/teams/payments";

async fn with_fault(fault: &str) -> TestPortal {
    let portal = TestPortal::start().await;
    portal.sandbox.faults().put("odd", fault.parse().unwrap());
    portal
}

#[tokio::test]
async fn every_page_shows_its_rows_and_marks_what_cannot_be_read() {
    let portal = with_fault("GET /api/**: odd-values").await;
    let browser = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let usual = workspace.connections().iter().filter(|one| !one.runtime_user).count();
    let list = browser.get(&format!("{TEAM}/connections")).await;
    list.assert_says(&format!("{usual}"));
    for (path, what) in [("connections", "connections"), ("connectors", "connectors"), ("customers", "customers")] {
        let page = browser.get(&format!("{TEAM}/{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        assert!(page.rows().len() > 10, "{path}: {}", page.text());
        page.assert_says("unreadable");
        page.assert_says(&format!("Workato sent 2 {what} with unreadable IDs. They aren't shown here."));
    }
    list.assert_says("Acme \u{fffd}");
    list.assert_says("Caf\u{fffd}");
    let (connection, connector) = (workspace.connections()[0].id, workspace.connectors()[0].id);
    let customer = workspace.customers()[0].id;
    for path in [
        format!("connections/{connection}"),
        format!("connectors/{connector}"),
        format!("connectors/{connector}/code"),
        format!("customers/{customer}"),
        "connections/new".to_owned(),
        "recipes".to_owned(),
    ] {
        let page = browser.get(&format!("{TEAM}/{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    // It may be one of those without a readable id, so it is not said to be gone.
    let unknown = browser.get(&format!("{TEAM}/connections/999999999")).await;
    assert_eq!(unknown.status, 502, "{}", unknown.text());
    unknown.assert_says("What you asked for may be one of them.");
}

#[tokio::test]
async fn a_share_is_refused_if_it_cannot_be_read_what_it_would_replace() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &browser).await;
    portal.sandbox.faults().put("odd", "GET /api/custom_connectors/*: odd-field oem_shared_version".parse().unwrap());
    let page = browser.submit_and_follow(&change.form).await;
    page.assert_says("Workato's answer doesn't say which version is shared now. Nothing was sent");
    page.assert_says("Unreadable Workato sent a version that the portal can’t read");
    assert!(portal.sandbox.ledger().is_empty() && portal.history(change.operation).await.is_empty());
    portal.sandbox.faults().clear();
    change.perform(&browser).await.assert_says("is now shared");
    assert!(change.form.get("version").parse::<ConnectorVersion>().is_ok());
}

#[tokio::test]
async fn the_state_before_a_change_names_what_could_not_be_read() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &browser).await;
    portal.sandbox.faults().put("odd", "GET /api/connections: odd-field folder_id".parse().unwrap());
    change.perform(&browser).await;
    let entries = portal.entries().await;
    let intent = entries.iter().find(|entry| entry.operation_id == change.operation && entry.stage == Stage::Intent);
    let before = intent.unwrap().before.clone().unwrap();
    assert_eq!((&before["found"], &before["unreadable"]), (&true.into(), &serde_json::json!(["folder_id"])));
    assert!(before.get("folder_id").is_none() && before.get("external_id").is_some(), "{before}");
    let last = portal.history(change.operation).await.last().copied().unwrap();
    assert_eq!(last, (Stage::Outcome, Some(Outcome::Succeeded)));
}

#[tokio::test]
async fn a_filter_that_workato_ignores_is_applied_to_its_answer() {
    let portal = with_fault("GET /api/connections: ignored-query").await;
    let browser = portal.browser_of("viewer").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let of = |provider: &str| {
        let all = workspace.connections();
        let fits = all.iter().filter(|one| !one.runtime_user && one.provider.as_deref() == Some(provider));
        fits.map(|one| one.id.to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let provider = workspace.connections().iter().find(|one| !one.runtime_user).unwrap().provider.clone().unwrap();
    let expected = of(&provider);
    let path = format!("/teams/{PAYMENTS}/connections?provider={provider}");
    let page = browser.get(&path).await;
    page.assert_says(&format!("{} matching connection", expected.len()));
    let listed: std::collections::BTreeSet<String> = page
        .links()
        .iter()
        .filter_map(|href| href.strip_prefix(&format!("/teams/{PAYMENTS}/connections/")))
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    assert!(listed.is_subset(&expected) && !listed.is_empty(), "{listed:?}");
    let file = browser.submit(&page.form("/api/fn/export_connections")).await;
    let text = file.body.strip_prefix('\u{feff}').unwrap_or(&file.body).to_owned();
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(text.as_bytes()).records().collect::<Result<_, _>>().unwrap();
    let exported: std::collections::BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(exported, expected);
    let entries = portal.entries().await;
    let export = entries.iter().find(|entry| entry.action.as_str() == "connection.export").unwrap();
    assert_eq!(export.parameters["count"], expected.len());
}

#[tokio::test]
async fn a_filter_by_tag_says_so_if_workato_sends_no_tags() {
    let path = format!("/teams/{PAYMENTS}/connections?tag=tag-none");
    let note = "Workato sent this list without tags, so connections cannot be found by tag.";
    let portal = with_fault("GET /api/connections: ignored-query").await;
    portal.browser_of("viewer").await.get(&path).await.assert_says(note);
    let portal = TestPortal::start().await;
    let page = portal.browser_of("viewer").await.get(&path).await;
    assert!(!page.body.contains(note));
}
