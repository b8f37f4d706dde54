//! SIGKILL at any moment between a form and its answer: nothing reaches Workato that is not in the log, and after the
//! restart every operation has an outcome.

use std::time::{Duration, Instant};

use portal::{
    PortalRole,
    audit::{Outcome, Stage},
    operations::Step,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rstest::rstest;
use sandbox::Options;
use tokio::time::sleep;

use crate::{
    routes::jobs::{dry_run, start},
    support::{ALL_GUARDED, Browser, ChangeKind, Child, Installation, Targets},
};

/// What the log holds after the restart about an operation that was killed at this step. Once other connections have
/// been created, no read can show that one was not. Workato has no call that shows with whom a recipe is shared.
fn history_after(kind: ChangeKind, step: Step) -> Vec<(Stage, Option<Outcome>)> {
    let intent = (Stage::Intent, None);
    match step {
        Step::Asked | Step::BeforeIntent => vec![],
        Step::AfterIntent | Step::BeforeCall if kind == ChangeKind::Create => {
            vec![intent, (Stage::Waiting, Some(Outcome::Unknown))]
        }
        Step::AfterIntent | Step::BeforeCall | Step::AfterCall if kind == ChangeKind::ShareRecipe => {
            vec![intent, (Stage::Waiting, Some(Outcome::Unknown))]
        }
        Step::AfterIntent | Step::BeforeCall => vec![intent, (Stage::Settled, Some(Outcome::Failed))],
        Step::AfterCall => vec![intent, (Stage::Settled, Some(Outcome::Succeeded))],
        Step::AfterOutcome => vec![intent, (Stage::Outcome, Some(Outcome::Succeeded))],
    }
}

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::create(ChangeKind::Create)]
#[case::update(ChangeKind::Update)]
#[case::tag(ChangeKind::Tag)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[case::share_recipe(ChangeKind::ShareRecipe)]
#[tokio::test]
async fn an_operation_killed_at_any_step_is_settled_after_the_restart(#[case] kind: ChangeKind) {
    let installation = Installation::new().await;
    let mut targets = Targets::of(&installation);
    let mut signed_in: Option<Browser> = None;
    let mut killed = Vec::new();
    for step in Step::ALL {
        let mut child = Child::start(&installation, Some(*step)).await;
        let browser = match &signed_in {
            // The session outlives the process.
            Some(browser) => browser.at(&child.base),
            None => Browser::of(&child.base, "operator").await,
        };
        let change = targets.prepare(kind, &browser).await;
        let answer = tokio::spawn({
            let (browser, form) = (browser.clone(), change.form.clone());
            async move { browser.try_submit(&form).await }
        });
        child.reached(*step).await;
        child.kill().await;
        assert!(answer.await.unwrap().is_err(), "{step}: a killed portal answered");
        signed_in = Some(browser);
        killed.push((*step, change));
    }
    let child = Child::start(&installation, None).await;
    installation.until_settled().await;
    installation.assert_every_call_was_logged().await;
    let browser = signed_in.unwrap().at(&child.base);
    for (step, change) in killed {
        assert_eq!(installation.history(change.operation).await, history_after(kind, step), "{step}");
        // Sending the form again leads to the first outcome, and nothing is sent twice.
        if matches!(step, Step::AfterIntent | Step::AfterCall) {
            change.perform(&browser).await;
            assert_eq!(installation.history(change.operation).await, history_after(kind, step), "{step}, sent again");
        }
    }
    assert_eq!(installation.sandbox.ledger().len(), 2, "only those killed after the call");
}

