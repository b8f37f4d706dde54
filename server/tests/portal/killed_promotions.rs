//! SIGKILL at random moments of a promotion: no step is sent twice, none without its intent, and no share without its
//! approval. Whatever was killed, resuming brings it to its end.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use portal::{
    Clock, PortalRole, TeamRole,
    audit::{Action, Outcome, Stage},
    operations::Step,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rstest::rstest;
use sandbox::{Alteration, Options};
use time::OffsetDateTime;
use tokio::time::sleep;

use crate::support::{Browser, Child, Form, Installation, LENDING, PAYMENTS, Page, TestPortal, eventually};

/// The production team's name, slug and number are those of the first workspace.
const PRODUCTION: usize = 0;
const STAGING: usize = 1;

/// Code with a length of its own, by which the ledger tells promotions apart.
fn code(number: usize) -> String {
    "#".repeat(1_000 + number)
}

/// Sends the form and, once the share waits, approves it.
async fn promote_and_approve(operator: Browser, second: Browser, page: String, form: Form) -> Option<()> {
    let answer = operator.try_submit(&form).await.ok()?;
    let shown = operator.send(operator.request(reqwest::Method::GET, answer.location())).await.ok()?;
    approve(&second, &shown).await?;
    operator.send(operator.request(reqwest::Method::GET, &page)).await.ok().map(drop)
}

async fn approve(second: &Browser, shown: &Page) -> Option<()> {
    let request = shown.links().into_iter().find(|link| link.starts_with("/approvals/"))?;
    let operation = request.rsplit('/').next()?.to_owned();
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("operation", &operation).finish();
    let request = second.request(reqwest::Method::POST, "/api/fn/approve_request");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    second.send(request).await.ok().map(drop)
}

/// The page of a promotion, once it does not go on by itself.
async fn with_a_form(operator: &Browser, page: &str) -> Page {
    eventually("a form", Duration::from_secs(30), || async {
        let shown = operator.get(page).await;
        (!shown.says("The promotion is running.")).then_some(shown)
    })
    .await
}

