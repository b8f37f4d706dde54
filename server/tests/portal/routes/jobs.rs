//! Jobs: what a dry run says, who may do what, that each item is sent at most once and none without its intent, and what
//! stops a job.

use std::time::{Duration, Instant};

use portal::{
    OperationId, PortalRole, TeamRole,
    audit::{Action, Entry, Outcome, Stage},
};
use rstest::rstest;
use sandbox::{Alteration, Options};

use crate::support::{Browser, Installation, PAYMENTS, Page, Targets, TestPortal, eventually};

const LIST: &str = "/teams/payments/connections";

/// Makes a dry run of an act with these rows. Returns its page.
pub async fn dry_run(browser: &Browser, act: &str, ids: &[u64], more: &[(&str, &str)]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut fields = vec![("team", PAYMENTS), ("page", LIST), ("scope", "rows"), ("act", act)];
    fields.extend(ids.iter().map(|id| ("items[]", id.as_str())));
    fields.extend(more);
    let answer = browser.post("/api/fn/dry_run", &fields).await;
    assert!(answer.is_redirect() && answer.location().contains("/jobs/"), "{answer:?}");
    answer.location().to_owned()
}

/// Starts the job of a dry run, or asks for a second person.
pub async fn start(browser: &Browser, page: &str) -> Page {
    let shown = browser.get(page).await;
    let form = shown.form("/api/fn/start_job");
    let count = shown.select("label[for=count]")[0].text.split(' ').nth(1).unwrap().to_owned();
    browser.submit_and_follow(&form.with("count", &count).with("reason", "The customers have left")).await
}

pub fn id_of(page: &str) -> OperationId {
    page.rsplit('/').next().unwrap().parse().unwrap()
}

pub async fn until_says(browser: &Browser, page: &str, words: &str) -> Page {
    eventually(words, Duration::from_secs(30), || async {
        let shown = browser.get(page).await;
        shown.says(words).then_some(shown)
    })
    .await
}

pub async fn control(browser: &Browser, act: &str, page: &str) -> Page {
    let job = id_of(page).to_string();
    browser.post(&format!("/api/fn/{act}_job"), &[("team", PAYMENTS), ("job", &job)]).await
}

fn of_batch(entries: &[Entry], page: &str) -> Vec<Entry> {
    let job = id_of(page);
    entries.iter().filter(|entry| entry.batch == Some(job)).cloned().collect()
}

fn count(entries: &[Entry], stage: Stage) -> usize {
    entries.iter().filter(|entry| entry.stage == stage).count()
}

