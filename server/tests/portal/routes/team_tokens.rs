//! A team's token: refused by Workato, replaced at Workato, withdrawn; and a team that is retired.

use std::time::Duration;

use portal::audit::{Action, Entry, Outcome, Stage};
use sandbox::{Privilege, Privileges};

use crate::support::{Browser, Installation, PAYMENTS, Page, TestPortal, eventually};

const TEAM: &str = "/admin/teams/payments";
const LIST: &str = "/teams/payments/connections";
const TOKEN: &str = "wrkaus-payments-0123456789";
const SOON: Duration = Duration::from_secs(20);

/// With short intervals, so that background work shows.
async fn quick() -> TestPortal {
    TestPortal::serve_with(Installation::new().await, |settings| {
        settings.watch_every = Duration::from_millis(300);
        settings.first_watch_after = Some(Duration::from_millis(60));
    })
    .await
}

fn of(entries: &[Entry], action: Action) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.action == action).collect()
}

async fn confirm(admin: &Browser, function: &str) -> Page {
    let form = admin.get(TEAM).await.form(function);
    admin.submit_and_follow(&form.with("confirm", "payments").with("reason", "It leaked")).await
}

async fn rotate(admin: &Browser) -> Page {
    let form = admin.get(&format!("{TEAM}/token")).await.form("/api/fn/rotate_token");
    let form = form.with("client", "7002").with("confirm", "Payments").with("reason", "It is 90 days old");
    admin.submit(&form).await
}

#[tokio::test]
async fn a_refused_token_is_told_once_and_not_used_until_it_is_tested() {
    let portal = quick().await;
    let (admin, operator) = (portal.browser_of("admin").await, portal.browser_of("operator").await);
    assert_eq!(operator.get(LIST).await.status, 200);
    assert!(portal.sandbox.revoke(TOKEN));
    let refused = async || of(&portal.entries().await, Action::TeamTokenRefuse).len();
    eventually("the refusal is recorded", SOON, async || (refused().await > 0).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(refused().await, 1);
    let page = operator.get(LIST).await;
    assert_eq!(page.status, 503);
    page.assert_says("Workato rejects this team's token");
    admin.get(TEAM).await.assert_says("Workato rejects this token");
    admin.get("/admin/teams").await.assert_says("Rejected by Workato");
    let still = admin.submit_and_follow(&admin.get(TEAM).await.form("/api/fn/test_token")).await;
    assert!(!still.says("The token works."), "{}", still.text());
    assert_eq!(operator.get(LIST).await.status, 503);

    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::all());
    // Nobody tries it by themselves.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(operator.get(LIST).await.status, 503);
    let tested = admin.submit_and_follow(&admin.get(TEAM).await.form("/api/fn/test_token")).await;
    tested.assert_says("The token works.");
    assert_eq!(operator.get(LIST).await.status, 200);
    assert_eq!(of(&portal.entries().await, Action::TeamTokenAccept).len(), 1);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_role_that_lacks_a_privilege_is_no_refused_token() {
    let portal = quick().await;
    let lacking = Privileges::without(&[Privilege::Workspace, Privilege::ReadConnections]);
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, lacking);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(of(&portal.entries().await, Action::TeamTokenRefuse).is_empty());
}

#[tokio::test]
async fn a_withdrawn_token_is_destroyed_and_the_team_stays() {
    let portal = TestPortal::start().await;
    let (admin, operator) = (portal.browser_of("admin").await, portal.browser_of("operator").await);
    assert_eq!(operator.get(LIST).await.status, 200);
    let form = admin.get(TEAM).await.form("/api/fn/withdraw_token");
    let refused = admin.submit_and_follow(&form.with("confirm", "wrong").with("reason", "")).await;
    assert_eq!(refused.problem("withdraw-confirm").as_deref(), Some("Type “Payments” exactly as shown."));
    confirm(&admin, "/api/fn/withdraw_token").await.assert_says("Token destroyed.");
    let page = operator.get(LIST).await;
    assert_eq!(page.status, 503);
    page.assert_says("This team has no token yet");
    assert_eq!(portal.database().await.count("team_token").await, 1, "the other team's");
    let entries = portal.entries().await;
    let withdrawn = of(&entries, Action::TeamTokenWithdraw);
    assert_eq!((withdrawn.len(), withdrawn[0].reason.as_deref()), (1, Some("It leaked")));
    portal.assert_every_call_was_logged().await;
    let form = admin.get(TEAM).await.form("/api/fn/set_token").with("token", TOKEN);
    admin.submit_and_follow(&form).await.assert_says("saved and working.");
    assert_eq!(operator.get(LIST).await.status, 200);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn workato_replaces_a_token_and_nobody_sees_the_new_one() {
    let portal = TestPortal::start().await;
    let (admin, operator) = (portal.browser_of("admin").await, portal.browser_of("operator").await);
    let answer = rotate(&admin).await;
    assert!(answer.location().starts_with("/audit/"), "{}", answer.location());
    admin.get(answer.location()).await.assert_says("replaced the token in Workato of");
    assert!(!portal.sandbox.revoke(TOKEN), "the old token still works");
    assert_eq!(operator.get(LIST).await.status, 200);
    let entries = portal.entries().await;
    let rotated = of(&entries, Action::TeamTokenRotate);
    let stages: Vec<_> = rotated.iter().map(|entry| (entry.stage, entry.outcome)).collect();
    assert_eq!(stages, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))]);
    let replaced = of(&entries, Action::TeamTokenReplace);
    assert_eq!(replaced[0].parameters["rotated_in"], rotated[0].operation_id.to_string());
    assert!(!serde_json::to_string(&entries).unwrap().contains("wrkaus-regenerated"));
    assert!(!admin.get(TEAM).await.body.contains("wrkaus-regenerated"));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_replaces_the_token_once() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(&format!("{TEAM}/token")).await.form("/api/fn/rotate_token");
    let form = form.with("client", "7002").with("confirm", "payments").with("reason", "It is 90 days old");
    let (one, other) = tokio::join!(admin.submit(&form), admin.submit(&form));
    assert_eq!(one.location(), other.location());
    assert_eq!(admin.submit(&form).await.location(), one.location());
    assert_eq!(portal.sandbox.ledger().iter().filter(|done| done.action == "api_client.regenerate").count(), 1);
    assert_eq!(portal.browser_of("operator").await.get(LIST).await.status, 200);
}