#[tokio::test]
async fn promotions_killed_at_random_moments_send_no_step_twice_and_none_unapproved() {
    kills_during_promotions(40).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn two_hundred_kills_during_promotions_send_no_step_twice_and_none_unapproved() {
    kills_during_promotions(200).await;
}

async fn kills_during_promotions(kills: usize) {
    const SEED: u64 = 20_261_129;
    println!("the moments come from seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let installation = Installation::with(Options { connections: 20, ..Options::on_any_port() }).await;
    installation.guard(&["share", "roll_back"]).await;
    installation.add_operator("second", PortalRole::Member).await;
    installation.make_member_of(LENDING, "operator", Some(TeamRole::Operator)).await;
    let (staging, production) =
        (installation.sandbox.workspace(STAGING).unwrap(), installation.sandbox.workspace(PRODUCTION).unwrap());
    let (source, counterpart) = (staging.connectors()[0].id, production.connectors()[1].id);
    let faults = installation.sandbox.faults();
    faults.put("slow", "* /api/**: latency 2ms..20ms".parse().unwrap());
    faults.put("slow to answer", "* /api/**: latency-after 2ms..20ms".parse().unwrap());
    let page = format!("/teams/{LENDING}/connectors/{source}/promote?to={PAYMENTS}");
    let child = Child::start(&installation, None).await;
    let (operator, second) = (Browser::of(&child.base, "operator").await, Browser::of(&child.base, "second").await);
    let pair = operator.get(&page).await.form("/api/fn/pair_connectors");
    let paired = operator.submit_and_follow(&pair.with("counterpart", &counterpart.to_string())).await;
    // The kills fall between the form and shortly after the approval, however slow this machine is.
    let begun = Instant::now();
    let form = paired.form("/api/fn/promote_connector").with("reason", "It is tested");
    promote_and_approve(operator.clone(), second.clone(), page.clone(), form).await.expect("it is approved");
    let span = begun.elapsed() + begun.elapsed() / 4;
    child.kill().await;
    for number in 0..kills {
        let child = Child::start(&installation, None).await;
        let (operator, second) = (operator.at(&child.base), second.at(&child.base));
        let resume = with_a_form(&operator, &page).await.forms("/api/fn/resume_promotion").into_iter().next();
        // Every other time, what was killed goes on, if it can.
        let form = match resume.filter(|_| number % 2 == 1) {
            Some(resume) => resume,
            None => {
                let alteration = Alteration::RewriteConnector { connector_id: source, code: code(number) };
                staging.alter(&alteration).unwrap();
                staging.alter(&Alteration::ReleaseVersion { connector_id: source, note: None }).unwrap();
                operator.post("/api/fn/refresh", &[("team", LENDING), ("page", &page)]).await;
                let form = with_a_form(&operator, &page).await.form("/api/fn/promote_connector");
                form.with("reason", "It is tested")
            }
        };
        let walk = tokio::spawn(promote_and_approve(operator, second, page.clone(), form));
        sleep(rng.random_range(Duration::ZERO..span)).await;
        child.kill().await;
        walk.await.unwrap();
    }
    let child = Child::start(&installation, None).await;
    let (operator, second) = (operator.at(&child.base), second.at(&child.base));
    installation.until_settled().await;
    for _ in 0..10 {
        // Requests of earlier promotions, too: while one waits, nobody can ask for the next share.
        approve(&second, &second.get("/approvals").await).await;
        let shown = operator.get(&page).await;
        match shown.forms("/api/fn/resume_promotion").first() {
            Some(resume) => {
                operator.submit_and_follow(resume).await;
            }
            None => {
                approve(&second, &shown).await;
            }
        }
        installation.until_settled().await;
    }
    operator.get(&page).await.assert_says("its customers get it.");
    installation.assert_every_call_was_logged().await;

    let ledger = installation.sandbox.ledger();
    let mut drafts: HashMap<u64, usize> = HashMap::new();
    for done in ledger.iter().filter(|done| done.action == "connector.update") {
        *drafts.entry(done.parameters["code_bytes"].as_u64().unwrap()).or_default() += 1;
    }
    assert!(drafts.values().all(|count| *count == 1), "a draft was sent twice: {drafts:?}");
    let entries = installation.entries().await;
    let mut steps: HashMap<_, usize> = HashMap::new();
    for intent in entries.iter().filter(|entry| entry.stage == Stage::Intent) {
        let ended = entries.iter().rfind(|entry| entry.operation_id == intent.operation_id).unwrap();
        if ended.outcome != Some(Outcome::Failed) {
            *steps.entry((intent.batch.expect("it is of a plan"), intent.action.as_str())).or_default() += 1;
        }
        if intent.action == Action::ConnectorShare {
            let approval = entries.iter().find(|entry| entry.sequence == intent.sequence - 1).unwrap();
            assert_eq!((approval.stage, approval.operation_id), (Stage::Approved, intent.operation_id));
        }
    }
    assert!(steps.values().all(|count| *count == 1), "a step was sent twice: {steps:?}");
    let shares = |stage| entries.iter().filter(|it| it.stage == stage && it.action == Action::ConnectorShare).count();
    let sent = ledger.iter().filter(|done| done.action == "connector.share").count();
    assert!(sent <= shares(Stage::Approved), "{sent} shares, {} approvals", shares(Stage::Approved));
    println!("{kills} kills within {span:?}: {} calls, {} plans, {sent} shares", ledger.len(), drafts.len());
    assert!(drafts.len() > kills / 8 && sent > 1, "the kills all came too early to show anything");
}

/// An installation with an operator of both teams, and the page on which they promote a connector that is paired.
async fn paired() -> (Installation, String, Browser) {
    let installation = Installation::with(Options { connections: 20, ..Options::on_any_port() }).await;
    installation.make_member_of(LENDING, "operator", Some(TeamRole::Operator)).await;
    let connector = |team, number: usize| installation.sandbox.workspace(team).unwrap().connectors()[number].id;
    let page = format!("/teams/{LENDING}/connectors/{}/promote?to={PAYMENTS}", connector(STAGING, 0));
    let child = Child::start(&installation, None).await;
    let operator = Browser::of(&child.base, "operator").await;
    let pair = operator.get(&page).await.form("/api/fn/pair_connectors");
    operator.submit_and_follow(&pair.with("counterpart", &connector(PRODUCTION, 1).to_string())).await;
    child.kill().await;
    (installation, page, operator)
}

/// Promotes, and kills the portal when the promotion's first operation has come to this step.
async fn kill_at(installation: &Installation, page: &str, operator: &Browser, step: Step) {
    let mut child = Child::start(installation, Some(step)).await;
    let operator = operator.at(&child.base);
    let form = operator.get(page).await.form("/api/fn/promote_connector").with("reason", "It is tested");
    let answer = tokio::spawn(async move { operator.try_submit(&form).await });
    child.reached(step).await;
    child.kill().await;
    assert!(answer.await.unwrap().is_err(), "{step}: a killed portal answered");
}

fn sent(installation: &Installation) -> Vec<String> {
    installation.sandbox.ledger().iter().map(|done| done.action.to_owned()).collect()
}

const ALL_SENT: [&str; 3] = ["connector.update", "connector.release", "connector.share"];

#[rstest]
#[case::before_its_first_intent(Step::BeforeIntent)]
#[case::after_its_first_call(Step::AfterCall)]
#[case::after_its_first_outcome(Step::AfterOutcome)]
#[tokio::test]
async fn a_promotion_that_a_crash_has_interrupted_goes_on_by_itself(#[case] step: Step) {
    let (installation, page, operator) = paired().await;
    kill_at(&installation, &page, &operator, step).await;
    let child = Child::start(&installation, None).await;
    let operator = operator.at(&child.base);
    eventually("the end of the promotion", Duration::from_secs(60), || async {
        operator.get(&page).await.says("its customers get it.").then_some(())
    })
    .await;
    assert_eq!(sent(&installation), ALL_SENT);
    installation.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_promotion_whose_step_was_not_sent_waits_for_somebody() {
    let (installation, page, operator) = paired().await;
    kill_at(&installation, &page, &operator, Step::BeforeCall).await;
    let child = Child::start(&installation, None).await;
    let operator = operator.at(&child.base);
    installation.until_settled().await;
    sleep(Duration::from_secs(3)).await;
    assert!(sent(&installation).is_empty(), "a step that has failed is not repeated by itself");
    operator.submit_and_follow(&operator.get(&page).await.form("/api/fn/resume_promotion")).await;
    operator.get(&page).await.assert_says("its customers get it.");
    assert_eq!(sent(&installation), ALL_SENT);
}

#[rstest]
#[case::of_the_team_that_it_comes_from(LENDING)]
#[case::of_the_team_that_it_goes_to(PAYMENTS)]
#[tokio::test]
async fn a_promotion_does_not_go_on_for_somebody_who_is_no_longer_an_operator(#[case] team: &str) {
    let (installation, page, operator) = paired().await;
    kill_at(&installation, &page, &operator, Step::AfterOutcome).await;
    installation.make_member_of(team, "operator", Some(TeamRole::Viewer)).await;
    let _child = Child::start(&installation, None).await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(sent(&installation), ALL_SENT[..1]);
}

#[tokio::test]
async fn a_promotion_that_was_interrupted_long_ago_waits_for_somebody() {
    let (installation, page, operator) = paired().await;
    kill_at(&installation, &page, &operator, Step::AfterOutcome).await;
    let later = Clock::at(OffsetDateTime::now_utc() + Duration::from_secs(16 * 60));
    let portal = TestPortal::serve_with(installation, |settings| settings.clock = later).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(sent(&portal), ALL_SENT[..1]);
    let operator = portal.browser_of("operator").await;
    operator.submit_and_follow(&operator.get(&page).await.form("/api/fn/resume_promotion")).await;
    operator.get(&page).await.assert_says("its customers get it.");
    assert_eq!(sent(&portal), ALL_SENT);
}