#[tokio::test]
async fn a_job_carries_out_each_item_once_and_reports_it() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..4).map(|_| targets.unused_connection()).collect();
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    let shown = operator.get(&page).await;
    assert_eq!(shown.heading(), "Delete 4 connections");
    // One is taken out.
    let take_out = [("team", PAYMENTS), ("job", &*id_of(&page).to_string()), ("page", &page), ("items[]", "2")];
    assert_eq!(operator.post("/api/fn/take_out", &take_out).await.location(), page);
    assert_eq!(operator.get(&page).await.heading(), "Delete 3 connections");
    assert!(portal.sandbox.ledger().is_empty(), "a dry run sends nothing");
    // The wrong number, and items that the page did not show, start nothing.
    let form = operator.get(&page).await.form("/api/fn/start_job").with("reason", "The customers have left");
    let wrong = operator.submit_and_follow(&form.clone().with("count", "4")).await;
    assert_eq!(wrong.problem("count").as_deref(), Some("Type 3, the number of items."));
    let stale = operator.submit_and_follow(&form.clone().with("count", "3").only("items", "0000")).await;
    stale.assert_says("The items have changed since this page was loaded.");
    let form = form.with("count", "3");
    for _ in 0..2 {
        assert!(operator.submit(&form).await.is_redirect(), "sending it twice starts it once");
    }
    let done = until_says(&operator, &page, "Finished").await;
    done.assert_says("3 of 3 done");
    done.assert_says("3 deleted");
    assert_eq!(portal.sandbox.ledger().len(), 3);
    let entries = portal.entries().await;
    let items = of_batch(&entries, &page);
    assert_eq!((items.len(), count(&items, Stage::Intent), count(&items, Stage::Outcome)), (6, 3, 3));
    assert!(items.iter().all(|entry| entry.actor.name == "The operator"));
    assert_eq!(entries.iter().filter(|entry| entry.action == Action::JobCreate).count(), 1);
    portal.assert_every_call_was_logged().await;
    // The log is searched by the job, and the report is a file.
    let found = operator.get(&format!("/audit?batch={}", id_of(&page))).await;
    found.assert_says("3 operations");
    let report = operator.submit(&done.form("/api/fn/export_job")).await;
    assert_eq!(report.body.lines().count(), 5, "{}", report.body);
    assert_eq!(report.body.matches("\"succeeded\"").count(), 3);
    assert_eq!(report.body.matches("\"taken_out\"").count(), 1);
    assert_eq!(portal.entries().await.last().unwrap().action, Action::AuditExport);
    // The auditor reviews the job as one.
    let auditor = portal.browser_of("auditor").await;
    let review = auditor.get(&page).await.form("/api/fn/review_job");
    auditor.submit_and_follow(&review).await.assert_says("Job reviewed");
    let reviews = portal.entries().await.iter().filter(|entry| entry.action == Action::OperationReview).count();
    assert_eq!(reviews, 4, "the job and each of its items");
    assert_eq!(portal.browser_of("viewer").await.get("/teams/payments/jobs").await.rows().len(), 1);
}

#[tokio::test]
async fn everything_that_a_filter_matches_becomes_a_job() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let list = format!("{LIST}?status=broken");
    let form = operator.get(&list).await.form("/api/fn/dry_run");
    let tag = portal.sandbox.workspace(0).unwrap().tags()[0].handle.clone();
    let answer = operator.submit(&form.with("scope", "all").with("act", "tag").with("tag", &tag)).await;
    let page = answer.location().to_owned();
    assert!(page.contains("/jobs/"), "{answer:?}");
    start(&operator, &page).await;
    until_says(&operator, &page, "Finished").await;
    let broken = |status: Option<&str>| matches!(status, Some("failed" | "exception"));
    for connection in portal.sandbox.workspace(0).unwrap().connections() {
        let has = connection.tags.clone().unwrap_or_default().contains(&tag);
        assert!(has || !broken(connection.authorization_status.as_deref()), "{connection:?}");
    }
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_refused_and_leaves_it_out() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (used, free) = (targets.unused_connection(), targets.unused_connection());
    let name = "Refund report".to_owned();
    let recipe = Alteration::AddRecipe {
        customer_id: None,
        name,
        connection_ids: vec![used],
        connector_ids: Vec::new(),
        active: true,
    };
    portal.sandbox.workspace(0).unwrap().alter(&recipe).unwrap();
    let page = dry_run(&operator, "delete", &[used, free, 999_999_999], &[]).await;
    let shown = operator.get(&page).await;
    assert_eq!(shown.heading(), "Delete 1 connection");
    shown.assert_says("1 active recipe uses it");
    shown.assert_says("No longer in Workato");
    start(&operator, &page).await;
    until_says(&operator, &page, "Finished").await;
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

