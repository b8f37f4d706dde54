//! Approving a request carries it out through the one door. The approval and the intent are one transaction, so that of a
//! hundred approvals one counts, and none is without its change.

use std::sync::Arc;

use evidence::verify::BadEntry;
use futures::future::join;
use serde_json::{Value, json};
use store::{Entry, OperationSummary, PersonId, Read, StoreError, TeamId};
use workato::{QueueFull, in_span};

use super::{
    super::{
        Change, Request, Step, before::Before, operates::operates, perform::Reserved, settle::is_of_another_workspace,
    },
    judge::obstacle,
};
use crate::{
    Actor, ApprovalProblem, Attempt, Error, OperationId, Portal, Problem, Reason, Result, TeamOperator,
    alarms::Alarm,
    audit::{Action, Draft, Stage, State, append, instant_text},
    impact::EntryImpact,
    spans,
};

/// The right to decide about one request: that of an operator of its team who gave a factor just now. Whether they are
/// somebody else than who asked is checked when they decide.
#[derive(Clone, Debug)]
pub struct Approver {
    pub(super) operator: TeamOperator,
    pub(super) operation: OperationId,
}

store::words! {
    /// What somebody decides about a request.
    pub enum Decision {
        /// It is carried out.
        Approve => "approve",
        /// It is not.
        Decline => "decline",
    }
}

/// A request that waits, and the entry that holds it.
pub(super) struct Waiting {
    pub summary: OperationSummary,
    pub request: Entry,
}

impl Portal {
    /// The right to decide about a request. A refusal is recorded.
    ///
    /// # Errors
    /// `NotFound` if there is no such request, `Forbidden` if the actor is not an operator of its team, `FactorNeeded` if
    /// they gave no factor within the last ten minutes.
    pub async fn approver(&self, actor: &Actor, operation: OperationId, decision: Decision) -> Result<Approver> {
        let mut conn = self.store.read().await?;
        let found = store::operations::find(&mut conn, operation).await?.ok_or(Error::NotFound)?;
        let team = match (found.first.as_ref().map(|first| first.stage), found.team_id) {
            (Some(Stage::Requested), Some(team)) => store::teams::by_id(&mut conn, team).await?,
            _ => None,
        };
        drop(conn);
        let team = team.ok_or(Error::NotFound)?;
        let entry_team = team.entry_team();
        match TeamOperator::new(actor, team) {
            Some(operator) => {
                self.require_fresh(actor)?;
                Ok(Approver { operator, operation })
            }
            None => {
                let attempt = Attempt::new(found.action, found.target);
                let attempt = attempt.with("request", Some(operation)).with("decision", Some(decision));
                Err(self.deny(actor, Some(entry_team), attempt).await)
            }
        }
    }

    /// Approves a request and carries it out. Returns when its outcome is known. If somebody else has approved it, that
    /// counts, and nothing is sent again.
    ///
    /// # Errors
    /// `Invalid` if the approver cannot approve it, or it no longer waits: it was declined, withdrawn, has expired, or what
    /// it would change has changed. `QueueFull` if the call would wait too long, `LogUnavailable` if the approval cannot be
    /// written. Nothing was sent in these cases.
    pub async fn approve(self: &Arc<Self>, approver: &Approver, note: &str) -> Result<()> {
        self.reached(Step::Asked).await;
        self.check_free_space()?;
        let note = Reason::read(note).map_err(|problem| problem.of("note"))?;
        let (operator, operation) = (&approver.operator, approver.operation);
        let Some(waiting) = self.waiting_request(approver).await? else { return Ok(()) };
        if waiting.request.action == Action::JobCreate {
            let (portal, approver) = (Arc::clone(self), approver.clone());
            let approving = self.running.spawn(async move { portal.approve_job(&approver, &waiting, note).await });
            return approving.await.map_err(|error| Error::Internal(format!("approving {operation}: {error}")))?;
        }
        let mut conn = self.store.snapshot().await?;
        self.check_approver(&mut conn, &waiting, operator.actor().id()).await?;
        drop(conn);
        let change = Change::of_request(&waiting.request)
            .ok_or_else(|| Error::Internal(format!("the request {operation} is not readable")))?;
        let reason = waiting.request.reason.clone().unwrap_or_default();
        let request = Request::new(operation, change, &reason);
        let (before, touched) =
            join(self.state_before(operator, &request), self.touched_by(operator, &request.change)).await;
        self.check_unchanged(&waiting, operator, &before).await?;
        let impact = self.impact_for_entry(operator, touched, &request.change, before.shared()).await;
        self.check_impact(&waiting, impact.as_ref()).await?;
        let client = self.workato(operator.team(), operator.actor()).await?.client();
        let permit = client
            .reserve(request.change.call().class())
            .map_err(|QueueFull { wait, .. }| Error::QueueFull { wait })?;
        let reserved = Reserved { client, permit };
        let mut intent = Draft::follows(&waiting.request, Stage::Intent, waiting.request.actor.clone());
        intent.before = before.state;
        intent.impact = impact.map(|impact| json!(impact));
        intent.reason.clone_from(&waiting.request.reason);
        intent.approved_by = Some(operator.actor().entry_actor());
        intent.deadline = Some(self.deadline(&reserved)?);
        self.reached(Step::BeforeIntent).await;
        let (portal, approver) = (Arc::clone(self), approver.clone());
        let span = spans::of_operation(intent.action, operation);
        let approving = async move {
            let Some(intended) = portal.record_approval(&approver, note, intent).await? else { return Ok(()) };
            portal.carry_out(intended, &request, reserved).await;
            Ok(())
        };
        self.running
            .spawn(in_span(span, approving))
            .await
            .map_err(|error| Error::Internal(format!("approving {operation}: {error}")))?
    }

