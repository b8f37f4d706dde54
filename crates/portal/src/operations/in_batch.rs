//! One item of a job. The job's worker has read the target, and comes here for each item: in one transaction it is checked
//! that the job still runs, that its maker may still make this change, and the intent is written.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use store::{
    EntryActor, Fence,
    jobs::{Job, JobState},
    leases::within,
};
use workato::{QueueFull, in_span};

use super::{
    Change, Request, Step,
    before::Before,
    binding::binding,
    operates::operates,
    perform::{InFlight, Reserved, commit_intent, intent},
    second_person::{SecondPerson, kinds},
};
use crate::{
    Error, OperationId, Portal, Reason, Result, TeamOperator,
    audit::{Draft, Entry, NameFrom},
    jobs::Stop,
    spans,
    teams::{jobs_need_second_person, may_break_glass},
    upstream::Asker,
};

/// An item that is to be carried out.
pub(crate) struct BatchItem {
    pub operation: OperationId,
    pub change: Change,
    /// The target's name and state, as the job's worker has just read them.
    pub before: (Option<String>, Value),
    pub reason: String,
    /// Who approved the job.
    pub approved_by: Option<EntryActor>,
    /// Whether the job was started at once although it needed a second person.
    pub break_glass: bool,
}

/// What became of an item.
pub(crate) enum ItemEnd {
    /// It was sent, now or before.
    Done,
    /// Others come first for this long.
    Wait(Duration),
    /// The job no longer runs.
    NotRunning,
    /// The job cannot go on.
    Stop(Stop),
}

impl Portal {
    /// Carries an item out, behind the calls of people. Never twice: the id of its operation was chosen with the dry run.
    ///
    /// # Errors
    /// `LogUnavailable` if the intent cannot be written. Nothing was sent then.
    pub(crate) async fn perform_item(
        self: &Arc<Self>,
        operator: &TeamOperator,
        job: &Job,
        item: BatchItem,
    ) -> Result<ItemEnd> {
        if store::operations::state(&mut self.store.read().await?, item.operation).await?.is_some() {
            return Ok(ItemEnd::Done);
        }
        self.reached(Step::Asked).await;
        self.check_free_space()?;
        let request = Request { batch: Some(job.id), ..Request::new(item.operation, item.change, &item.reason) };
        let before = Before::read_by_job(item.before);
        let touched = self.touched_by(operator, &request.change).await;
        let impact = self.impact_for_entry(operator, touched, &request.change, before.shared()).await;
        let client = self.workato(operator.team(), Asker::Background).await?.client();
        let mut permit = match client.reserve(request.change.call().class()) {
            Ok(permit) => permit,
            Err(QueueFull { wait, .. }) => return Ok(ItemEnd::Wait(wait)),
        };
        // Its turn first, so that an intent does not wait in the log while people click.
        permit.ready().await;
        if !permit.wait().is_zero() {
            return Ok(ItemEnd::Wait(permit.wait()));
        }
        if let Err(QueueFull { wait, .. }) = client.count_ahead(&mut permit).await {
            return Ok(ItemEnd::Wait(wait));
        }
        let reserved = Reserved { client, permit };
        let binding = binding(&self.vault, operator, &request);
        let kinds = kinds(&request.change, &before);
        let reason = Reason::read(&item.reason).map_err(|problem| problem.of("reason"))?;
        let mut intent = intent(operator, &request, before, reason, self.deadline(&reserved)?);
        intent.impact = impact.map(|impact| json!(impact));
        intent.approved_in = item.approved_by.as_ref().map(|_| job.id);
        intent.approved_by = item.approved_by;
        intent.break_glass = item.break_glass;
        self.reached(Step::BeforeIntent).await;
        let (portal, operator, job) = (Arc::clone(self), operator.clone(), job.clone());
        let span = spans::of_operation(intent.action, item.operation);
        let fence = Fence::current();
        let performing = async move {
            // The lease covers the intent only. Once it is written, its outcome is recorded even if another instance has taken
            // the job over.
            let intend = portal.intend_item(intent, &binding, &operator, &job, (&request, kinds));
            match within(fence, intend).await? {
                Ok(intended) => {
                    portal.carry_out(intended, &request, reserved).await;
                    Ok(ItemEnd::Done)
                }
                Err(end) => Ok(end),
            }
        };
        self.running
            .spawn(in_span(span, performing))
            .await
            .map_err(|error| Error::Internal(format!("performing an item: {error}")))?
    }

    /// Commits the intent, if the job runs and its maker may still do this.
    async fn intend_item(
        &self,
        intent: Draft,
        binding: &str,
        operator: &TeamOperator,
        job: &Job,
        (request, kinds): (&Request, &[store::Guarded]),
    ) -> Result<Result<(Entry, InFlight<'_>), ItemEnd>> {
        let operation = intent.operation_id;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        if store::operations::state(&mut tx, operation).await?.is_some() {
            return Ok(Err(ItemEnd::Done));
        }
        let now = store::jobs::find(&mut tx, job.id).await?;
        let is_same = |now: &&Job| now.state == JobState::Running && now.items_sha256 == job.items_sha256;
        if now.as_ref().filter(is_same).is_none() {
            return Ok(Err(ItemEnd::NotRunning));
        }
        let team = store::teams::by_id(&mut tx, job.team).await?.ok_or(Error::NotFound)?;
        if team.workspace.as_ref().map(|workspace| workspace.id)
            != operator.team().workspace.as_ref().map(|workspace| workspace.id)
        {
            return Ok(Err(ItemEnd::Stop(Stop::Workspace)));
        }
        if !operates(&mut tx, team.id, Some(operator.actor().id())).await? {
            return Ok(Err(ItemEnd::Stop(Stop::Creator)));
        }
        if intent.approved_by.is_none() {
            let (items, actor) = (usize::try_from(job.items).unwrap_or(usize::MAX), operator.actor());
            let is_needed = self.second_person(&mut tx, &team, actor, request, kinds).await? != SecondPerson::NotNeeded
                || jobs_need_second_person(&mut tx, &team, actor, items).await?;
            // An admin who forbids to act at once also stops what goes on.
            if is_needed && !(intent.break_glass && may_break_glass(&mut tx, &team, actor).await?) {
                return Ok(Err(ItemEnd::Stop(Stop::Policy)));
            }
        }
        let in_flight = self.begin_flight(operation);
        let intent = commit_intent(tx, intent, binding).await.map_err(Error::LogUnavailable)?;
        Ok(Ok((intent, in_flight)))
    }
}

impl Before {
    /// The state that a job's worker has read.
    fn read_by_job((name, state): (Option<String>, Value)) -> Self {
        let name_from: Option<NameFrom> = None;
        Self { name, name_from, state: Some(state), ..Self::default() }
    }
}