/// Who does what with a job of `operator` that is paused.
#[rstest]
#[case::viewer("viewer", 403)]
#[case::another_team("stranger", 403)]
#[case::auditor("auditor", 403)]
#[case::admin("admin", 403)]
#[case::another_operator("second", 303)]
#[tokio::test]
async fn only_operators_of_the_team_control_a_job(#[case] who: &str, #[case] status: u16) {
    let installation = Installation::new().await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve(installation).await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..3).map(|_| targets.unused_connection()).collect();
    let browser = portal.browser_of(who).await;
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    let id = id_of(&page).to_string();
    // A dry run is its maker's alone.
    let seen = browser.get(&page).await.status;
    assert!(matches!(seen, 403 | 404), "{seen}");
    let hash = operator.get(&page).await.form("/api/fn/start_job").get("items").to_owned();
    let fields =
        [("team", PAYMENTS), ("job", &*id), ("items", &hash), ("count", "3"), ("reason", "The customers have left")];
    let answer = browser.post("/api/fn/start_job", &fields).await;
    assert!(matches!(answer.status, 403 | 404), "{answer:?}");
    assert!(portal.sandbox.ledger().is_empty());
    portal.sandbox.faults().put("slow", "DELETE /api/connections/*: latency 300ms".parse().unwrap());
    start(&operator, &page).await;
    for act in ["pause", "resume", "pause", "cancel"] {
        assert_eq!(control(&browser, act, &page).await.status, status, "{act}");
    }
    if status == 403 {
        until_says(&operator, &page, "Finished").await;
        assert!(portal.entries().await.iter().any(|entry| entry.stage == Stage::Denied));
    } else {
        until_says(&operator, &page, "Cancelled").await;
    }
}

