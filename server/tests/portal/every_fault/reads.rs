//! Every read: what a page without a copy to fall back on shows, and that the audit log has no entry about it.

use futures::future::join_all;
use portal::audit::Stage;
use sandbox::Alteration;
use serde_json::json;
use workato::Call;

use super::{FAULTS, Fault, Scene, summary};
use crate::support::{PAYMENTS, Page, Targets};

const TEAM: &str = "/teams/payments";

/// How a page shows a read that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// An error page with the reason, and the matching status.
    Nothing,
    /// A message in place of one part of the page.
    TheRest,
}

/// The reads behind the pages.
const READS: [(Call, Shows); 8] = [
    (Call::Connections, Shows::Nothing),
    (Call::Connectors, Shows::Nothing),
    (Call::Connector, Shows::Nothing),
    (Call::ConnectorCode, Shows::Nothing),
    (Call::Customers, Shows::Nothing),
    (Call::CustomerConnections, Shows::TheRest),
    (Call::Folders, Shows::TheRest),
    (Call::Tags, Shows::TheRest),
];

/// A page that needs the read.
fn page_of(scene: &Scene, call: Call) -> String {
    let workspace = scene.portal.sandbox.workspace(0).unwrap();
    let (connector, customer) = (workspace.connectors()[0].id, workspace.customers()[0].id);
    match call {
        Call::Connectors => format!("{TEAM}/connectors"),
        Call::Connector => format!("{TEAM}/connectors/{connector}"),
        Call::ConnectorCode => format!("{TEAM}/connectors/{connector}/code"),
        Call::Customers => format!("{TEAM}/customers"),
        Call::CustomerConnections => format!("{TEAM}/customers/{customer}"),
        _ => format!("{TEAM}/connections"),
    }
}

/// The call as a fault's pattern, with any ids.
fn pattern(call: Call) -> String {
    let parts = call.path_template().split('/').map(|part| if part.starts_with(':') { "*" } else { part });
    format!("{} {}", call.method(), parts.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn each_fault_in_each_read_is_explained_on_the_page_and_not_logged() {
    let wrong: Vec<String> = join_all(READS.map(|(call, shows)| every_fault_at(call, shows))).await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as expected, a line each.
async fn every_fault_at(call: Call, shows: Shows) -> Vec<String> {
    let scene = Scene::new().await;
    let path = page_of(&scene, call);
    let mut wrong = Vec::new();
    for fault in &FAULTS {
        scene.put(&pattern(call), fault).await;
        let entries = scene.portal.entries().await.len();
        let page = scene.operator.get(&path).await;
        if let Err(why) = check(call, shows, fault, &page) {
            wrong.push(format!("{call}, {}: {why}: {}", fault.text, summary(&page)));
        }
        let more = scene.portal.entries().await.len() - entries;
        if more > 0 {
            wrong.push(format!("{call}, {}: {more} entries about a read", fault.text));
        }
    }
    wrong
}

fn check(call: Call, shows: Shows, fault: &Fault, page: &Page) -> Result<(), String> {
    let text = page.text();
    let names_call = text.contains(&format!("{call} "));
    let Some((status, words)) = fault.read else {
        return if page.status == 200 && !names_call { Ok(()) } else { Err("it is not shown".to_owned()) };
    };
    let status = if shows == Shows::Nothing { status } else { 200 };
    if page.status != status || !names_call || !text.contains(words) {
        return Err(format!("not {status}, {words:?}"));
    }
    if status == 503 && page.header("retry-after").is_empty() {
        return Err("it does not say when to try again".to_owned());
    }
    Ok(())
}

#[tokio::test]
async fn a_token_that_cannot_be_tested_says_why() {
    let scene = Scene::new().await;
    for fault in &FAULTS {
        scene.put(&pattern(Call::Workspace), fault).await;
        let page = scene.admin.post_and_follow("/api/fn/test_token", &[("team", PAYMENTS)]).await;
        let words = fault.read.map_or("The token works.", |(_, words)| words);
        assert!(page.status == 200 && page.text().contains(words), "{}: {}", fault.text, summary(&page));
    }
}

#[tokio::test]
async fn without_the_activity_log_an_outside_change_is_shown_without_its_author() {
    let scene = Scene::new().await;
    let workspace = scene.portal.sandbox.workspace(0).unwrap();
    let mut targets = Targets::of(&scene.portal);
    let compare = async || scene.operator.post_and_follow("/api/fn/compare_with_log", &[("team", PAYMENTS)]).await;
    for fault in &FAULTS {
        scene.put(&pattern(Call::ActivityLog), fault).await;
        compare().await;
        let (connector_id, version) = targets.shareable_connector();
        workspace.alter(&Alteration::ShareConnector { connector_id, version }).unwrap();
        let page = compare().await;
        page.assert_says(&format!("shared version {version} of"));
        let entries = scene.portal.entries().await;
        let observed = entries.iter().rfind(|entry| entry.stage == Stage::Observed).unwrap();
        assert_eq!(observed.targets[0].id, connector_id.to_string(), "{}", fault.text);
        // The missing fields may be the ones that name the author.
        if fault.text != "absent-fields" {
            let source = &observed.evidence.as_ref().unwrap()["source"];
            let expected = if fault.read.is_none() { json!("Workato's activity log") } else { json!(null) };
            assert_eq!(*source, expected, "{}", fault.text);
        }
    }
}
