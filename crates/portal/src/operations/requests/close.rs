//! What ends a request without an approval: somebody declines it, the person who asked withdraws it, nobody approves it in
//! time, or it can no longer be carried out as it was asked for.

use serde_json::{Value, json};
use store::{OperationSummary, StoreError, Write};

use super::{
    super::operates::operates,
    approve::{Approver, Waiting},
};
use crate::{
    Actor, ApprovalProblem, Error, OperationId, Portal, Problem, Reason, Result,
    audit::{Action, Draft, EntryActor, Stage, State, Target, TargetType, append},
    teams::reading,
};

impl Portal {
    /// Declines a request, with a note that says why.
    ///
    /// # Errors
    /// `Invalid` without a note, for a request that the actor made, or if it no longer waits; `LogUnavailable` if it cannot be written.
    pub async fn decline(&self, approver: &Approver, note: &str) -> Result<()> {
        let note = Reason::read(note).map_err(|problem| problem.of("note"))?;
        let note = note.ok_or_else(|| Problem::from(ApprovalProblem::DeclineNoteMissing).of("note"))?;
        let actor = approver.operator.actor();
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let found = self.genuine_request(&mut tx, approver.operation, approver.operator.team().id).await?;
        let Some(found) = found else { return Err(closed()) };
        if found.request.actor.id == Some(actor.id()) {
            let obstacle = crate::ApprovalObstacle::OwnRequest;
            return Err(Problem::from(ApprovalProblem::NotApprovable { obstacle }).of("approval"));
        }
        if !operates(&mut tx, approver.operator.team().id, Some(actor.id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        let mut draft = Draft::follows(&found.request, Stage::Declined, actor.entry_actor());
        draft.reason = Some(note.as_str().to_owned());
        end(tx, draft).await.map_err(Error::LogUnavailable)
    }

    /// Takes back a request of the actor's own.
    ///
    /// # Errors
    /// `NotFound` if there is no such request, `Forbidden` if it is somebody else's, `Invalid` if it no longer waits,
    /// `LogUnavailable` if it cannot be written.
    pub async fn withdraw(&self, actor: &Actor, operation: OperationId) -> Result<()> {
        let found = store::operations::find(&mut self.store.read().await?, operation).await?;
        let found = found.ok_or(Error::NotFound)?;
        let Some(team) = found.team_id else { return Err(Error::NotFound) };
        if found.actor_id != Some(actor.id()) {
            let target = Target::new(TargetType::Operation, operation, None);
            let entry_team = found.first.and_then(|first| first.team);
            return Err(self.deny(actor, entry_team, reading(actor, Action::OperationRead, Some(target))).await);
        }
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let Some(found) = self.genuine_request(&mut tx, operation, team).await? else { return Err(closed()) };
        let draft = Draft::follows(&found.request, Stage::Withdrawn, actor.entry_actor());
        end(tx, draft).await.map_err(Error::LogUnavailable)
    }

    /// Ends a request that can no longer be carried out as it was asked for.
    pub(super) async fn close_as_stale(&self, found: &Waiting, evidence: Value) -> Result<()> {
        let ended = async {
            let mut tx = self.store.write().await?;
            // Somebody else may have ended it meanwhile.
            if store::operations::state(&mut tx, found.summary.id).await? != Some(State::Requested) {
                return Ok(());
            }
            end(tx, expired(&found.request, evidence)).await
        };
        ended.await.map_err(Error::LogUnavailable)
    }

    async fn measure_requests(&self) -> Result<()> {
        let mut conn = self.store.read().await?;
        let waiting = store::requests::count_requested(&mut conn).await?;
        metrics::gauge!("portal_approval_requests_waiting").set(waiting as f64);
        let unreviewed = store::requests::count_unreviewed_break_glass(&mut conn).await?;
        metrics::gauge!("portal_break_glass_unreviewed").set(unreviewed as f64);
        Ok(())
    }

    /// Ends the requests that nobody approved in time.
    ///
    /// # Errors
    /// `Store` if the database cannot be read or written.
    pub async fn expire_requests(&self) -> Result<()> {
        if self.alarms.history_is_in_doubt() {
            return Ok(());
        }
        self.measure_requests().await?;
        let due = store::requests::past(&mut self.store.read().await?, self.now()).await?;
        for OperationSummary { id, first, .. } in due {
            let Some(request) = first.filter(|first| first.stage == Stage::Requested) else { continue };
            let mut tx = self.store.write().await?;
            if store::operations::state(&mut tx, id).await? == Some(State::Requested) {
                end(tx, expired(&request, json!({ "why": "time" }))).await?;
            }
        }
        Ok(())
    }
}

fn expired(request: &crate::audit::Entry, evidence: Value) -> Draft {
    let mut draft = Draft::follows(request, Stage::Expired, EntryActor::system());
    draft.evidence = Some(evidence);
    draft
}

async fn end(mut tx: Write, draft: Draft) -> Result<(), StoreError> {
    let stage = draft.stage;
    append(&mut tx, draft).await?;
    tx.commit().await?;
    metrics::counter!("portal_approval_requests_total", "stage" => stage.as_str()).increment(1);
    Ok(())
}

fn closed() -> Error {
    Problem::from(ApprovalProblem::RequestClosed).of("approval")
}