#[tokio::test]
async fn nothing_is_sent_once_a_pause_is_recorded_and_what_was_not_sent_is_reported() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..12).map(|_| targets.unused_connection()).collect();
    portal.sandbox.faults().put("slow", "DELETE /api/connections/*: latency 150ms".parse().unwrap());
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    start(&operator, &page).await;
    eventually("some items", Duration::from_secs(20), || async { (portal.sandbox.ledger().len() >= 2).then_some(()) })
        .await;
    assert_eq!(control(&operator, "pause", &page).await.status, 303);
    let entries = portal.entries().await;
    let paused = entries.iter().position(|entry| entry.action == Action::JobPause).expect("a pause");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let later = &portal.entries().await[paused..];
    assert_eq!(count(later, Stage::Intent), 0, "no intent follows the pause");
    operator.get(&page).await.assert_says("Paused");
    control(&operator, "resume", &page).await;
    eventually("more items", Duration::from_secs(20), || async { (portal.sandbox.ledger().len() >= 5).then_some(()) })
        .await;
    control(&operator, "cancel", &page).await;
    let shown = until_says(&operator, &page, "Cancelled").await;
    shown.assert_says("not started");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = portal.sandbox.ledger().len();
    assert!(sent < 12, "{sent}");
    portal.until_settled().await;
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_job_that_needs_a_second_person_starts_when_one_approves_and_its_items_say_who() {
    let installation = Installation::new().await;
    installation.guard(&["delete"]).await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve(installation).await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..3).map(|_| targets.unused_connection()).collect();
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    let form = operator.get(&page).await.form("/api/fn/start_job");
    assert_eq!(form.buttons, ["Request approval", "Start job without approval"]);
    start(&operator, &page).await.assert_says("Needs approval");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(portal.sandbox.ledger().is_empty(), "nothing is sent before somebody approves");
    let request = format!("/approvals/{}", id_of(&page));
    let own = operator.post("/api/fn/approve_request", &[("operation", &*id_of(&page).to_string())]).await;
    assert!(own.location().contains("problem="), "nobody approves their own job: {own:?}");
    let shown = second.get(&request).await;
    assert!(shown.links().contains(&page), "the items can be seen");
    second.submit(&shown.form("/api/fn/approve_request").with("note", "Agreed")).await;
    until_says(&operator, &page, "Finished").await;
    let entries = portal.entries().await;
    let approval = entries.iter().find(|entry| entry.stage == Stage::Approved).expect("an approval");
    let items = of_batch(&entries, &page);
    for intent in items.iter().filter(|entry| entry.stage == Stage::Intent) {
        assert_eq!(intent.approved_by.as_ref(), Some(&approval.actor));
        assert_eq!(intent.approved_in, Some(id_of(&page)));
        assert!(intent.sequence > approval.sequence && intent.actor.name == "The operator");
    }
    assert_eq!((count(&items, Stage::Intent), portal.sandbox.ledger().len()), (3, 3));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_declined_job_never_starts() {
    let installation = Installation::new().await;
    installation.guard(&["delete"]).await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve(installation).await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let page = dry_run(&operator, "delete", &[Targets::of(&portal).unused_connection()], &[]).await;
    start(&operator, &page).await;
    let fields = [("operation", &*id_of(&page).to_string()), ("note", "Not these")];
    second.post("/api/fn/decline_request", &fields).await;
    operator.get(&page).await.assert_says("Not approved");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(portal.sandbox.ledger().is_empty());
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn refusals_in_a_row_stop_a_job_and_what_failed_can_be_tried_again() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| settings.job_stops_after = 2).await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..5).map(|_| targets.unused_connection()).collect();
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    portal.sandbox.faults().put("refuses", "DELETE /api/connections/*: status 400 x3".parse().unwrap());
    start(&operator, &page).await;
    let shown = until_says(&operator, &page, "several items in a row were rejected or failed").await;
    shown.assert_says("2 of 5 done");
    assert!(portal.sandbox.ledger().is_empty());
    let pause = portal.entries().await.into_iter().find(|entry| entry.action == Action::JobPause).expect("a pause");
    assert_eq!((pause.actor.name.as_str(), pause.parameters["why"].as_str()), ("system", Some("refusals")));
    // Resuming begins to count again, so that one more refusal does not stop it.
    control(&operator, "resume", &page).await;
    let done = until_says(&operator, &page, "Finished").await;
    assert_eq!(portal.sandbox.ledger().len(), 2);
    let again = operator.submit(&done.form("/api/fn/retry_failed")).await.location().to_owned();
    operator.get(&again).await.assert_says("Retries the failed items of an earlier job");
    start(&operator, &again).await;
    until_says(&operator, &again, "Finished").await;
    assert_eq!(portal.sandbox.ledger().len(), 5);
    operator.get(&page).await.assert_says("Its failed items were retried in a later job");
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn an_unknown_outcome_stops_only_its_item_and_it_is_never_sent_again() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..4).map(|_| targets.unused_connection()).collect();
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    portal.sandbox.faults().put("hangs", "DELETE /api/connections/*: hang x1".parse().unwrap());
    start(&operator, &page).await;
    until_says(&operator, &page, "Finished").await;
    portal.until_settled().await;
    let items = of_batch(&portal.entries().await, &page);
    assert_eq!(count(&items, Stage::Intent), 4, "each was sent once");
    assert!(items.iter().any(|entry| entry.outcome == Some(Outcome::Unknown)));
    assert!(portal.sandbox.ledger().len() <= 4);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn what_has_changed_since_the_dry_run_is_not_sent() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (renamed, same) = (targets.unused_connection(), targets.unused_connection());
    let page = dry_run(&operator, "delete", &[renamed, same], &[]).await;
    let name = "In use after all".to_owned();
    let rename = Alteration::RenameConnection { connection_id: renamed, name };
    portal.sandbox.workspace(0).unwrap().alter(&rename).unwrap();
    start(&operator, &page).await;
    until_says(&operator, &page, "Finished").await.assert_says("Changed since the dry run");
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn a_job_stops_when_its_maker_is_no_longer_an_operator() {
    let installation = Installation::new().await;
    installation.add_operator("second", PortalRole::Member).await;
    let portal = TestPortal::serve(installation).await;
    let (operator, second) = (portal.browser_of("operator").await, portal.browser_of("second").await);
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..8).map(|_| targets.unused_connection()).collect();
    portal.sandbox.faults().put("slow", "DELETE /api/connections/*: latency 300ms".parse().unwrap());
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    start(&operator, &page).await;
    portal.make_member("operator", Some(TeamRole::Viewer)).await;
    until_says(&second, &page, "is no longer an operator of the team").await;
    let sent = portal.sandbox.ledger().len();
    assert!(sent < 8, "{sent}");
    let refused = control(&second, "resume", &page).await;
    assert!(refused.location().contains("problem="), "{refused:?}");
}

