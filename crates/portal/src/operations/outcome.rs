//! Recording the outcome of an operation, at once or as soon as the log can be written again.

use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use store::StoreError;
use workato::{CallOutcome, ChangeAnswer};

use crate::{
    OperationId, Portal,
    audit::{Draft, Entry, Outcome, Stage, State, WorkatoSaid, append},
};

impl Portal {
    /// Appends the outcome. If that fails, keeps it for [`Portal::append_late_outcomes`].
    pub(crate) async fn conclude(&self, intent: &Entry, answer: ChangeAnswer, waited: Duration) {
        let outcome = outcome_of(intent, answer, waited);
        if let Some(outcome) = outcome.outcome {
            let labels = [("action", intent.action.as_str()), ("outcome", outcome.as_str())];
            metrics::counter!("portal_operations_total", &labels).increment(1);
        }
        if let Err(error) = self.record_outcome(outcome.clone()).await {
            tracing::error!(operation = %intent.operation_id, %error, "cannot record an outcome yet");
            self.unrecorded().insert(intent.operation_id, outcome);
        }
    }

    /// Appends an outcome, unless the operation has one.
    async fn record_outcome(&self, outcome: Draft) -> Result<(), StoreError> {
        let mut tx = self.store.write_together().await?;
        if store::operations::state(&mut tx, outcome.operation_id).await? == Some(State::Open) {
            append(&mut tx, outcome).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Tries again to append each outcome that could not be appended.
    ///
    /// # Errors
    /// The last error.
    pub(crate) async fn append_late_outcomes(&self) -> Result<(), StoreError> {
        let late: Vec<_> = self.unrecorded().values().cloned().collect();
        let mut result = Ok(());
        for outcome in late {
            let operation = outcome.operation_id;
            match self.record_outcome(outcome).await {
                Ok(()) => drop(self.unrecorded().remove(&operation)),
                Err(error) => result = Err(error),
            }
        }
        result
    }

    /// The outcome of an operation, if it is known but not in the log yet.
    #[must_use]
    pub fn unrecorded_outcome(&self, operation: OperationId) -> Option<Outcome> {
        self.unrecorded().get(&operation).and_then(|draft| draft.outcome)
    }

    pub(super) fn unrecorded(&self) -> MutexGuard<'_, HashMap<OperationId, Draft>> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry with the outcome of an operation.
pub(crate) fn outcome_of(intent: &Entry, answer: ChangeAnswer, waited: Duration) -> Draft {
    let mut draft = Draft::follows(intent, Stage::Outcome, intent.actor.clone());
    if let Some(connection) = answer.connection {
        draft.now_exists(connection);
    }
    if let Some(connector) = answer.connector {
        draft.now_exists(connector);
    }
    draft.outcome = Some(match answer.outcome {
        CallOutcome::Succeeded => Outcome::Succeeded,
        CallOutcome::Rejected => Outcome::Rejected,
        CallOutcome::Failed => Outcome::Failed,
        CallOutcome::Unknown => Outcome::Unknown,
    });
    draft.workato = Some(WorkatoSaid {
        http_status: answer.http_status,
        status: answer.status,
        message: answer.message,
        cause: answer.cause,
        denial: answer.denial.and_then(|denial| serde_json::to_value(denial).ok()),
        retry_after_seconds: answer.retry_after_seconds,
        detail: serde_json::to_value(answer.detail)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_else(|| "unnamed".to_owned()),
        waited_seconds: Some(waited.as_secs()).filter(|seconds| *seconds > 0),
    });
    draft
}
