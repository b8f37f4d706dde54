//! Jobs: dry runs, starting, pausing, resuming, cancelling, repeating what failed, reviewing, and the report.

#![expect(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]

use std::collections::BTreeMap;

use futures::StreamExt;
use leptos::prelude::*;
use portal::{
    Attempt, OperationId,
    audit::{Action, TargetType},
    connections, connectors,
    jobs::{Act, Control, JobInput, Selection, StartInput},
};
use server_fn::codec::PostUrl;

use super::{attempted_on, hidden, operator, urgency};
use crate::{
    answer::{ApiError, File, Form, actor, safe_next},
    context,
    done::Done,
    forms::names::{CONTROL_JOB, DRY_RUN, REVIEW_JOB, START_JOB},
};

/// `POST /api/fn/dry_run`: `page` is the URL of the list that has the form. `scope` is `rows` for the rows in `items`, or
/// `all` for everything that `filter` matches.
#[server(prefix = "/api/fn", endpoint = "dry_run", input = PostUrl)]
pub async fn dry_run(
    #[server(default)] team: String,
    #[server(default)] page: String,
    #[server(default)] scope: String,
    #[server(default)] act: String,
    #[server(default)] tag: String,
    #[server(default)] folder: String,
    #[server(default)] items: Vec<String>,
    #[server(default)] filter: BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let typed = [("scope", scope.as_str()), ("act", &act), ("tag", &tag), ("folder", &folder)];
    let form = Form { page: safe_next(&page), name: DRY_RUN, typed: &typed };
    form.answer(async {
        let operator = operator(&team, Attempt::new(Action::JobCreate, None)).await?;
        let value = |name: &str| filter.get(name).cloned().unwrap_or_default();
        let selection = match (scope.as_str(), act.as_str() == Act::Share.as_str()) {
            ("all", true) => Selection::Connectors(Box::new(connectors::FilterInput::of(value))),
            ("all", false) => Selection::Connections(Box::new(connections::FilterInput::of(value))),
            _ => Selection::Rows(items),
        };
        let input = JobInput { act: act.clone(), tag: tag.clone(), folder: folder.clone(), selection };
        let job = context::portal().dry_run(&operator, &input).await?;
        Ok(page_of(&team, &job.to_string()))
    })
    .await
}

/// `POST /api/fn/take_out`: takes items of a dry run out, or with `back` puts them back.
#[server(prefix = "/api/fn", endpoint = "take_out", input = PostUrl)]
pub async fn take_out(
    #[server(default)] team: String,
    #[server(default)] job: String,
    #[server(default)] page: String,
    #[server(default)] back: String,
    #[server(default)] items: Vec<String>,
) -> Result<(), ApiError> {
    let form = Form { page: safe_next(&page), name: CONTROL_JOB, typed: &[] };
    form.answer(async {
        let operator = operator(&team, attempt(Action::JobCreate, &job)).await?;
        let places: Vec<i64> = items.iter().map(|place| hidden(place)).collect::<Result<_, _>>()?;
        context::portal().take_out(&operator, hidden(&job)?, &places, back != "yes").await?;
        Ok(safe_next(&page))
    })
    .await
}

/// `POST /api/fn/start_job`: starts the job of a dry run, or asks for a second person. `items` is the hash of the items that
/// the page showed. `break_glass` is `yes` to start it without approval.
#[server(prefix = "/api/fn", endpoint = "start_job", input = PostUrl)]
pub async fn start_job(
    #[server(default)] team: String,
    #[server(default)] job: String,
    #[server(default)] items: String,
    #[server(default)] count: String,
    #[server(default)] reason: String,
    #[server(default)] break_glass: String,
) -> Result<(), ApiError> {
    let page = page_of(&team, &job);
    let typed = [("count", count.as_str()), ("reason", &reason), ("break_glass", &break_glass)];
    let form = Form { page: page.clone(), name: START_JOB, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::JobCreate, &job)).await?;
        let (typed, reason) = (count.clone(), reason.clone());
        let urgency = urgency(&break_glass);
        let input = StartInput { job: hidden(&job)?, reason, typed, items_sha256: items, urgency };
        context::portal().start_job(&operator, &input).await?;
        Ok(Done::JobStarted.on(&page))
    })
    .await
}

