//! Approving a job starts it. The approval and the entries that start it are one transaction, and its items name who
//! approved it.

use store::jobs::JobState;

use super::{
    super::{operates::operates, settle::is_of_another_workspace},
    approve::{Approver, Waiting},
    judge::obstacle,
};
use crate::{
    ApprovalProblem, Error, Portal, Problem, Reason, Result,
    audit::{Draft, Outcome, Stage, append},
    jobs::{Job, record_start},
};

impl Portal {
    /// Approves the job of a request, which begins at once.
    pub(super) async fn approve_job(&self, approver: &Approver, found: &Waiting, note: Option<Reason>) -> Result<()> {
        let operator = &approver.operator;
        let team = operator.team().id;
        if is_of_another_workspace(&found.request, operator.team()) {
            self.close_as_stale(found, serde_json::json!({ "why": "another_workspace" })).await?;
            return Err(Problem::from(ApprovalProblem::RequestStale).of("approval"));
        }
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let Some(found) = self.genuine_request(&mut tx, approver.operation, team).await? else { return Ok(()) };
        if found.summary.deadline.is_none_or(|deadline| self.now() >= deadline) {
            drop(tx);
            self.expire_requests().await?;
            return Err(Problem::from(ApprovalProblem::RequestExpired).of("approval"));
        }
        if !operates(&mut tx, team, Some(operator.actor().id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        if !operates(&mut tx, team, found.request.actor.id).await? {
            drop(tx);
            self.close_as_stale(&found, serde_json::json!({ "why": "requester" })).await?;
            return Err(Problem::from(ApprovalProblem::RequesterLeft).of("approval"));
        }
        if let Some(obstacle) = obstacle(&mut tx, &found.request, operator.actor().id(), self.now()).await? {
            return Err(Problem::from(ApprovalProblem::NotApprovable { obstacle }).of("approval"));
        }
        let job = store::jobs::find(&mut tx, approver.operation).await?;
        let job = job.filter(|job| job.state == JobState::Requested).ok_or(Error::NotFound)?;
        let items = store::jobs::items::all(&mut tx, job.id).await?;
        let hash = Some(store::jobs::items::hash(&items));
        let asked_for = found.request.parameters.get("items_sha256").and_then(|hash| hash.as_str());
        if job.items_sha256 != hash || hash.as_deref() != asked_for {
            return Err(Error::Internal(format!("the items of the job {} are not those of its request", job.id)));
        }
        let mut approval = Draft::follows(&found.request, Stage::Approved, operator.actor().entry_actor());
        approval.reason = note.map(|note| note.as_str().to_owned());
        let mut intent = Draft::follows(&found.request, Stage::Intent, found.request.actor.clone());
        intent.reason.clone_from(&found.request.reason);
        intent.impact.clone_from(&found.request.impact);
        intent.approved_by = Some(operator.actor().entry_actor());
        intent.deadline = Some(self.now());
        let written = async {
            append(&mut tx, approval).await?;
            let intent = append(&mut tx, intent).await?;
            let mut outcome = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
            outcome.outcome = Some(Outcome::Succeeded);
            let told = append(&mut tx, outcome).await?;
            record_start(&mut tx, &Job { state: JobState::Running, ..job }, &told).await?;
            tx.commit().await
        };
        written.await.map_err(Error::LogUnavailable)?;
        metrics::counter!("portal_approval_requests_total", "stage" => Stage::Approved.as_str()).increment(1);
        Ok(())
    }
}