/// What somebody does to the rows of a paused job who can write the database, and not the key.
#[rstest]
#[case::another_target("UPDATE job_item SET target_id = '{other}' WHERE place = 2")]
#[case::an_item_that_was_left_out("UPDATE job_item SET taken_out = 0 WHERE place = 3")]
#[case::a_new_operation("UPDATE job_item SET operation_id = '00000000-0000-7000-8000-000000000000' WHERE place = 1")]
#[case::another_act("UPDATE job SET act = 'disconnect'")]
#[case::another_person("UPDATE job SET person_id = (SELECT id FROM person WHERE id <> person_id LIMIT 1)")]
#[case::a_job_that_goes_on("UPDATE job SET state = 'running'")]
#[case::another_hash("UPDATE job SET items_sha256 = 'x'; UPDATE job_item SET target_id = '{other}' WHERE place = 2")]
#[tokio::test]
async fn forged_rows_of_a_job_send_nothing(#[case] statements: &str) {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let ids: Vec<u64> = (0..3).map(|_| targets.unused_connection()).collect();
    let other = targets.unused_connection();
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    let take_out = [("team", PAYMENTS), ("job", &*id_of(&page).to_string()), ("page", &page), ("items[]", "3")];
    operator.post("/api/fn/take_out", &take_out).await;
    // Nothing can be sent before it is paused.
    portal.sandbox.faults().put("down", "GET /api/connections: status 503".parse().unwrap());
    start(&operator, &page).await;
    control(&operator, "pause", &page).await;
    let statements: &'static str = statements.replace("{other}", &other.to_string()).leak();
    portal.database().await.tamper(statements).await;
    portal.sandbox.faults().clear();
    control(&operator, "resume", &page).await;
    // The worker looks again after five seconds.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(portal.sandbox.ledger().is_empty(), "{statements}");
    assert_eq!(count(&portal.entries().await, Stage::Intent), 0, "{statements}");
}

#[tokio::test]
async fn the_page_of_ten_thousand_items_is_as_long_as_that_of_fifty() {
    let options = Options { connections: 10_000, ..Options::on_any_port() };
    let portal = TestPortal::serve_with(Installation::with(options).await, |settings| {
        settings.upstream.timeout = Duration::from_secs(30);
    })
    .await;
    let operator = portal.browser_of("operator").await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let tag = workspace.tags()[0].handle.clone();
    let ids: Vec<u64> = workspace.connections().iter().map(|connection| connection.id).take(50).collect();
    let few = dry_run(&operator, "tag", &ids, &[("tag", &tag)]).await;
    let fields = [("team", PAYMENTS), ("page", LIST), ("scope", "all"), ("act", "tag"), ("tag", &*tag)];
    let answer = operator.post("/api/fn/dry_run", &fields).await;
    let (few_path, many_path) = (few, answer.location().to_owned());
    let (few, many) = (operator.get(&few_path).await, operator.get(&many_path).await);
    let items: u64 = many.heading().chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(items > 8_000, "{}", many.heading());
    assert_eq!((few.rows().len(), many.rows().len()), (50, 50));
    assert!(many.body.len() < few.body.len() + 4_000, "{} and {} bytes", few.body.len(), many.body.len());
    // Printed, not asserted: how long each takes.
    for (name, page) in [("fifty", &few_path), ("ten thousand", &many_path)] {
        let begun = Instant::now();
        operator.get(page).await;
        println!("{name} items: {:?}", begun.elapsed());
    }
}