/// `POST /api/fn/pause_job`
#[server(prefix = "/api/fn", endpoint = "pause_job", input = PostUrl)]
pub async fn pause_job(
    #[server(default)] team: String,
    #[server(default)] job: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    control(team, job, reason, Control::Pause, Done::JobPaused).await
}

/// `POST /api/fn/resume_job`
#[server(prefix = "/api/fn", endpoint = "resume_job", input = PostUrl)]
pub async fn resume_job(
    #[server(default)] team: String,
    #[server(default)] job: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    control(team, job, reason, Control::Resume, Done::JobResumed).await
}

/// `POST /api/fn/cancel_job`
#[server(prefix = "/api/fn", endpoint = "cancel_job", input = PostUrl)]
pub async fn cancel_job(
    #[server(default)] team: String,
    #[server(default)] job: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    control(team, job, reason, Control::Cancel, Done::JobCancelled).await
}

async fn control(team: String, job: String, reason: String, control: Control, done: Done) -> Result<(), ApiError> {
    let page = page_of(&team, &job);
    let form = Form { page: page.clone(), name: CONTROL_JOB, typed: &[("reason", &reason)] };
    form.answer(async {
        let operator = operator(&team, attempt(control.action(), &job)).await?;
        context::portal().control_job(&operator, hidden(&job)?, control, &reason).await?;
        Ok(done.on(&page))
    })
    .await
}

/// `POST /api/fn/retry_failed`: a dry run of what failed in a job.
#[server(prefix = "/api/fn", endpoint = "retry_failed", input = PostUrl)]
pub async fn retry_failed(#[server(default)] team: String, #[server(default)] job: String) -> Result<(), ApiError> {
    let form = Form { page: page_of(&team, &job), name: CONTROL_JOB, typed: &[] };
    form.answer(async {
        let operator = operator(&team, attempt(Action::JobCreate, &job)).await?;
        let again = context::portal().retry_failed(&operator, hidden(&job)?).await?;
        Ok(page_of(&team, &again.to_string()))
    })
    .await
}

/// `POST /api/fn/review_job`: reviews a job and each of its operations.
#[server(prefix = "/api/fn", endpoint = "review_job", input = PostUrl)]
pub async fn review_job(#[server(default)] team: String, #[server(default)] job: String) -> Result<(), ApiError> {
    let page = page_of(&team, &job);
    let form = Form { page: page.clone(), name: REVIEW_JOB, typed: &[] };
    form.answer(async {
        let portal = context::portal();
        let target = attempted_on(TargetType::Operation, &job);
        let reviewer = portal.reviewer(&actor()?, Action::OperationReview, target).await?;
        portal.review_job(&reviewer, hidden(&job)?).await?;
        Ok(Done::JobReviewed.on(&page))
    })
    .await
}

/// `POST /api/fn/export_job`: a job's report as CSV.
#[server(prefix = "/api/fn", endpoint = "export_job", input = PostUrl)]
pub async fn export_job(#[server(default)] team: String, #[server(default)] job: String) -> Result<(), ApiError> {
    let form = Form { page: page_of(&team, &job), name: CONTROL_JOB, typed: &[] };
    form.answer(async {
        let portal = context::portal();
        let reader = portal.team_reader(&actor()?, &team, Attempt::new(Action::AuditExport, None)).await?;
        let report = portal.job_report(&reader, hidden(&job)?).await?;
        let name = report.name.clone();
        Ok(File { name, media_type: "text/csv; charset=utf-8", chunks: report.chunks().boxed() })
    })
    .await
}

fn attempt(action: Action, job: &str) -> Attempt {
    Attempt::new(action, attempted_on(TargetType::Job, job))
}

/// The job's page, or the list of jobs if `job` is invalid.
fn page_of(team: &str, job: &str) -> String {
    let jobs = format!("/teams/{team}/jobs");
    job.parse::<OperationId>().map_or(jobs.clone(), |job| format!("{jobs}/{job}"))
}
