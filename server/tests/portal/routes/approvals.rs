//! Changes that need a second person: who can approve them and who cannot, that each is sent at most once, and what becomes
//! of those that nobody approves.

use std::time::Duration;

use portal::{
    Clock, OperationId, PortalRole, TeamRole,
    audit::{Action, Entry, Outcome, Stage},
};
use rstest::rstest;
use sandbox::Alteration;
use serde_json::json;
use time::OffsetDateTime;

use crate::support::{
    ALL_GUARDED, Browser, ChangeKind, Installation, PAYMENTS, Page, PreparedChange, Targets, TestPortal,
};

const GUARDED: [ChangeKind; 4] = [ChangeKind::Share, ChangeKind::Suppress, ChangeKind::Disconnect, ChangeKind::Delete];

/// A portal whose team `payments` guards everything, with its operators `operator` and `second`.
async fn guarded_portal() -> TestPortal {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    TestPortal::serve(installation).await
}

/// Asks for a change, which then waits.
async fn ask(targets: &mut Targets, kind: ChangeKind, browser: &Browser) -> PreparedChange {
    let change = targets.prepare(kind, browser).await;
    assert!(change.form.buttons.iter().any(|button| button == "Request approval"), "{:?}", change.form.buttons);
    change.perform(browser).await.assert_says("Nothing was sent to Workato.");
    change
}

async fn post(browser: &Browser, act: &str, operation: OperationId) -> Page {
    let fields = [("operation", &*operation.to_string()), ("note", "Looked at it")];
    browser.post(&format!("/api/fn/{act}_request"), &fields).await
}

async fn post_and_follow(browser: &Browser, act: &str, operation: OperationId) -> Page {
    let answer = post(browser, act, operation).await;
    browser.get(answer.location()).await
}

async fn entries_of(portal: &TestPortal, operation: OperationId) -> Vec<Entry> {
    portal.entries().await.into_iter().filter(|entry| entry.operation_id == operation).collect()
}

async fn stages(portal: &TestPortal, operation: OperationId) -> Vec<Stage> {
    entries_of(portal, operation).await.iter().map(|entry| entry.stage).collect()
}

const WAITS: [Stage; 1] = [Stage::Requested];
const DONE: [Stage; 4] = [Stage::Requested, Stage::Approved, Stage::Intent, Stage::Outcome];

#[tokio::test]
async fn a_change_that_needs_a_second_person_is_sent_when_one_approves() {
    let portal = guarded_portal().await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    for kind in GUARDED {
        let change = ask(&mut targets, kind, &operator).await;
        assert_eq!(stages(&portal, change.operation).await, WAITS, "{kind:?}");
        let page = format!("/approvals/{}", change.operation);
        assert!(second.get("/approvals").await.links().contains(&page), "{kind:?}");
        let shown = second.get(&page).await;
        shown.assert_says("What it would change");
        let answer = second.submit_and_follow(&shown.form("/api/fn/approve_request").with("note", "Agreed")).await;
        answer.assert_says("Approved by The second");
        let entries = entries_of(&portal, change.operation).await;
        assert_eq!(entries.iter().map(|entry| entry.stage).collect::<Vec<_>>(), DONE, "{kind:?}");
        let (approval, intent) = (&entries[1], &entries[2]);
        assert_eq!(intent.sequence, approval.sequence + 1, "they are one transaction");
        assert_eq!(intent.approved_by.as_ref(), Some(&approval.actor));
        assert_eq!((&*intent.actor.name, &*approval.actor.name), ("The operator", "The second"));
        assert_eq!(approval.reason.as_deref(), Some("Agreed"));
        assert_eq!((&intent.reason, &intent.parameters), (&entries[0].reason, &entries[0].parameters));
        assert_eq!(entries[3].outcome, Some(Outcome::Succeeded));
        operator.get(&format!("/audit/{}", change.operation)).await.assert_says("Approved by The second.");
    }
    assert_eq!(portal.sandbox.ledger().len(), GUARDED.len());
    portal.assert_every_call_was_logged().await;
}