/// What the log holds after the restart about a request whose approval was killed at this step.
fn history_of_approval_after(step: Step) -> Vec<(Stage, Option<Outcome>)> {
    let mut history = vec![(Stage::Requested, None)];
    if !matches!(step, Step::Asked | Step::BeforeIntent) {
        history.push((Stage::Approved, None));
        history.extend(history_after(ChangeKind::Suppress, step));
    }
    history
}

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[tokio::test]
async fn a_request_whose_approval_is_killed_at_any_step_waits_or_is_settled(#[case] kind: ChangeKind) {
    let installation = Installation::new().await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let mut targets = Targets::of(&installation);
    let child = Child::start(&installation, None).await;
    let (operator, second) = (Browser::of(&child.base, "operator").await, Browser::of(&child.base, "second").await);
    let mut requests = Vec::new();
    for step in Step::ALL {
        let change = targets.prepare(kind, &operator).await;
        change.perform(&operator).await;
        requests.push((*step, change));
    }
    child.kill().await;
    for (step, change) in &requests {
        let mut child = Child::start(&installation, Some(*step)).await;
        let (browser, operation) = (second.at(&child.base), change.operation.to_string());
        let form = browser.get(&format!("/approvals/{operation}")).await.form("/api/fn/approve_request");
        let answer = tokio::spawn(async move { browser.try_submit(&form).await });
        child.reached(*step).await;
        child.kill().await;
        assert!(answer.await.unwrap().is_err(), "{step}: a killed portal answered");
    }
    let child = Child::start(&installation, None).await;
    installation.until_settled().await;
    installation.assert_every_call_was_logged().await;
    installation.assert_every_call_was_approved().await;
    assert_eq!(installation.sandbox.ledger().len(), 2, "only those killed after the call");
    let browser = second.at(&child.base);
    for (step, change) in requests {
        let history = history_of_approval_after(step);
        assert_eq!(installation.history(change.operation).await, history, "{step}");
        let fields = [("operation", &*change.operation.to_string()), ("note", "")];
        browser.post("/api/fn/approve_request", &fields).await;
        let again = installation.history(change.operation).await;
        match step {
            // Nothing was lost: it still waited.
            Step::Asked | Step::BeforeIntent => {
                let sent = [(Stage::Approved, None), (Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
                assert_eq!(again[1..], sent, "{step}, approved again");
            }
            // Nothing is repeated.
            _ => assert_eq!(again, history, "{step}, approved again"),
        }
    }
    installation.assert_every_call_was_approved().await;
}

#[tokio::test]
async fn kills_at_random_moments_leave_no_call_unapproved() {
    kills_during_requests(40).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn two_hundred_kills_at_random_moments_leave_no_call_unapproved() {
    kills_during_requests(200).await;
}

async fn kills_during_requests(kills: usize) {
    const SEED: u64 = 20_261_128;
    println!("the moments come from seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let installation =
        Installation::with(Options { connections: 2 * kills + 200, connectors: kills + 140, ..Options::on_any_port() })
            .await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let faults = installation.sandbox.faults();
    faults.put("slow", "* /api/**: latency 2ms..20ms".parse().unwrap());
    faults.put("slow to answer", "* /api/**: latency-after 2ms..20ms".parse().unwrap());
    let mut targets = Targets::of(&installation);
    let child = Child::start(&installation, None).await;
    let (operator, second) = (Browser::of(&child.base, "operator").await, Browser::of(&child.base, "second").await);
    child.kill().await;
    let kinds = [ChangeKind::Share, ChangeKind::Suppress, ChangeKind::Disconnect, ChangeKind::Delete];
    for number in 0..kills {
        let child = Child::start(&installation, None).await;
        let (operator, second) = (operator.at(&child.base), second.at(&child.base));
        let change = targets.prepare(kinds[number % kinds.len()], &operator).await;
        let walk = tokio::spawn(async move {
            let operation = change.operation.to_string();
            operator.try_submit(&change.form).await.ok()?;
            let fields = [("operation", &*operation)];
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let request = second.request(reqwest::Method::POST, "/api/fn/approve_request");
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
            second.send(request).await.ok()
        });
        sleep(rng.random_range(Duration::ZERO..Duration::from_millis(400))).await;
        child.kill().await;
        drop(walk.await.unwrap());
    }
    let _child = Child::start(&installation, None).await;
    let entries = installation.until_settled().await;
    installation.assert_every_call_was_logged().await;
    installation.assert_every_call_was_approved().await;
    let count = |stage| entries.iter().filter(|entry| entry.stage == stage).count();
    println!(
        "{kills} kills: {} requests, {} approvals, {} outcomes, {} settled",
        count(Stage::Requested),
        count(Stage::Approved),
        count(Stage::Outcome),
        count(Stage::Settled)
    );
    assert_eq!(count(Stage::Approved), count(Stage::Intent));
    assert!(
        count(Stage::Requested) > count(Stage::Approved) && count(Stage::Approved) > 0,
        "all too early or too late"
    );
}

#[tokio::test]
async fn a_hundred_kills_at_random_moments_leave_no_call_unlogged() {
    const SEED: u64 = 20_261_122;
    const KILLS: usize = 100;
    println!("the moments come from seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let installation =
        Installation::with(Options { connections: 250, connectors: 140, ..Options::on_any_port() }).await;
    let faults = installation.sandbox.faults();
    faults.put("slow", "* /api/**: latency 2ms..20ms".parse().unwrap());
    faults.put("slow to answer", "* /api/**: latency-after 2ms..20ms".parse().unwrap());
    let mut targets = Targets::of(&installation);

    let child = Child::start(&installation, None).await;
    let browser = Browser::of(&child.base, "operator").await;
    // The kills fall between the request and shortly after its answer, however slow this machine is.
    let mut span = Duration::from_millis(60);
    for kind in ChangeKind::ON_TARGETS {
        let change = targets.prepare(kind, &browser).await;
        let begun = Instant::now();
        browser.submit(&change.form).await;
        span = span.max(begun.elapsed());
    }
    child.kill().await;

    for number in 0..KILLS {
        let child = Child::start(&installation, None).await;
        let browser = browser.at(&child.base);
        let kind = ChangeKind::ON_TARGETS[number % ChangeKind::ON_TARGETS.len()];
        let change = targets.prepare(kind, &browser).await;
        let sent = tokio::spawn(async move { browser.try_submit(&change.form).await });
        sleep(rng.random_range(Duration::ZERO..span)).await;
        child.kill().await;
        drop(sent.await.unwrap());
    }

    let _child = Child::start(&installation, None).await;
    let entries = installation.until_settled().await;
    installation.assert_every_call_was_logged().await;
    let count = |stage| entries.iter().filter(|entry| entry.stage == stage).count();
    let (intents, outcomes, settled) = (count(Stage::Intent), count(Stage::Outcome), count(Stage::Settled));
    println!("{KILLS} kills within {span:?}: {intents} intents, {outcomes} outcomes, {settled} settled");
    // Nobody else touched the targets, so every operation could be settled.
    assert_eq!(count(Stage::Waiting), 0);
    assert!(
        outcomes > ChangeKind::ON_TARGETS.len() && settled > 0,
        "the kills all came too early or too late to show anything"
    );
}

/// Starts a job over many connections that somebody approved, kills the portal again and again while it runs, and looks at
/// what is left: each item was sent at most once, none without its intent, none without the approval.
async fn kills_during_a_job(kills: usize, items: usize) {
    const SEED: u64 = 20_261_128;
    println!("the moments come from seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let options = Options { connections: items * 3 / 2 + 400, connectors: 10, ..Options::on_any_port() };
    let installation = Installation::with(options).await;
    installation.guard(&ALL_GUARDED).await;
    installation.add_operator("second", PortalRole::Member).await;
    let faults = installation.sandbox.faults();
    faults.put("slow", "DELETE /api/connections/*: latency 2ms..30ms".parse().unwrap());
    faults.put("slow to answer", "DELETE /api/connections/*: latency-after 2ms..30ms".parse().unwrap());
    let mut targets = Targets::of(&installation);
    let ids: Vec<u64> = (0..items).map(|_| targets.unused_connection()).collect();
    let mut child = Child::start(&installation, None).await;
    let (operator, second) = (Browser::of(&child.base, "operator").await, Browser::of(&child.base, "second").await);
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    start(&operator, &page).await;
    let job = page.rsplit('/').next().unwrap().to_owned();
    second.post("/api/fn/approve_request", &[("operation", &job)]).await;
    let mut at_last_kill = 0;
    for number in 0..kills {
        sleep(rng.random_range(Duration::ZERO..Duration::from_millis(400))).await;
        child.kill().await;
        at_last_kill = installation.sandbox.ledger().len();
        child = Child::start(&installation, None).await;
        // Somebody pauses and resumes it in between.
        if number % 10 == 9 {
            let operator = operator.at(&child.base);
            for act in ["pause", "resume"] {
                operator.post(&format!("/api/fn/{act}_job"), &[("team", "payments"), ("job", &job)]).await;
            }
        }
    }
    let operator = operator.at(&child.base);
    let begun = Instant::now();
    while !operator.get(&page).await.says("Finished") {
        assert!(begun.elapsed() < Duration::from_secs(300), "{}", operator.get(&page).await.text());
        sleep(Duration::from_millis(200)).await;
    }
    let entries = installation.until_settled().await;
    installation.assert_every_call_was_logged().await;
    installation.assert_every_call_was_approved().await;
    let of_job = |stage| entries.iter().filter(move |entry| entry.batch.is_some() && entry.stage == stage).count();
    let (intents, settled) = (of_job(Stage::Intent), of_job(Stage::Settled));
    let deleted = installation.sandbox.ledger().len();
    println!(
        "{kills} kills while {at_last_kill} items were deleted: {intents} intents of {items} items, {settled} settled, {deleted} deleted"
    );
    assert_eq!(intents, items, "each item has one intent");
    assert!(at_last_kill < deleted, "the job had ended before the last kill");
    assert!(deleted <= items && deleted + settled >= items, "{deleted} were deleted, {settled} settled");
    let mut sent: Vec<_> = installation.sandbox.ledger().iter().map(|done| done.targets[0].id.clone()).collect();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), deleted, "something was deleted twice");
}

#[tokio::test]
async fn kills_during_a_job_repeat_nothing_and_lose_nothing() {
    kills_during_a_job(25, 300).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn two_hundred_kills_during_a_job_repeat_nothing_and_lose_nothing() {
    kills_during_a_job(200, 2_500).await;
}
