//! `/teams/{team}/connectors/{id}` and its forms: refused input, operation ids, and Workato's messages.

use portal::audit::{Outcome, Stage};
use sandbox::Alteration;

use crate::support::{ChangeKind, LENDING, Targets, TestPortal};

#[tokio::test]
async fn a_share_shows_the_new_and_the_previous_version() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &browser).await;
    let page = change.perform(&browser).await;
    page.assert_says(&format!("Version {} of ", change.form.get("version")));
    page.assert_says("is now shared");
    let ledger = portal.sandbox.ledger();
    assert_eq!((ledger.len(), ledger[0].action), (1, "connector.share"));
}

#[tokio::test]
async fn a_second_submit_gets_the_first_answer_and_sends_nothing() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        let change = targets.prepare(kind, &browser).await;
        let before = portal.sandbox.ledger().len();
        // At the same time, like a double click, and later, like a reload.
        let answers = futures::future::join_all((0..4).map(|_| browser.submit(&change.form))).await;
        for answer in answers {
            change.assert_performed(&answer);
        }
        change.perform(&browser).await;
        assert_eq!(portal.sandbox.ledger().len(), before + 1, "{kind:?}");
        assert_eq!(portal.history(change.operation).await.len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn an_operation_id_reused_for_something_else_is_a_conflict() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let first = targets.prepare(ChangeKind::Share, &browser).await;
    first.perform(&browser).await;
    let id = first.operation.to_string();
    for kind in ChangeKind::ALL {
        let other = targets.prepare(kind, &browser).await;
        let answer = browser.submit(&other.form.with("operation", &id)).await;
        assert_eq!(answer.status, 409, "{kind:?}: {}", answer.text());
        answer.assert_says(&id);
    }
    // Another person cannot use it either.
    let stranger = portal.browser_of("stranger").await;
    let answer = stranger.submit(&first.form.clone().with("team", LENDING)).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn refused_input_is_kept_and_does_not_use_up_the_operation_id() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Suppress, &browser).await;
    let wrong = change.form.clone().with("confirm", "Another <name>").with("reason", "");
    let answer = browser.submit(&wrong).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with(&format!("{}?problem=", change.page)), "{}", answer.location());
    let page = browser.get(answer.location()).await;
    page.assert_says("Enter a reason. This can't be undone.");
    page.assert_says("exactly as shown.");
    let again = page.form("/api/fn/suppress_connector");
    assert_eq!((again.get("confirm"), again.get("operation")), ("Another <name>", change.form.get("operation")));
    assert!(portal.sandbox.ledger().is_empty() && portal.history(change.operation).await.is_empty());
    // Nobody else sees what was typed.
    let other = portal.browser_of("viewer").await.get(answer.location()).await;
    assert!(!other.text().contains("Another <name>"));
    let page = change.perform(&browser).await;
    page.assert_says("is suppressed. Customers no longer get it.");
}

#[tokio::test]
async fn a_share_asks_again_if_the_shared_version_changed_meanwhile() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let connector = workspace.connectors().into_iter().find(|one| one.released().count() >= 3).expect("three releases");
    let versions: Vec<u64> = connector.released().map(|released| released.version).collect();
    let share = |version| Alteration::ShareConnector { connector_id: connector.id, version };
    workspace.alter(&share(versions[0])).unwrap();
    let page = format!("/teams/payments/connectors/{}", connector.id);
    let wanted = versions[2].to_string();
    let form_of = |page: &crate::support::Page| {
        let forms = page.forms("/api/fn/share_version");
        forms.into_iter().find(|form| form.get("version") == wanted).expect("its form")
    };
    let form = form_of(&browser.get(&page).await).with("reason", "Customers wait");
    workspace.alter(&share(versions[1])).unwrap();

    let asked = browser.submit_and_follow(&form).await;
    asked.assert_says(&format!(
        "The shared version changed from {1} to {0}. Share {wanted} anyway?",
        versions[1], versions[0]
    ));
    let operation = form.get("operation").parse().unwrap();
    assert!(portal.sandbox.ledger().is_empty() && portal.history(operation).await.is_empty());

    let again = form_of(&asked);
    let kept = ["operation", "reason"].map(|field| again.get(field) == form.get(field));
    assert_eq!((kept, again.get("replaces")), ([true; 2], versions[1].to_string().as_str()));
    let shown = browser.submit_and_follow(&again).await;
    shown.assert_says(&format!("is now shared (was {}).", versions[1]));
    assert_eq!(portal.sandbox.ledger().len(), 1);
    assert_eq!(portal.history(operation).await, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))]);
}

#[tokio::test]
async fn in_a_production_team_every_change_needs_a_reason() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("stranger").await;
    let workspace = portal.sandbox.workspace(1).unwrap();
    let connector = workspace.connectors().into_iter().find(|connector| connector.released().next().is_some()).unwrap();
    let page = format!("/teams/{LENDING}/connectors/{}", connector.id);
    let form = browser.get(&page).await.forms("/api/fn/share_version").remove(0);
    let refused = browser.submit_and_follow(&form.clone().with("reason", "  ")).await;
    refused.assert_says("Enter a reason. Production teams require one for every change.");
    assert!(portal.sandbox.ledger().is_empty());
    let answer = browser.submit(&form.with("reason", "Customers wait")).await;
    assert!(answer.location().contains("?operation="), "{answer:?}");
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn a_change_to_something_that_is_gone_shows_workatos_refusal() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ON_TARGETS {
        let change = targets.prepare(kind, &browser).await;
        let id: u64 = change.page.rsplit('/').next().unwrap().parse().unwrap();
        let gone = match kind {
            ChangeKind::Share | ChangeKind::Suppress => Alteration::RemoveConnector { connector_id: id },
            _ => Alteration::RemoveConnection { connection_id: id },
        };
        workspace.alter(&gone).unwrap();
        let page = change.perform(&browser).await;
        page.assert_says("Workato refused to");
        page.assert_says(if kind == ChangeKind::Tag { "Connection not found" } else { "Not found" });
        let history = portal.history(change.operation).await;
        assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Rejected))], "{kind:?}");
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn only_operators_see_buttons() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        let change = targets.prepare(kind, &operator).await;
        for who in ["viewer", "auditor", "admin"] {
            let page = portal.browser_of(who).await.get(&change.page).await;
            assert_eq!(page.status, if kind == ChangeKind::Create { 403 } else { 200 });
            assert!(page.forms(&change.form.action).is_empty(), "{who} is offered {kind:?}");
        }
    }
}