/// Who does what with the request of `operator`, and whether it is then still waiting.
#[rstest]
#[case::own("operator", "approve", 303, &WAITS)]
#[case::own_decline("operator", "decline", 303, &WAITS)]
#[case::own_withdraw("operator", "withdraw", 303, &[Stage::Requested, Stage::Withdrawn])]
#[case::other("second", "approve", 303, &DONE)]
#[case::other_decline("second", "decline", 303, &[Stage::Requested, Stage::Declined])]
#[case::other_withdraw("second", "withdraw", 403, &WAITS)]
#[case::viewer("viewer", "approve", 403, &WAITS)]
#[case::viewer_decline("viewer", "decline", 403, &WAITS)]
#[case::another_team("stranger", "approve", 403, &WAITS)]
#[case::another_team_decline("stranger", "decline", 403, &WAITS)]
#[case::auditor("auditor", "approve", 403, &WAITS)]
#[case::auditor_decline("auditor", "decline", 403, &WAITS)]
#[case::admin("admin", "approve", 403, &WAITS)]
#[case::admin_decline("admin", "decline", 403, &WAITS)]
#[tokio::test]
async fn a_request_is_decided_by_another_operator_of_its_team(
    #[case] who: &str,
    #[case] act: &str,
    #[case] status: u16,
    #[case] then: &[Stage],
) {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    let browser = portal.browser_of(who).await;
    let answer = post(&browser, act, change.operation).await;
    assert_eq!((answer.status, &*stages(&portal, change.operation).await), (status, then));
    let calls = usize::from(then == DONE);
    assert_eq!(portal.sandbox.ledger().len(), calls);
    if status == 403 {
        let entries = portal.entries().await;
        assert_eq!(entries.last().unwrap().stage, Stage::Denied, "the attempt is an entry");
    }
    // Whatever was decided, it is decided once.
    if then != WAITS {
        for act in ["approve", "decline", "withdraw"] {
            for browser in [&operator, &portal.browser_of("second").await] {
                post(browser, act, change.operation).await;
            }
        }
        assert_eq!(stages(&portal, change.operation).await, then);
        assert_eq!(portal.sandbox.ledger().len(), calls);
    }
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn nobody_approves_for_somebody_whom_they_could_be() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("inviter", PortalRole::Admin).await;
    let portal = TestPortal::serve(installation).await;
    let inviter = portal.browser_of("inviter").await;
    portal.invited(&inviter, "invited", "member").await;
    portal.make_member("invited", Some(TeamRole::Operator)).await;
    let invited = portal.browser_of("invited").await;
    let mut targets = Targets::of(&portal);
    for (asks, approves, why) in [
        (&inviter, &invited, "Your password or your role was set within the last 30 days by the person who asked."),
        (&invited, &inviter, "You set the password of the person who asked within the last 30 days."),
    ] {
        let change = ask(&mut targets, ChangeKind::Delete, asks).await;
        let shown = approves.get(&format!("/approvals/{}", change.operation)).await;
        shown.assert_says(why);
        assert!(shown.forms("/api/fn/approve_request").is_empty());
        post_and_follow(approves, "approve", change.operation).await.assert_says(why);
        assert_eq!(stages(&portal, change.operation).await, WAITS);
        // Somebody else can.
        let operator = portal.browser_of("operator").await;
        post(&operator, "approve", change.operation).await;
        assert_eq!(stages(&portal, change.operation).await, DONE);
    }
}

#[tokio::test]
async fn nobody_approves_for_the_admin_who_made_them_an_operator() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("boss", PortalRole::Admin).await;
    let portal = TestPortal::serve(installation).await;
    let boss = portal.browser_of("boss").await;
    let viewer = portal.entries().await;
    let viewer = viewer.iter().flat_map(|entry| &entry.targets).find(|it| it.name.as_deref() == Some("The viewer"));
    let fields = [("team", PAYMENTS), ("person", &*viewer.unwrap().id), ("role", "operator"), ("page", "team")];
    assert_eq!(boss.post("/api/fn/set_member", &fields).await.status, 303);
    let change = ask(&mut Targets::of(&portal), ChangeKind::Delete, &boss).await;
    let viewer = portal.browser_of("viewer").await;
    post_and_follow(&viewer, "approve", change.operation).await.assert_says("by the person who asked");
    assert_eq!(stages(&portal, change.operation).await, WAITS);
}

