//! What changes in the code when another version is shared: the portal keeps the code of each version as it first sees it,
//! and shows the difference where the version is shared, requested and compared.

use portal::audit::{Action, Stage};
use sandbox::{Alteration, Privilege, Privileges, WorkspaceHandle};

use crate::support::{PAYMENTS, TestPortal};

/// A connector of which a version is shared.
struct Shared {
    id: u64,
    version: u64,
    workspace: WorkspaceHandle,
}

impl Shared {
    /// The first connector. What is released last is shared and has this code.
    fn with_code(portal: &TestPortal, code: &str) -> Self {
        let workspace = portal.sandbox.workspace(0).unwrap();
        let id = workspace.connectors()[0].id;
        let mut shared = Self { id, version: 0, workspace };
        shared.version = shared.release(code);
        shared.alter(Alteration::ShareConnector { connector_id: id, version: shared.version });
        shared
    }

    fn alter(&self, alteration: Alteration) {
        self.workspace.alter(&alteration).unwrap();
    }

    /// Releases this code as the next version.
    fn release(&self, code: &str) -> u64 {
        self.alter(Alteration::RewriteConnector { connector_id: self.id, code: code.to_owned() });
        self.alter(Alteration::ReleaseVersion { connector_id: self.id, note: None });
        let connector = self.workspace.connectors().into_iter().find(|connector| connector.id == self.id).unwrap();
        connector.released().next().unwrap().version
    }

    fn path(&self) -> String {
        format!("/teams/{PAYMENTS}/connectors/{}", self.id)
    }
}

/// What the worker does.
async fn keep_code(portal: &TestPortal) {
    let beside = portal.beside().await;
    beside.keep_code_due().await.unwrap();
    beside.close().await;
}

const SEVEN: &str = "{\n  title: 'Acme',\n  retries: 1,\n  secret: 'hunter2-in-code',\n}\n";
const EIGHT: &str = "{\n  title: 'Acme',\n  retries: 3,\n  secret: 'hunter2-in-code',\n}\n";

#[tokio::test]
async fn a_share_shows_what_changes_in_the_code_and_the_log_has_only_its_hash() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, SEVEN);
    keep_code(&portal).await;
    let next = connector.release(EIGHT);
    keep_code(&portal).await;
    let operator = portal.browser_of("operator").await;
    let page = operator.get(&connector.path()).await;
    page.assert_says(&format!("Code changes, {} to {next}: +1 −1 in 1 place", connector.version));
    assert_eq!(page.select(".add-l").iter().map(|line| line.text.clone()).collect::<Vec<_>>(), ["+ retries: 3,"]);
    assert_eq!(page.select(".del-l").iter().map(|line| line.text.clone()).collect::<Vec<_>>(), ["− retries: 1,"]);
    let forms = page.forms("/api/fn/share_version");
    let form = forms.iter().find(|form| form.get("version") == next.to_string()).expect("its form");
    operator.submit_and_follow(&form.clone().with("reason", "More retries")).await;
    let entries = portal.entries().await;
    let kept: Vec<_> = entries.iter().filter(|entry| entry.action == Action::ConnectorCodeKeep).collect();
    assert!(kept.iter().any(|entry| entry.parameters["code"][0]["connector"] == connector.id), "{kept:?}");
    let intent = entries.iter().find(|entry| entry.stage == Stage::Intent).expect("an intent");
    let code = &intent.impact.as_ref().expect("an impact")["code"];
    assert_eq!(code["from"]["version"], connector.version);
    assert_eq!(code["to"]["sha256"].as_str().map(str::len), Some(64), "{code}");
    assert_ne!(code["from"]["sha256"], code["to"]["sha256"]);
    let log = serde_json::to_string(&entries).unwrap();
    assert!(!log.contains("hunter2") && !log.contains("retries: 3"), "the code is in the log");
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_version_that_the_portal_has_not_seen_is_said() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, SEVEN);
    let next = connector.release(EIGHT);
    let operator = portal.browser_of("operator").await;
    let page = operator.get(&connector.path()).await;
    page.assert_says(&format!("The portal hasn’t seen the code of version {} or {next}", connector.version));
    keep_code(&portal).await;
    let page = operator.get(&connector.path()).await;
    page.assert_says(&format!("The portal hasn’t seen the code of version {}, so", connector.version));
    assert!(!page.has(".diff"));
}

