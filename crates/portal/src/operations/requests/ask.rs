//! Asking for a second person: the change is recorded, and nothing is sent.

use serde_json::Value;
use store::operations::IdUse;

use super::super::{Request, before::Before, perform::intent};
use crate::{
    ApprovalProblem, Error, OperationId, Portal, Problem, Reason, Result, TeamOperator,
    audit::{Stage, append},
};

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