#[rstest]
#[case::demoted(Some(TeamRole::Viewer))]
#[case::removed(None)]
#[tokio::test]
async fn the_request_of_somebody_who_may_no_longer_ask_is_closed(#[case] role: Option<TeamRole>) {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    portal.make_member("operator", role).await;
    let second = portal.browser_of("second").await;
    let shown = post_and_follow(&second, "approve", change.operation).await;
    shown.assert_says("The person who asked was no longer an operator of the team.");
    // Giving the role back does not bring the request back.
    portal.make_member("operator", Some(TeamRole::Operator)).await;
    post(&second, "approve", change.operation).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Requested, Stage::Expired]);
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn the_request_of_somebody_who_was_disabled_is_closed() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    portal.disable("operator").await;
    let second = portal.browser_of("second").await;
    post(&second, "approve", change.operation).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Requested, Stage::Expired]);
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_second_submit_gets_the_first_answer() {
    let portal = guarded_portal().await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    change.perform(&operator).await;
    assert_eq!(stages(&portal, change.operation).await, WAITS);
    // The same id with another reason is something else.
    assert_eq!(operator.submit(&change.form.clone().with("reason", "Another one")).await.status, 409);
    post(&second, "approve", change.operation).await;
    change.perform(&operator).await;
    post(&second, "approve", change.operation).await;
    assert_eq!(stages(&portal, change.operation).await, DONE);
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn a_request_that_nobody_approves_in_time_expires() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve_with(installation, |settings| {
        settings.approval_expires = Duration::from_millis(1_500);
        // The worker does not end it: approving has to notice.
        settings.settle_every = Duration::from_secs(3_600);
    })
    .await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let shown = post_and_follow(&second, "approve", change.operation).await;
    shown.assert_says("Nobody approved it in time.");
    let entries = entries_of(&portal, change.operation).await;
    assert_eq!(entries[1].evidence, Some(json!({ "why": "time" })));
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_request_whose_target_has_changed_is_refused_and_shows_then_and_now() {
    let portal = guarded_portal().await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let change = ask(&mut Targets::of(&portal), ChangeKind::Share, &operator).await;
    let connector: u64 = change.page.rsplit('/').next().unwrap().parse().unwrap();
    let workspace = portal.sandbox.workspace(0).unwrap();
    let shared = workspace.connector(connector).unwrap().shared.map(|shared| shared.version);
    let alteration = match shared {
        Some(_) => Alteration::SuppressConnector { connector_id: connector },
        None => {
            let version = workspace.connector(connector).unwrap().released().next().unwrap().version;
            Alteration::ShareConnector { connector_id: connector, version }
        }
    };
    workspace.alter(&alteration).unwrap();
    let shown = post_and_follow(&second, "approve", change.operation).await;
    shown.assert_says("What this request would change has changed since.");
    shown.assert_says("What it would change had changed.");
    assert!(shown.has("table.change ins"), "{}", shown.text());
    let entries = entries_of(&portal, change.operation).await;
    assert_eq!((entries[1].stage, &entries[1].evidence.as_ref().unwrap()["why"]), (Stage::Expired, &json!("changed")));
    // Putting it back does not bring the request back.
    post(&second, "approve", change.operation).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Requested, Stage::Expired]);
}