#[tokio::test]
async fn code_that_was_seen_once_stays_as_it_was() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, SEVEN);
    keep_code(&portal).await;
    connector.alter(Alteration::RewriteConnector { connector_id: connector.id, code: "a later draft".to_owned() });
    keep_code(&portal).await;
    let next = connector.release(EIGHT);
    keep_code(&portal).await;
    let compare = format!("{}/compare?from={}&to={next}", connector.path(), connector.version);
    let page = portal.browser_of("viewer").await.get(&compare).await;
    assert_eq!(page.status, 200);
    page.assert_says("− retries: 1,");
    assert!(!page.text().contains("a later draft"));
}

#[tokio::test]
async fn huge_code_is_not_compared_and_says_so_quickly() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, SEVEN);
    keep_code(&portal).await;
    connector.release(&"a\n".repeat(1_000_000));
    keep_code(&portal).await;
    let begun = std::time::Instant::now();
    let page = portal.browser_of("operator").await.get(&connector.path()).await;
    page.assert_says("The code is too large to compare here (more than 100,000 lines).");
    assert!(begun.elapsed() < std::time::Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(page.body.len() < 200_000, "{}", page.body.len());
}

#[tokio::test]
async fn hidden_characters_and_markup_in_code_are_shown_as_what_they_are() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, "{}\n");
    keep_code(&portal).await;
    connector.release("{}\n<script>alert(1)</script>\nif admin \u{202e}\n");
    keep_code(&portal).await;
    let page = portal.browser_of("viewer").await.get(&connector.path()).await;
    page.assert_says("+ <script>alert(1)</script>");
    page.assert_says("+ if admin [U+202E]");
    assert!(!page.body.contains('\u{202e}') && !page.has(".diff script"));
}

#[tokio::test]
async fn a_token_that_may_not_read_code_is_named() {
    let portal = TestPortal::start().await;
    let connector = Shared::with_code(&portal, SEVEN);
    connector.release(EIGHT);
    let token = portal.sandbox.tokens[0].parse().unwrap();
    portal.sandbox.admit(&token, 0, Privileges::without(&[Privilege::Code]));
    keep_code(&portal).await;
    let page = portal.browser_of("operator").await.get(&connector.path()).await;
    page.assert_says("The portal hasn’t seen the code of version");
    assert!(!page.forms("/api/fn/share_version").is_empty(), "it blocks no share");
}

#[tokio::test]
async fn a_request_shows_the_code_as_it_was_when_somebody_asked() {
    let portal = TestPortal::start().await;
    portal.guard(&["share"]).await;
    portal.add_operator("second", portal::PortalRole::Member).await;
    let connector = Shared::with_code(&portal, SEVEN);
    keep_code(&portal).await;
    let next = connector.release(EIGHT);
    keep_code(&portal).await;
    let operator = portal.browser_of("operator").await;
    let page = operator.get(&connector.path()).await;
    let forms = page.forms("/api/fn/share_version");
    let form = forms.iter().find(|form| form.get("version") == next.to_string()).expect("its form");
    operator.submit_and_follow(&form.clone().with("reason", "More retries")).await;
    connector.release("something else entirely\n");
    keep_code(&portal).await;
    let request = format!("/approvals/{}", form.get("operation"));
    let page = portal.browser_of("second").await.get(&request).await;
    page.assert_says(&format!("Code changes, {} to {next}: +1 −1 in 1 place", connector.version));
    page.assert_says("+ retries: 3,");
    assert!(!page.text().contains("something else"));
}

#[tokio::test]
async fn the_code_of_a_retired_team_is_destroyed() {
    let portal = TestPortal::start().await;
    Shared::with_code(&portal, SEVEN);
    keep_code(&portal).await;
    assert!(portal.database().await.count("connector_code").await > 0);
    let beside = portal.beside().await;
    let root = beside.command_line("tests");
    let team = beside.team_for_admin(&root, PAYMENTS).await.unwrap();
    let of_team = || async {
        portal
            .database()
            .await
            .count("connector_code WHERE team_id = (SELECT id FROM team WHERE slug = 'payments')")
            .await
    };
    assert!(of_team().await > 0);
    let confirmed = portal::teams::Confirmed { name: team.slug.to_string(), reason: "Closed".to_owned() };
    beside.retire_team(&root, team.id, &confirmed).await.unwrap();
    assert_eq!(of_team().await, 0);
    beside.close().await;
    portal.assert_every_call_was_logged().await;
}