#[tokio::test]
async fn a_lost_answer_is_settled_and_the_page_says_what_to_do() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let fault = "POST /api/developer_api_clients/*/regenerate: reset-after x1".parse().unwrap();
    portal.sandbox.faults().put("fault", fault);
    let answer = rotate(&admin).await;
    let operation = answer.location().strip_prefix("/audit/").unwrap().parse().unwrap();
    eventually("it is settled", SOON, async || {
        let history = portal.history(operation).await;
        history.contains(&(Stage::Settled, Some(Outcome::Succeeded))).then_some(())
    })
    .await;
    let page = eventually("the team's page says so", SOON, async || {
        let page = admin.get(TEAM).await;
        page.says("Workato rejects this token").then_some(page)
    })
    .await;
    page.assert_says("create another one in Workato and paste it here");
    let next = "wrkaus-made-by-hand-0123456789";
    portal.sandbox.admit(&next.parse().unwrap(), 0, Privileges::all());
    admin.submit_and_follow(&page.form("/api/fn/set_token").with("token", next)).await;
    assert_eq!(portal.browser_of("operator").await.get(LIST).await.status, 200);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_call_that_did_nothing_is_settled_by_the_old_token_that_still_works() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let fault = "POST /api/developer_api_clients/*/regenerate: 500 x1".parse().unwrap();
    portal.sandbox.faults().put("fault", fault);
    let answer = rotate(&admin).await;
    let operation = answer.location().strip_prefix("/audit/").unwrap().parse().unwrap();
    eventually("it is settled", 2 * SOON, async || {
        let history = portal.history(operation).await;
        history.contains(&(Stage::Settled, Some(Outcome::Failed))).then_some(())
    })
    .await;
    assert_eq!(portal.browser_of("operator").await.get(LIST).await.status, 200);
}

#[tokio::test]
async fn a_role_that_may_not_replace_tokens_is_told_what_it_lacks() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::without(&[Privilege::ApiClients]));
    let page = admin.get(&format!("{TEAM}/token")).await;
    assert_eq!(page.status, 200);
    page.assert_says("The token's role needs the privilege to manage developer API clients.");
    assert!(page.forms("/api/fn/rotate_token").is_empty());
}

#[tokio::test]
async fn a_retired_team_has_only_its_past() {
    let portal = TestPortal::start().await;
    let (admin, operator) = (portal.browser_of("admin").await, portal.browser_of("operator").await);
    let before = operator.get(&format!("/audit?team={PAYMENTS}")).await;
    assert_eq!(before.status, 200);
    confirm(&admin, "/api/fn/retire_team").await.assert_says("Team retired and its token destroyed.");
    for path in [LIST, "/teams/payments/connectors", "/teams/payments/customers"] {
        let page = operator.get(path).await;
        assert_eq!(page.status, 410, "{path}");
        page.assert_says("This team is retired");
    }
    let log = operator.get(&format!("/audit?team={PAYMENTS}")).await;
    assert_eq!(log.status, 200);
    log.assert_says("retired team");
    admin.get("/admin/teams").await.assert_says("retired");
    let page = admin.get(TEAM).await;
    page.assert_says("This team is retired");
    let token = admin.post_and_follow("/api/fn/set_token", &[("team", PAYMENTS), ("token", TOKEN)]).await;
    assert_eq!(token.status, 200);
    assert_eq!(portal.database().await.count("team_token").await, 1, "the other team's");
    assert!(of(&portal.entries().await, Action::TeamTokenSet).len() == 2, "none was set since");
    portal.assert_every_call_was_logged().await;
}
