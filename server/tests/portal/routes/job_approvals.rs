//! Jobs that need a second person: started without one in an emergency, and what people do at the same moment.

use std::time::Duration;

use portal::{
    PortalRole, TeamRole,
    audit::{Action, Entry, Stage},
};
use rstest::rstest;

use super::jobs::{control, dry_run, id_of, start, until_says};
use crate::support::{ALL_GUARDED, Browser, Installation, PAYMENTS, Page, Targets, TestPortal, eventually};

const REASON: &str = "Customers are charged twice at this moment";

/// A portal whose team `payments` guards everything, with its operators `operator`, `second` and `third`.
async fn guarded_portal() -> TestPortal {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    for who in ["second", "third"] {
        installation.add_operator(who, PortalRole::Member).await;
    }
    TestPortal::serve(installation).await
}

async fn delete(portal: &TestPortal, browser: &Browser, items: usize) -> String {
    let mut targets = Targets::of(portal);
    let ids: Vec<u64> = (0..items).map(|_| targets.unused_connection()).collect();
    dry_run(browser, "delete", &ids, &[]).await
}

/// Starts the job of a dry run without approval.
async fn start_at_once(browser: &Browser, page: &str, items: usize, reason: &str) -> Page {
    let form = browser.get(page).await.form("/api/fn/start_job").with("break_glass", "yes");
    browser.submit(&form.with("count", &items.to_string()).with("reason", reason)).await
}

async fn decide(browser: &Browser, act: &str, page: &str) -> Page {
    let fields = [("operation", &*id_of(page).to_string()), ("note", "Looked at it")];
    browser.post(&format!("/api/fn/{act}_request"), &fields).await
}

fn of_job(entries: &[Entry], page: &str) -> Vec<Entry> {
    let job = id_of(page);
    entries.iter().filter(|entry| entry.operation_id == job || entry.batch == Some(job)).cloned().collect()
}

fn intents(entries: &[Entry], page: &str) -> Vec<Entry> {
    let is_item = |entry: &Entry| entry.batch == Some(id_of(page)) && entry.stage == Stage::Intent;
    entries.iter().filter(|entry| is_item(entry)).cloned().collect()
}

#[tokio::test]
async fn a_job_without_approval_starts_at_once_and_is_one_change_that_somebody_has_to_review() {
    let portal = guarded_portal().await;
    let (operator, auditor) = (portal.browser_of("operator").await, portal.browser_of("auditor").await);
    let page = delete(&portal, &operator, 3).await;
    let form = operator.get(&page).await.form("/api/fn/start_job");
    assert_eq!(form.buttons, ["Request approval", "Start job without approval"]);
    let refused = start_at_once(&operator, &page, 3, "It is urgent").await;
    let refused = operator.get(refused.location()).await;
    refused.assert_says("Enter a reason of at least 20 characters to act without approval.");
    assert!(of_job(&portal.entries().await, &page).is_empty());
    let again = start_at_once(&operator, &page, 3, REASON).await;
    assert!(!again.location().contains("problem="), "{again:?}");
    until_says(&operator, &page, "Finished").await.assert_says("Started without approval by The operator");
    portal.until_settled().await;
    let entries = of_job(&portal.entries().await, &page);
    let started = entries.iter().find(|entry| entry.action == Action::JobCreate).expect("its entry");
    assert!(started.stage == Stage::Recorded && started.break_glass && started.reason.as_deref() == Some(REASON));
    let items = intents(&entries, &page);
    assert_eq!((items.len(), portal.sandbox.ledger().len()), (3, 3));
    assert!(items.iter().all(|item| item.break_glass && item.approved_by.is_none() && item.approved_in.is_none()));
    // However many items it has, it is one change for people and metrics.
    let told = "The operator changed something in Payments without approval.";
    for (who, times) in [("second", 1), ("auditor", 1), ("admin", 1), ("operator", 0), ("viewer", 0), ("stranger", 0)] {
        let shown = portal.browser_of(who).await.get("/account").await;
        assert_eq!(shown.text().matches(told).count(), times, "{who}");
    }
    operator.get("/").await.assert_says("Changed without approval");
    assert!(portal.readiness().await.says("1 change without approval waits for a review"));
    auditor.submit_and_follow(&auditor.get(&page).await.form("/api/fn/review_job")).await;
    assert!(!auditor.get("/").await.says("Changed without approval"));
    assert!(!portal.readiness().await.says("without approval"));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_policy_that_forbids_break_glass_keeps_a_job_from_starting_and_pauses_one_that_runs() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    portal.sandbox.faults().put("slow", "DELETE /api/connections/*: latency 500ms".parse().unwrap());
    let runs = delete(&portal, &operator, 8).await;
    start_at_once(&operator, &runs, 8, REASON).await;
    eventually("an item", Duration::from_secs(20), || async { portal.sandbox.ledger().first().map(drop) }).await;
    portal.set_policy(&ALL_GUARDED, false).await;
    until_says(&operator, &runs, "Paused").await;
    let sent = portal.sandbox.ledger().len();
    assert!(sent < 8, "{sent}");
    let page = delete(&portal, &operator, 2).await;
    let form = operator.get(&page).await.form("/api/fn/start_job");
    assert_eq!(form.buttons, ["Request approval"]);
    let refused = start_at_once(&operator, &page, 2, REASON).await;
    operator.get(refused.location()).await.assert_says("This team doesn't allow acting without approval.");
    control(&operator, "resume", &runs).await;
    until_says(&operator, &runs, "Paused").await;
    portal.until_settled().await;
    assert_eq!(portal.sandbox.ledger().len(), sent);
    assert!(of_job(&portal.entries().await, &page).is_empty());
}

