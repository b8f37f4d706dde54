//! Asking for a second person: the change is recorded, and nothing is sent.

use serde_json::Value;
use store::{OperationSummary, operations::IdUse};

use super::super::{Request, before::Before, perform::intent};
use crate::{
    ApprovalProblem, Error, OperationId, Portal, Problem, Reason, Result, TeamOperator,
    audit::{Stage, append},
};

/// The most requests of one person that may wait in a team, so that nobody buries other people's requests.
pub(crate) const MOST_WAITING_OF_ONE: usize = 20;

impl Portal {
    /// Records a change that waits for a second person.
    ///
    /// # Errors
    /// `Invalid` if Workato does not say how the target is now, `Conflict` for an id that was used for something else,
    /// `LogUnavailable` if it cannot be written.
    pub(in super::super) async fn ask(
        &self,
        operator: &TeamOperator,
        request: &Request,
        (before, impact): (Before, Option<Value>),
        reason: Option<Reason>,
        binding: &str,
    ) -> Result<OperationId> {
        if before.state.is_none() {
            return Err(Problem::from(ApprovalProblem::StateUnknown).of("approval"));
        }
        let operation = request.operation;
        let mut draft = intent(operator, request, before, reason, self.now() + self.settings.approval_expires);
        draft.stage = Stage::Requested;
        draft.impact = impact;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        match store::operations::id_use(&mut tx, operation, binding).await.map_err(Error::LogUnavailable)? {
            IdUse::New => {}
            IdUse::Same => return Ok(operation),
            IdUse::Conflict => return Err(Error::Conflict { operation }),
        }
        let target = draft.targets.first().map(|target| (target.kind, target.id.clone()));
        let mine: Vec<_> = store::requests::of_person(&mut tx, operator.actor().id(), operator.team().id)
            .await
            .map_err(Error::LogUnavailable)?;
        let is_same = |one: &OperationSummary| {
            one.action == draft.action && one.target.as_ref().map(|target| (target.kind, target.id.clone())) == target
        };
        if mine.iter().any(is_same) {
            return Err(Problem::from(ApprovalProblem::AlreadyRequested).of("approval"));
        }
        if mine.len() >= MOST_WAITING_OF_ONE {
            return Err(Problem::from(ApprovalProblem::TooManyRequests { most: MOST_WAITING_OF_ONE }).of("approval"));
        }
        let written = async {
            append(&mut tx, draft).await?;
            store::operations::bind(&mut tx, operation, binding).await?;
            tx.commit().await
        };
        written.await.map_err(Error::LogUnavailable)?;
        metrics::counter!("portal_approval_requests_total", "stage" => Stage::Requested.as_str()).increment(1);
        Ok(operation)
    }
}