    /// The request, if it waits. `None` if somebody has approved it.
    ///
    /// # Errors
    /// `Invalid` if it was closed without an approval.
    pub(super) async fn waiting_request(&self, approver: &Approver) -> Result<Option<Waiting>> {
        // One view: between its row and its entries, somebody else may approve it.
        let mut conn = self.store.snapshot().await?;
        self.genuine_request(&mut conn, approver.operation, approver.operator.team().id).await
    }

    /// The request, if it waits and the portal has written it. `None` if somebody has approved it.
    pub(super) async fn genuine_request(
        &self,
        conn: &mut Read,
        operation: OperationId,
        team: TeamId,
    ) -> Result<Option<Waiting>> {
        let found = waiting(conn, operation, team).await?;
        if let Some(found) = &found {
            let sequence = found.request.sequence;
            let key = self.guard.seal.entry_key();
            if store::entries::first_forged(conn, sequence - 1, sequence, &key).await?.is_some() {
                self.alarms.raise(Alarm::EntryForged { sequence });
                return Err(StoreError::Changed(BadEntry::new(sequence, "the portal did not append it")).into());
            }
        }
        Ok(found)
    }

    async fn check_approver(&self, conn: &mut Read, waiting: &Waiting, approver: PersonId) -> Result<()> {
        match obstacle(conn, &waiting.request, approver, self.now()).await? {
            Some(obstacle) => Err(Problem::from(ApprovalProblem::NotApprovable { obstacle }).of("approval")),
            None => Ok(()),
        }
    }

    /// Checks that what the request would change is as it was when somebody asked. If it is not, the request is closed.
    async fn check_unchanged(&self, waiting: &Waiting, operator: &TeamOperator, before: &Before) -> Result<()> {
        if is_of_another_workspace(&waiting.request, operator.team()) {
            self.close_as_stale(waiting, json!({ "why": "another_workspace" })).await?;
            return Err(Problem::from(ApprovalProblem::RequestStale).of("approval"));
        }
        let Some(now) = &before.state else {
            return Err(Problem::from(ApprovalProblem::StateUnknown).of("approval"));
        };
        if is_as_before(waiting.request.before.as_ref(), now) {
            return Ok(());
        }
        let evidence = json!({ "why": "changed", "read_at": instant_text(self.now()), "seen": now });
        self.close_as_stale(waiting, evidence).await?;
        Err(Problem::from(ApprovalProblem::RequestStale).of("approval"))
    }

    /// Checks that the change touches no more than when somebody asked for it. If it does, the request is closed.
    async fn check_impact(&self, waiting: &Waiting, now: Option<&EntryImpact>) -> Result<()> {
        let then = waiting.request.impact.clone().and_then(|then| serde_json::from_value::<EntryImpact>(then).ok());
        let (Some(then), Some(now)) = (then, now) else { return Ok(()) };
        if !now.is_more_than(&then) {
            return Ok(());
        }
        let evidence = json!({ "why": "impact", "read_at": now.read_at, "impact": now });
        self.close_as_stale(waiting, evidence).await?;
        Err(Problem::from(ApprovalProblem::ImpactGrown).of("approval"))
    }