#[tokio::test]
async fn a_job_without_approval_takes_a_fresh_factor() {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    let portal = TestPortal::serve_with(installation, |settings| settings.fresh_factor = Duration::from_secs(4)).await;
    let operator = portal.browser_of("operator").await;
    let page = delete(&portal, &operator, 2).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let answer = start_at_once(&operator, &page, 2, REASON).await;
    assert!(answer.location().starts_with("/account/confirm?next="), "{answer:?}");
    assert!(of_job(&portal.entries().await, &page).is_empty());
}

#[tokio::test]
async fn break_glass_means_nothing_for_a_job_that_needs_nobody() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let page = delete(&portal, &operator, 1).await;
    start_at_once(&operator, &page, 1, "They left").await;
    until_says(&operator, &page, "Finished").await;
    portal.until_settled().await;
    assert!(portal.entries().await.iter().all(|entry| !entry.break_glass));
    portal.assert_every_call_was_logged().await;
}

/// What a hundred requests at the same moment answer. None is an error.
async fn a_hundred<F>(send: impl Fn(usize) -> F)
where
    F: Future<Output = Page> + Send + 'static,
{
    let sent: Vec<_> = (0..100).map(|number| tokio::spawn(send(number))).collect();
    for answer in sent {
        let status = answer.await.unwrap().status;
        assert!(matches!(status, 303 | 429), "{status}");
    }
}

