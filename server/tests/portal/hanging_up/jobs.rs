//! The forms of jobs, each in a portal in which the job does not go on by itself, so that a function's effect is its own.

use std::time::Duration;

use crate::{
    routes::jobs::{dry_run, start},
    support::{Browser, Form, PAYMENTS, Targets, TestPortal, eventually},
};

/// The functions of jobs.
pub const FUNCTIONS: [&str; 9] = [
    "/api/fn/dry_run",
    "/api/fn/take_out",
    "/api/fn/start_job",
    "/api/fn/pause_job",
    "/api/fn/resume_job",
    "/api/fn/cancel_job",
    "/api/fn/retry_failed",
    "/api/fn/review_job",
    "/api/fn/export_job",
];

/// Fills in a form of a job that deletes two connections.
pub async fn filled_in(portal: &TestPortal, function: &str) -> (Browser, Form) {
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(portal);
    let ids = [targets.unused_connection(), targets.unused_connection()];
    if function == "/api/fn/dry_run" {
        let form = operator.get(&format!("/teams/{PAYMENTS}/connections")).await.form(function);
        let form = form.with("scope", "rows").with("act", "delete").with("items[]", &ids[0].to_string());
        return (operator, form);
    }
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    let faults = portal.sandbox.faults();
    match function {
        "/api/fn/take_out" => {
            let form = operator.get(&page).await.form(function).with("items[]", "1");
            return (operator, form);
        }
        "/api/fn/retry_failed" => faults.put("refuses", "DELETE /api/connections/*: status 400".parse().unwrap()),
        "/api/fn/review_job" | "/api/fn/export_job" => {}
        // The worker cannot read the list, and sends nothing.
        _ => faults.put("down", "GET /api/connections: status 503".parse().unwrap()),
    }
    if function == "/api/fn/start_job" {
        let form = operator.get(&page).await.form(function).with("count", "2").with("reason", "They left");
        return (operator, form);
    }
    start(&operator, &page).await;
    if matches!(function, "/api/fn/retry_failed" | "/api/fn/review_job" | "/api/fn/export_job") {
        eventually("the end of the job", Duration::from_secs(60), || async {
            operator.get(&page).await.says("Finished").then_some(())
        })
        .await;
        faults.clear();
    }
    if function == "/api/fn/resume_job" {
        let pause = operator.get(&page).await.form("/api/fn/pause_job");
        operator.submit(&pause).await;
    }
    let browser = if function == "/api/fn/review_job" { portal.browser_of("auditor").await } else { operator };
    let form = browser.get(&page).await.form(function);
    (browser, form)
}