#[tokio::test]
async fn declining_takes_a_note_which_the_person_who_asked_can_read() {
    let portal = guarded_portal().await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let change = ask(&mut Targets::of(&portal), ChangeKind::Delete, &operator).await;
    let page = format!("/approvals/{}", change.operation);
    let form = second.get(&page).await.form("/api/fn/decline_request");
    let refused = second.submit_and_follow(&form.clone().with("note", " ")).await;
    assert!(refused.problem("note").is_some(), "{}", refused.text());
    second.submit_and_follow(&form.with("note", "Billing still uses it")).await.assert_says("Declined by The second");
    operator.get(&page).await.assert_says("Billing still uses it");
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn deciding_and_break_glass_take_a_fresh_factor() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve_with(installation, |settings| settings.fresh_factor = Duration::from_secs(4)).await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    let change = ask(&mut targets, ChangeKind::Suppress, &operator).await;
    let urgent = targets.prepare(ChangeKind::Delete, &operator).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    for act in ["approve", "decline"] {
        let answer = post(&second, act, change.operation).await;
        assert!(answer.location().starts_with("/account/confirm?next="), "{answer:?}");
    }
    let form = urgent.form.with("break_glass", "yes").with("reason", "Customers are charged twice at this moment");
    let answer = operator.submit(&form).await;
    assert!(answer.location().starts_with("/account/confirm?next="), "{answer:?}");
    assert_eq!(stages(&portal, change.operation).await, WAITS);
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_hundred_approvals_at_once_send_the_change_once() {
    let portal = guarded_portal().await;
    for who in ["third", "fourth"] {
        portal.add_operator(who, PortalRole::Member).await;
    }
    let operator = portal.browser_of("operator").await;
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &operator).await;
    let mut browsers = Vec::new();
    for who in ["second", "third", "fourth"] {
        browsers.push(portal.browser_of(who).await);
    }
    let approvals = (0..100).map(|number: usize| {
        let (browser, operation) = (browsers[number % browsers.len()].clone(), change.operation);
        tokio::spawn(async move { post(&browser, "approve", operation).await.status })
    });
    let approvals: Vec<_> = approvals.collect();
    for approval in approvals {
        let status = approval.await.unwrap();
        // Some may be slowed down; none is an error.
        assert!([303, 429].contains(&status), "{status}");
    }
    assert_eq!(stages(&portal, change.operation).await, DONE);
    assert_eq!(portal.sandbox.ledger().len(), 1);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn what_nobody_could_see_before_cannot_be_requested() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Suppress, &operator).await;
    portal.sandbox.faults().put("down", "* /api/**: 500".parse().unwrap());
    let answer = operator.submit_and_follow(&change.form).await;
    answer.assert_says("Workato can't be read, so nobody could see what would change.");
    assert!(entries_of(&portal, change.operation).await.is_empty());
}

#[tokio::test]
async fn what_carries_credentials_or_harms_nobody_is_sent_at_once() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in [ChangeKind::Create, ChangeKind::Update, ChangeKind::Tag, ChangeKind::ShareRecipe] {
        let change = targets.prepare(kind, &operator).await;
        change.perform(&operator).await;
        assert_eq!(stages(&portal, change.operation).await, [Stage::Intent, Stage::Outcome], "{kind:?}");
    }
}