#[tokio::test]
async fn a_hundred_starts_and_a_hundred_approvals_at_once_start_a_job_once() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let page = delete(&portal, &operator, 4).await;
    let form = operator.get(&page).await.form("/api/fn/start_job").with("count", "4").with("reason", REASON);
    let at_once = form.clone().with("break_glass", "yes");
    // Half of them ask for a second person, and half do without: whichever is first counts.
    a_hundred(|number| {
        let (browser, form) = (operator.clone(), if number % 2 == 0 { form.clone() } else { at_once.clone() });
        async move { browser.submit(&form).await }
    })
    .await;
    let starts = portal.entries().await.iter().filter(|entry| entry.action == Action::JobCreate).count();
    assert_eq!(starts, 1, "one start or one request");

    let page = delete(&portal, &operator, 4).await;
    start(&operator, &page).await.assert_says("Needs approval");
    let others = [portal.browser_of("second").await, portal.browser_of("third").await];
    a_hundred(|number| {
        let (browser, page) = (others[number % 2].clone(), page.clone());
        async move { decide(&browser, if number % 10 == 9 { "decline" } else { "approve" }, &page).await }
    })
    .await;
    let entries = of_job(&portal.entries().await, &page);
    let decided = entries.iter().filter(|entry| matches!(entry.stage, Stage::Approved | Stage::Declined));
    let decided: Vec<_> = decided.collect();
    assert_eq!(decided.len(), 1, "one decision");
    if decided[0].stage == Stage::Approved {
        until_says(&operator, &page, "Finished").await;
        portal.until_settled().await;
        assert_eq!(intents(&portal.entries().await, &page).len(), 4);
    }
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn whoever_pauses_resumes_and_cancels_at_the_same_moment_a_job_repeats_nothing_and_ends_cancelled() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    portal.sandbox.faults().put("slow", "DELETE /api/connections/*: latency 40ms".parse().unwrap());
    let page = delete(&portal, &operator, 30).await;
    start_at_once(&operator, &page, 30, REASON).await;
    let browsers = [operator.clone(), portal.browser_of("second").await, portal.browser_of("third").await];
    a_hundred(|number| {
        let (browser, page) = (browsers[number % 3].clone(), page.clone());
        let act = if number == 80 { "cancel" } else { ["pause", "resume"][number % 2] };
        async move { control(&browser, act, &page).await }
    })
    .await;
    let done = control(&operator, "cancel", &page).await;
    assert_eq!(done.status, 303);
    until_says(&operator, &page, "Cancelled").await;
    portal.until_settled().await;
    let entries = of_job(&portal.entries().await, &page);
    let all = portal.entries().await;
    let cancelled: Vec<_> = all.iter().filter(|entry| entry.action == Action::JobCancel).collect();
    assert_eq!(cancelled.len(), 1, "it is cancelled once");
    let later = entries.iter().filter(|entry| entry.sequence > cancelled[0].sequence && entry.stage == Stage::Intent);
    assert_eq!(later.count(), 0, "an intent follows the end");
    assert!(all.iter().all(|it| it.action != Action::JobResume || it.sequence < cancelled[0].sequence));
    let items = intents(&entries, &page);
    let mut targets: Vec<_> = items.iter().map(|item| item.targets[0].id.clone()).collect();
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), items.len(), "an item was sent twice");
    assert!(portal.sandbox.ledger().len() <= items.len(), "a call without its intent");
    portal.assert_every_call_was_logged().await;
}

/// The request of a job of connectors has the customers and recipes that use any of them, each counted once.
#[tokio::test]
async fn the_request_of_a_job_of_connectors_shows_who_uses_them_together() {
    let portal = guarded_portal().await;
    let operator = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let outdated = |one: &sandbox::Connector| {
        let latest = one.released().map(|version| version.version).max();
        one.shared.as_ref().is_some_and(|shared| latest > Some(shared.version))
    };
    let ids: Vec<u64> = workspace.connectors().iter().filter(|one| outdated(one)).map(|one| one.id).take(3).collect();
    assert!(ids.len() > 1, "{ids:?}");
    let list = format!("/teams/{PAYMENTS}/connectors");
    // What uses them is read beside the page.
    eventually("what uses them", Duration::from_secs(20), || async {
        operator.get(&format!("{list}?sort=-customers")).await.says("customers read").then_some(())
    })
    .await;
    let items: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut fields = vec![("team", PAYMENTS), ("page", &*list), ("scope", "rows"), ("act", "share")];
    fields.extend(items.iter().map(|id| ("items[]", id.as_str())));
    let page = operator.post("/api/fn/dry_run", &fields).await.location().to_owned();
    start(&operator, &page).await;
    let (mut customers, mut recipes, mut active) = (0, 0, 0);
    for customer in workspace.customers().iter().filter(|customer| customer.has_access) {
        let uses = |used: &Vec<u64>| used.iter().any(|id| ids.contains(id));
        let using: Vec<_> = customer.recipes.iter().filter(|recipe| uses(&recipe.connector_ids)).collect();
        customers += usize::from(!using.is_empty());
        recipes += using.len();
        active += using.iter().filter(|recipe| recipe.active).count();
    }
    assert!(customers > 1, "nobody uses them");
    let request = portal.browser_of("second").await.get(&format!("/approvals/{}", id_of(&page))).await;
    request.assert_says(&format!("{customers} customers use these connectors in {recipes} recipes, {active} running"));
}

