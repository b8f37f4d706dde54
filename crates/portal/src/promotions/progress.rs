//! How far a promotion has come. Nothing is stored about it: the log has the operation of each step.

use serde_json::Value;
use store::{OperationId, OperationSummary, Outcome, Read, State};
use workato::{ConnectorId, ConnectorVersion};

use super::{
    plan::Promotion,
    steps::{PromotionStep, operation_of},
};
use crate::{Portal, PublicError, Result, TeamReader, promotions::source::connector_in};

/// The most attempts of a step.
const MOST_ATTEMPTS: u32 = 100;
/// The most promotions of a pair that a page shows.
const MOST_SHOWN: i64 = 20;

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Its turn has not come, or it was stopped before anything was sent.
    NotStarted,
    /// It is being carried out.
    Running,
    /// It waits for a second person.
    Waits,
    /// Whether it was carried out is not known.
    Unknown,
    /// It was not carried out, or what it found is not what was promoted.
    Failed,
    /// It was carried out.
    Done,
}

/// A step with its newest attempt.
#[derive(Clone, Debug)]
pub struct StepProgress {
    /// The step.
    pub step: PromotionStep,
    /// Its state.
    pub state: StepState,
    /// Its newest attempt, if there is one.
    pub operation: Option<OperationSummary>,
    /// Which attempt would be next.
    pub(super) next_attempt: u32,
}

/// A promotion, and how far it has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// What is promoted.
    pub promotion: Promotion,
    /// Its steps, in order.
    pub steps: Vec<StepProgress>,
    /// Whether it is being carried out at this moment.
    pub is_running: bool,
    /// Whether it is the newest of its pair.
    pub is_newest: bool,
    /// Why it stopped before a step was sent, if this process stopped it.
    pub stopped_by: Option<PublicError>,
}

impl Progress {
    /// The step that comes next. `None` if all are done.
    #[must_use]
    pub fn next(&self) -> Option<&StepProgress> {
        self.steps.iter().find(|step| step.state != StepState::Done)
    }

    /// Whether somebody can continue it.
    #[must_use]
    pub fn can_resume(&self) -> bool {
        let next = self.next().map(|next| next.state);
        !self.is_running
            && self.is_newest
            && matches!(next, Some(StepState::NotStarted | StepState::Failed | StepState::Unknown))
    }

    /// The counterpart, once it is known.
    #[must_use]
    pub fn counterpart(&self) -> Option<ConnectorId> {
        self.promotion.counterpart.or_else(|| {
            let draft = self.steps.iter().find(|step| step.step == PromotionStep::Draft)?;
            draft.operation.as_ref()?.target.as_ref()?.id.parse().ok()
        })
    }

    /// The version that it made in the other team, once it was read back.
    #[must_use]
    pub fn made(&self) -> Option<ConnectorVersion> {
        let read = self.steps.iter().find(|step| step.step == PromotionStep::Read && step.state == StepState::Done)?;
        let version = read.operation.as_ref()?.first.as_ref()?.parameters.get("version")?;
        serde_json::from_value(version.clone()).ok()
    }
}

impl Portal {
    /// The promotions of a connector to a team, newest first.
    ///
    /// # Errors
    /// `Store` if the log cannot be read, or an entry is not one that the portal has written.
    pub async fn promotions(
        &self,
        source: &TeamReader,
        connector: ConnectorId,
        target: &TeamReader,
    ) -> Result<Vec<Progress>> {
        let of = connector_in(source.team(), connector);
        let mut conn = self.store.snapshot().await?;
        let rows = store::promotions::of_pair(&mut conn, &of, target.team().id, MOST_SHOWN).await?;
        let mut found = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let mut progress = self.progress_of(&mut conn, row.id).await?;
            progress.is_newest = place == 0;
            found.push(progress);
        }
        Ok(found)
    }

    /// A promotion and its steps.
    pub(super) async fn progress_of(&self, conn: &mut Read, id: OperationId) -> Result<Progress> {
        let promotion = self.promotion_entry(conn, id).await?;
        let mut steps = Vec::with_capacity(PromotionStep::ALL.len());
        for step in PromotionStep::ALL {
            if *step != PromotionStep::Share || promotion.shares {
                steps.push(self.step_progress(conn, id, *step).await?);
            }
        }
        let is_running = self.promoting.is_running(id);
        let stopped_by = self.promoting.stopped_by(id);
        Ok(Progress { promotion, steps, is_running, is_newest: true, stopped_by })
    }

    pub(super) async fn step_progress(
        &self,
        conn: &mut Read,
        id: OperationId,
        step: PromotionStep,
    ) -> Result<StepProgress> {
        let mut progress = StepProgress { step, state: StepState::NotStarted, operation: None, next_attempt: 0 };
        while progress.next_attempt < MOST_ATTEMPTS {
            let operation = operation_of(&self.vault, id, step, progress.next_attempt);
            let Some(found) = store::operations::find(conn, operation).await? else { break };
            progress.state = self.state_of(&found);
            progress.operation = Some(found);
            progress.next_attempt += 1;
            if progress.state != StepState::Failed {
                break;
            }
        }
        Ok(progress)
    }

    fn state_of(&self, found: &OperationSummary) -> StepState {
        let differs = |found: &OperationSummary| {
            let parameters = found.first.as_ref().map(|first| &first.parameters);
            parameters.and_then(|parameters| parameters.get("matches")) == Some(&Value::Bool(false))
        };
        match (found.state, found.outcome) {
            (State::Requested, _) => StepState::Waits,
            (State::Open, _) if self.is_in_flight(found.id) => StepState::Running,
            (State::Open | State::Unsettled | State::Waiting, _) | (State::Closed, Some(Outcome::Unknown)) => {
                StepState::Unknown
            }
            (State::Closed, Some(Outcome::Succeeded)) if differs(found) => StepState::Failed,
            (State::Closed, Some(Outcome::Succeeded)) => StepState::Done,
            (State::Closed, _) => StepState::Failed,
        }
    }
}