#[tokio::test]
async fn break_glass_acts_at_once_and_is_seen_until_somebody_has_reviewed_it() {
    let portal = guarded_portal().await;
    let (operator, auditor) = (portal.browser_of("operator").await, portal.browser_of("auditor").await);
    let change = Targets::of(&portal).prepare(ChangeKind::Suppress, &operator).await;
    let form = change.form.clone().with("break_glass", "yes");
    let refused = operator.submit_and_follow(&form.clone().with("reason", "It is urgent")).await;
    refused.assert_says("Enter a reason of at least 20 characters to act without approval.");
    assert!(portal.sandbox.ledger().is_empty());
    operator.submit_and_follow(&form.with("reason", "Customers are charged twice at this moment")).await;
    let entries = entries_of(&portal, change.operation).await;
    assert_eq!(entries.iter().map(|entry| entry.stage).collect::<Vec<_>>(), [Stage::Intent, Stage::Outcome]);
    assert!(entries[0].break_glass && entries[0].approved_by.is_none());
    // Everybody responsible gets the notice, and nobody else.
    let told = "The operator changed something in Payments without approval.";
    for (who, is_told) in [
        ("second", true),
        ("auditor", true),
        ("admin", true),
        ("operator", false),
        ("viewer", false),
        ("stranger", false),
    ] {
        let shown = portal.browser_of(who).await.get("/account").await;
        assert_eq!(shown.says(told), is_told, "{who}");
    }
    operator.get("/").await.assert_says("Changed without approval");
    assert!(portal.readiness().await.says("1 change without approval waits for a review"));
    let page = auditor.get(&format!("/audit/{}", change.operation)).await;
    auditor.submit_and_follow(&page.form("/api/fn/review_operation")).await;
    for browser in [&operator, &auditor] {
        assert!(!browser.get("/").await.says("Changed without approval"));
    }
    assert!(!portal.readiness().await.says("without approval"));
    // A notice stays until it is dismissed.
    let dismiss = auditor.get("/account").await.form("/api/fn/dismiss_notices");
    assert!(!auditor.submit_and_follow(&dismiss).await.says(told));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_policy_can_forbid_to_act_at_once() {
    let portal = guarded_portal().await;
    portal.set_policy(&ALL_GUARDED, false).await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Suppress, &operator).await;
    assert_eq!(change.form.buttons, ["Request approval"]);
    let form = change.form.with("break_glass", "yes").with("reason", "Customers are charged twice at this moment");
    operator.submit_and_follow(&form).await.assert_says("This team doesn't allow acting without approval.");
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn who_loosens_a_policy_still_needs_a_second_person_for_a_day() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("boss", PortalRole::Admin).await;
    let portal = TestPortal::serve(installation).await;
    let (boss, operator) = (portal.browser_of("boss").await, portal.browser_of("operator").await);
    let form = boss.get(&format!("/admin/teams/{PAYMENTS}")).await.form("/api/fn/set_policy");
    let without_reason = boss.submit_and_follow(&form).await;
    without_reason.assert_says("Enter a reason. Everyone responsible can read it.");
    let fields = [("team", PAYMENTS), ("break_glass", "yes"), ("reason", "It slows us down")];
    let saved = boss.post_and_follow("/api/fn/set_policy", &fields).await;
    saved.assert_says("Policy saved.");
    let told = "The boss changed the approval policy of Payments. Less needs a second person now.";
    for who in ["operator", "auditor", "admin"] {
        portal.browser_of(who).await.get("/account").await.assert_says(told);
    }
    let mut targets = Targets::of(&portal);
    // The boss and an account that the boss made have to ask.
    portal.invited(&boss, "puppet", "member").await;
    portal.make_member("puppet", Some(TeamRole::Operator)).await;
    for browser in [&boss, &portal.browser_of("puppet").await] {
        let change = ask(&mut targets, ChangeKind::Suppress, browser).await;
        assert_eq!(stages(&portal, change.operation).await, WAITS);
    }
    // Others need not.
    let change = targets.prepare(ChangeKind::Suppress, &operator).await;
    change.perform(&operator).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Intent, Stage::Outcome]);
    let entries = portal.entries().await;
    let policy = entries.iter().rfind(|entry| entry.action == Action::TeamPolicy).unwrap();
    assert_eq!((&policy.parameters["approval"], policy.reason.as_deref()), (&json!(""), Some("It slows us down")));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn who_had_somebody_loosen_a_policy_still_needs_a_second_person() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("boss", PortalRole::Admin).await;
    let portal = TestPortal::serve(installation).await;
    let boss = portal.browser_of("boss").await;
    let puppet = portal.invited(&boss, "puppet", "admin").await;
    let fields = [("team", PAYMENTS), ("break_glass", "yes"), ("reason", "It slows us down")];
    puppet.post_and_follow("/api/fn/set_policy", &fields).await.assert_says("Policy saved.");
    let change = ask(&mut Targets::of(&portal), ChangeKind::Suppress, &boss).await;
    assert_eq!(stages(&portal, change.operation).await, WAITS);
}

#[tokio::test]
async fn who_allows_to_act_at_once_may_not_do_so_for_a_day() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("boss", PortalRole::Admin).await;
    let portal = TestPortal::serve(installation).await;
    portal.set_policy(&ALL_GUARDED, false).await;
    let (boss, operator) = (portal.browser_of("boss").await, portal.browser_of("operator").await);
    let form = boss.get(&format!("/admin/teams/{PAYMENTS}")).await.form("/api/fn/set_policy");
    let allowed = form.with("break_glass", "yes").with("reason", "Nights are short of people");
    boss.submit_and_follow(&allowed).await.assert_says("Policy saved.");
    let mut targets = Targets::of(&portal);
    let at_once = |change: &PreparedChange| {
        change.form.clone().with("break_glass", "yes").with("reason", "Customers are charged twice at this moment")
    };
    let change = targets.prepare(ChangeKind::Suppress, &boss).await;
    let refused = boss.submit_and_follow(&at_once(&change)).await;
    refused.assert_says("If you have just allowed it, you may use it after 24 hours.");
    assert!(portal.sandbox.ledger().is_empty());
    let change = targets.prepare(ChangeKind::Suppress, &operator).await;
    operator.submit_and_follow(&at_once(&change)).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Intent, Stage::Outcome]);
}