/// What becomes of the request of a job before anybody approves it.
#[rstest]
#[case::withdrawn("withdraw")]
#[case::declined("decline")]
#[case::expired("expire")]
#[case::of_somebody_who_was_demoted("demote")]
#[case::of_somebody_who_was_disabled("disable")]
#[tokio::test]
async fn a_request_of_a_job_ends_like_any_other_and_starts_nothing(#[case] how: &str) {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve_with(installation, |settings| {
        if how == "expire" {
            settings.approval_expires = Duration::from_secs(1);
        }
    })
    .await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let page = delete(&portal, &operator, 2).await;
    start(&operator, &page).await.assert_says("Needs approval");
    match how {
        "withdraw" | "decline" => {
            let browser = if how == "withdraw" { &operator } else { &second };
            assert_eq!(decide(browser, how, &page).await.status, 303);
        }
        "expire" => tokio::time::sleep(Duration::from_secs(2)).await,
        "demote" => portal.make_member("operator", Some(TeamRole::Viewer)).await,
        _ => portal.disable("operator").await,
    }
    decide(&second, "approve", &page).await;
    second.get(&page).await.assert_says("Not approved");
    // Neither resuming nor the form that was on the page before helps.
    control(&second, "resume", &page).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(portal.sandbox.ledger().is_empty());
    assert!(intents(&portal.entries().await, &page).is_empty());
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn an_odd_selection_has_no_item_but_what_workato_has_and_too_much_is_refused() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection().to_string();
    let odd = ["", "abc", "-5", "0", "1e9", "99999999999999999999999", "<b>1</b>", "' OR 1=1 --", &id, &id];
    let list = format!("/teams/{PAYMENTS}/connections");
    let mut fields = vec![("team", PAYMENTS), ("page", &*list), ("scope", "rows"), ("act", "delete")];
    fields.extend(odd.iter().map(|id| ("items[]", *id)));
    let page = operator.post("/api/fn/dry_run", &fields).await.location().to_owned();
    let shown = operator.get(&page).await;
    assert_eq!(shown.heading(), "Delete 1 connection");
    // What cannot be an id is nobody's row. An id that Workato does not have is said.
    assert_eq!(shown.rows().len(), 2, "{}", shown.text());
    shown.assert_says("No longer in Workato");
    start(&operator, &page).await;
    until_says(&operator, &page, "Finished").await;
    portal.until_settled().await;
    assert_eq!(portal.sandbox.ledger().len(), 1);

    let many: Vec<String> = (1..=10_001).map(|id| id.to_string()).collect();
    let mut fields = vec![("team", PAYMENTS), ("page", &*list), ("scope", "rows"), ("act", "delete")];
    fields.extend(many.iter().map(|id| ("items[]", id.as_str())));
    let refused = operator.post("/api/fn/dry_run", &fields).await;
    assert!(refused.status >= 400 || refused.location().contains("problem="), "{refused:?}");
    for act in ["", "suppress", "delete'"] {
        let fields = [("team", PAYMENTS), ("page", &*list), ("scope", "rows"), ("act", act), ("items[]", &*id)];
        let refused = operator.post("/api/fn/dry_run", &fields).await;
        assert!(refused.location().contains("problem="), "{act}: {refused:?}");
    }
    portal.assert_every_call_was_logged().await;
}
