//! A job that waits for a second person, and an approval that somebody wrote into the database, with everything right but
//! the HMAC of its entries.

use std::time::Duration;

use store::{Entry, EntryActor, Outcome, Stage, Store, StoreError, append};
use time::OffsetDateTime;

use super::{Control, Job, JobState, StartInput};
use crate::{
    OperationId, TeamOperator,
    audit::{Draft, verify::test_rows::Installation},
    operations::Urgency,
    teams::PolicyInput,
};

/// A job of Olga's that waits for a second person.
async fn requested(all: &Installation) -> OperationId {
    let admin = all.portal.command_line("tests");
    let input = PolicyInput { items: "1".to_owned(), reason: "For the test".to_owned(), ..PolicyInput::default() };
    let team = all.portal.set_policy(&admin, all.team.id, &input).await.expect("a policy");
    let olga = all.actor("olga").await.expect("a session");
    let operator = TeamOperator::new(&olga, team).expect("an operator");
    // One job of a team is carried out at a time.
    for running in store::jobs::running(&mut all.store().read().await.expect("a view")).await.expect("jobs") {
        all.portal.control_job(&operator, running.id, Control::Cancel, "").await.expect("it is done");
    }
    let job = all.dry_run(&operator, &["36", "37"]).await;
    let items = store::jobs::items::all(&mut all.store().read().await.expect("a view"), job).await.expect("items");
    let input = StartInput {
        job,
        reason: "The customers have left".to_owned(),
        typed: "2".to_owned(),
        items_sha256: store::jobs::items::hash(&items),
        urgency: Urgency::Usual,
    };
    all.portal.start_job(&operator, &input).await.expect("a request");
    assert_eq!(found(all, job).await.expect("a job").state, JobState::Requested);
    job
}

async fn found(all: &Installation, job: OperationId) -> Result<Job, StoreError> {
    let found = store::jobs::find(&mut all.store().read().await.expect("a view"), job).await?;
    Ok(found.expect("a job"))
}

/// Appends the approval of a request and what follows it as the portal would, without the key that the portal appends
/// with. Returns the last entry.
async fn forge_approval(all: &Installation, job: OperationId) -> Entry {
    let store = Store::open(&all.data_dir()).await.expect("the database");
    let mut tx = store.write().await.expect("the writer");
    let request = store::entries::of_operation(&mut tx, job).await.expect("the log").remove(0);
    let request: Entry = serde_json::from_slice(&request.body.expect("its body").bytes).expect("an entry");
    let ada = EntryActor { id: Some(all.ada.id), ..EntryActor::named("Ada") };
    append(&mut tx, Draft::follows(&request, Stage::Approved, ada.clone())).await.expect("an approval");
    let mut intent = Draft::follows(&request, Stage::Intent, request.actor.clone());
    intent.reason.clone_from(&request.reason);
    intent.approved_by = Some(ada);
    intent.deadline = Some(OffsetDateTime::now_utc());
    let intent = append(&mut tx, intent).await.expect("an intent");
    let mut outcome = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
    outcome.outcome = Some(Outcome::Succeeded);
    let told = append(&mut tx, outcome).await.expect("an outcome");
    tx.commit().await.expect("it is written");
    store.close().await;
    told
}

/// Lets the worker look at the jobs for a moment.
async fn work(all: &Installation) {
    for _ in 0..20 {
        all.portal.run_jobs_due().await.expect("the worker");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many entries are about items of the job.
async fn entries_of_items(all: &Installation, job: OperationId) -> usize {
    let mut conn = all.store().read().await.expect("a view");
    store::batches::operations(&mut conn, job, 0, 10).await.expect("the log").len()
}

#[tokio::test]
async fn a_forged_approval_and_a_forged_row_do_not_start_a_job() {
    let all = Installation::new().await;
    let job = requested(&all).await;
    let told = forge_approval(&all, job).await;
    let mut attacker = all.attacker().await;
    let row = format!("UPDATE job SET state = 'running', recorded_in = {} WHERE id = '{job}'", told.sequence);
    assert_eq!(attacker.execute(&row).await.expect("a change"), 1);
    attacker.close().await.expect("closed");
    work(&all).await;
    assert_eq!(entries_of_items(&all, job).await, 0);
}

/// The row of the job is written with the portal's key, as if somebody had found a way to it; its entries are not.
#[tokio::test]
async fn a_forged_approval_stops_even_a_job_whose_row_is_genuine() {
    let all = Installation::new().await;
    let job = requested(&all).await;
    let row = Job { state: JobState::Running, ..found(&all, job).await.expect("a job") };
    let told = forge_approval(&all, job).await;
    let mut tx = all.store().write().await.expect("the writer");
    store::jobs::update(&mut tx, &row, Some(&told)).await.expect("a row");
    tx.commit().await.expect("it is written");
    let row = found(&all, job).await.expect("a job");
    all.portal.work_on(&row).await.expect("a turn");
    assert_eq!(found(&all, job).await.expect("a job").state, JobState::Paused);
    assert_eq!(entries_of_items(&all, job).await, 0);
}