#[tokio::test]
async fn of_two_requests_about_one_target_the_second_is_stale() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    installation.add_operator("third", PortalRole::Member).await;
    let portal = TestPortal::serve(installation).await;
    let (operator, second, third) =
        (portal.browser_of("operator").await, portal.browser_of("second").await, portal.browser_of("third").await);
    let mut targets = Targets::of(&portal);
    let first = ask(&mut targets, ChangeKind::Suppress, &operator).await;
    // Nobody asks twice for one change, but two people may.
    let again = OperationId::new();
    let form = first.form.clone().with("operation", &again.to_string());
    operator.submit_and_follow(&form).await.assert_says("You have already asked for this change");
    second.submit_and_follow(&form).await.assert_says("Nothing was sent to Workato.");
    let both = [first.operation, again];
    let answers = both.map(|operation| post(&third, "approve", operation));
    futures::future::join_all(answers).await;
    let mut closed = 0;
    for operation in both {
        match stages(&portal, operation).await.as_slice() {
            [Stage::Requested, Stage::Expired] => closed += 1,
            done => assert_eq!(done, DONE),
        }
    }
    assert_eq!((closed, portal.sandbox.ledger().len()), (1, 1));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn nobody_buries_the_requests_of_others() {
    let portal = guarded_portal().await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    for _ in 0..20 {
        ask(&mut targets, ChangeKind::Delete, &operator).await;
    }
    let one_more = targets.prepare(ChangeKind::Delete, &operator).await;
    let refused = operator.submit_and_follow(&one_more.form).await;
    refused.assert_says("You have 20 requests that wait in this team.");
    assert_eq!(stages(&portal, one_more.operation).await, []);
    let other = ask(&mut targets, ChangeKind::Delete, &second).await;
    assert_eq!(stages(&portal, other.operation).await, WAITS);
}

#[tokio::test]
async fn a_production_team_is_created_with_a_policy() {
    let portal = TestPortal::start().await;
    let created = portal.entries().await.into_iter().filter(|entry| entry.action == Action::TeamCreate);
    let policies: Vec<_> = created.map(|entry| entry.parameters["approval"].clone()).collect();
    assert_eq!(policies, [json!(""), json!("suppress delete")]);
}

#[tokio::test]
async fn a_request_whose_impact_has_grown_is_closed_and_shows_then_and_now() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let clock = Clock::at(OffsetDateTime::now_utc());
    let set = clock.clone();
    let portal = TestPortal::serve_with(installation, |settings| settings.clock = set).await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    let workspace = portal.sandbox.workspace(0).unwrap();
    let customers = workspace.customers();
    let customer = customers.iter().find(|customer| customer.has_access).unwrap();
    let as_before = targets.prepare(ChangeKind::Suppress, &operator).await;
    as_before.perform(&operator).await;
    let page = post_and_follow(&second, "approve", as_before.operation).await;
    assert_eq!(stages(&portal, as_before.operation).await, DONE, "{}", page.text());
    let change = targets.prepare(ChangeKind::Suppress, &operator).await;
    let connector: u64 = change.form.get("connector").parse().unwrap();
    change.perform(&operator).await.assert_says("Nothing was sent to Workato.");
    let recipe = Alteration::AddRecipe {
        customer_id: Some(customer.id),
        name: "Settle invoices".to_owned(),
        connection_ids: Vec::new(),
        connector_ids: vec![connector],
        active: true,
    };
    workspace.alter(&recipe).unwrap();
    clock.set(clock.now() + Duration::from_secs(6 * 60));
    let page = post_and_follow(&second, "approve", change.operation).await;
    assert_eq!(stages(&portal, change.operation).await, [Stage::Requested, Stage::Expired], "{}", page.text());
    page.assert_says("More customers or running recipes use this than when it was requested.");
    page.assert_says("Impact then and now");
    let closed = entries_of(&portal, change.operation).await.pop().unwrap();
    let (then, evidence) =
        (entries_of(&portal, change.operation).await.remove(0).impact.unwrap(), closed.evidence.unwrap());
    assert_eq!(evidence["why"], "impact");
    let active = |impact: &serde_json::Value| impact["recipes"]["active"].as_i64().unwrap();
    assert_eq!(active(&evidence["impact"]), active(&then) + 1);
    assert_eq!(portal.sandbox.ledger().len(), 1);
    portal.assert_every_call_was_logged().await;
}