    /// Commits the approval and the intent. `None` if somebody else has approved it meanwhile.
    async fn record_approval(
        &self,
        approver: &Approver,
        note: Option<Reason>,
        intent: Draft,
    ) -> Result<Option<(Entry, super::super::perform::InFlight<'_>)>> {
        let operator = &approver.operator;
        let team = operator.team().id;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        // Under the write lock: what follows stays true until the intent is committed.
        let Some(waiting) = self.genuine_request(&mut tx, approver.operation, team).await? else { return Ok(None) };
        if waiting.summary.deadline.is_none_or(|deadline| self.now() >= deadline) {
            drop(tx);
            self.expire_requests().await?;
            return Err(Problem::from(ApprovalProblem::RequestExpired).of("approval"));
        }
        if !operates(&mut tx, team, Some(operator.actor().id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        if !operates(&mut tx, team, waiting.request.actor.id).await? {
            drop(tx);
            self.close_as_stale(&waiting, json!({ "why": "requester" })).await?;
            return Err(Problem::from(ApprovalProblem::RequesterLeft).of("approval"));
        }
        self.check_approver(&mut tx, &waiting, operator.actor().id()).await?;
        // Sent after this approver's read of the target, or before it and undone.
        if store::operations::later_on_target(&mut tx, &waiting.summary).await?.is_some() {
            drop(tx);
            self.close_as_stale(&waiting, json!({ "why": "changed" })).await?;
            return Err(Problem::from(ApprovalProblem::RequestStale).of("approval"));
        }
        let mut approval = Draft::follows(&waiting.request, Stage::Approved, operator.actor().entry_actor());
        approval.reason = note.map(|note| note.as_str().to_owned());
        let in_flight = self.begin_flight(approver.operation);
        let written = async {
            append(&mut tx, approval).await?;
            let intent = append(&mut tx, intent).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(intent)
        };
        let intent = written.await.map_err(Error::LogUnavailable)?;
        metrics::counter!("portal_approval_requests_total", "stage" => Stage::Approved.as_str()).increment(1);
        Ok(Some((intent, in_flight)))
    }
}

/// The request, if it waits, as the database has it. `None` if somebody has approved it.
pub(super) async fn waiting(conn: &mut Read, operation: OperationId, team: TeamId) -> Result<Option<Waiting>> {
    let found = store::operations::find(conn, operation).await?;
    let Some(mut summary) = found.filter(|found| found.team_id == Some(team)) else { return Err(Error::NotFound) };
    if let Some(bad) = summary.changed.take() {
        return Err(StoreError::Changed(bad).into());
    }
    let Some(request) = summary.first.clone().filter(|first| first.stage == Stage::Requested) else {
        return Err(Error::NotFound);
    };
    match (summary.state, summary.acted_in) {
        (State::Requested, None) => {
            // A row that somebody put back to its beginning does not bring an earlier approval back.
            match store::entries::of_operation(conn, operation).await?.len() {
                1 => Ok(Some(Waiting { summary, request })),
                _ => Err(StoreError::Changed(BadEntry::new(summary.sequence, "its operation went on")).into()),
            }
        }
        (_, Some(_)) => Ok(None),
        (_, None) if summary.last.as_ref().is_some_and(|last| last.stage == Stage::Expired) => {
            Err(Problem::from(ApprovalProblem::RequestExpired).of("approval"))
        }
        (_, None) => Err(Problem::from(ApprovalProblem::RequestClosed).of("approval")),
    }
}

/// Whether the target is as it was. Whether a newer version was released does not change what a request would do.
fn is_as_before(then: Option<&Value>, now: &Value) -> bool {
    let without = |state: &Value| {
        let mut state = state.clone();
        if let Some(state) = state.as_object_mut() {
            state.remove("latest_released_version");
        }
        state
    };
    then.is_some_and(|then| without(then) == without(now))
}

impl Change {
    /// The change that a request holds. `None` if such a change cannot be requested.
    pub(super) fn of_request(request: &Entry) -> Option<Self> {
        let id = &request.targets.first()?.id;
        let parameter = |name: &str| request.parameters.get(name).cloned().unwrap_or_default();
        let change = match request.action {
            Action::ConnectorShare => Self::ShareConnector {
                connector: id.parse().ok()?,
                version: serde_json::from_value(parameter("version")).ok()?,
                replaces: serde_json::from_value(parameter("replaces")).ok()?,
            },
            Action::ConnectorSuppress => Self::SuppressConnector { connector: id.parse().ok()? },
            Action::ConnectionDisconnect => Self::DisconnectConnection {
                connection: id.parse().ok()?,
                force: serde_json::from_value(parameter("force")).ok()?,
            },
            Action::ConnectionDelete => Self::DeleteConnection { connection: id.parse().ok()? },
            _ => return None,
        };
        // Nothing is left out.
        (change.parameters() == request.parameters).then_some(change)
    }
}
