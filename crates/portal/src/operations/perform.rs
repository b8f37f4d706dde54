//! The one door: `perform` alone changes anything in Workato, and it sends nothing before the intent is committed.
//! From the intent on it is a task of its own. A client that hangs up does not end it, and shutdown waits for it.

use std::{
    collections::HashSet,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::join;
use secrecy::ExposeSecret;
use serde_json::json;
use store::{Guarded, StoreError, Write, operations::IdUse};
use time::OffsetDateTime;
use workato::{CallOutcome, ChangeAnswer, Client, ConnectorVersion, Permit, QueueFull, in_span};

use super::{
    Change, Request, Step,
    before::Before,
    binding::binding,
    operates::operates,
    second_person::{SecondPerson, kinds},
};
use crate::{
    ApprovalProblem, Error, FieldProblems, OperationId, Portal, Problem, PromotionProblem, Reason, ReasonRules, Result,
    TeamOperator,
    audit::{Draft, Entry, Stage, append},
    characters::escaped,
    code::sha256_of,
    names::{is_blank, normalized},
    one_line, spans,
};

/// The time from the end of the call until its outcome is recorded.
const SLACK: Duration = Duration::from_secs(2);

impl Portal {
    /// Performs a change and returns when its outcome is known. The log has the outcome, under the operation's id.
    ///
    /// # Errors
    /// `Invalid` for input that has to be corrected, `Conflict` for an id that was used for something else, `QueueFull`
    /// if the call would wait too long, `LogUnavailable` if the intent cannot be written. Nothing was sent in these
    /// cases.
    pub async fn perform(self: &Arc<Self>, operator: &TeamOperator, request: Request) -> Result<OperationId> {
        self.reached(Step::Asked).await;
        let binding = binding(&self.vault, operator, &request);
        if self.is_repeated(request.operation, &binding).await? {
            return Ok(request.operation);
        }
        self.check_free_space()?;
        check_code(&request)?;
        let (before, touched) =
            join(self.state_before(operator, &request), self.touched_by(operator, &request.change)).await;
        let reason = check(operator, &request, &before)?;
        let kinds = kinds(&request.change, &before);
        let second = {
            let mut conn = self.store.read().await?;
            self.second_person(&mut conn, operator.team(), operator.actor(), &request, kinds).await?
        };
        let impact = self.impact_for_entry(operator, touched, &request.change, before.shared()).await;
        if second == SecondPerson::Needed {
            return self.ask(operator, &request, (before, impact.map(|it| json!(it))), reason, &binding).await;
        }
        let client = self.workato(operator.team(), operator.actor()).await?.client();
        let permit = client
            .reserve(request.change.call().class())
            .map_err(|QueueFull { wait, .. }| Error::QueueFull { wait })?;
        let reserved = Reserved { client, permit };
        let mut intent = intent(operator, &request, before, reason, self.deadline(&reserved)?);
        intent.impact = impact.map(|impact| json!(impact));
        intent.break_glass = second == SecondPerson::BreakGlass;
        self.reached(Step::BeforeIntent).await;
        let (portal, operation, operator) = (Arc::clone(self), request.operation, operator.clone());
        let span = spans::of_operation(intent.action, operation);
        let performing = async move {
            let allowed = Allowed { operator: &operator, request: &request, kinds };
            let Some(intended) = portal.intend(intent, &binding, &allowed).await? else { return Ok(operation) };
            portal.carry_out(intended, &request, reserved).await;
            Ok(operation)
        };
        self.running
            .spawn(in_span(span, performing))
            .await
            .map_err(|error| Error::Internal(format!("performing {operation}: {error}")))?
    }

    /// Until when a call that is reserved may reach Workato. It begins before the permit expires, or not at all.
    ///
    /// # Errors
    /// `LogUnavailable` if this machine's clock says something else than the other instances'.
    pub(super) fn deadline(&self, reserved: &Reserved) -> Result<OffsetDateTime> {
        self.instance.check_clock().map_err(Error::LogUnavailable)?;
        Ok(self.now() + reserved.permit.time_left() + reserved.client.timeout() + SLACK)
    }

    /// Sends a change whose intent is committed, and records its outcome.
    pub(super) async fn carry_out(
        &self,
        (intent, _in_flight): (Entry, InFlight<'_>),
        request: &Request,
        Reserved { client, permit }: Reserved,
    ) {
        self.reached(Step::AfterIntent).await;
        let answer = self.call(request, &client, permit).await;
        self.forget_what_changed(&intent, &request.change, &answer);
        self.reached(Step::AfterCall).await;
        self.conclude(&intent, answer, client.waited()).await;
        self.reached(Step::AfterOutcome).await;
    }

    /// Whether this very request was made before.
    async fn is_repeated(&self, operation: OperationId, binding: &str) -> Result<bool> {
        match store::operations::id_use(&mut self.store.read().await?, operation, binding).await? {
            IdUse::New => Ok(false),
            IdUse::Same => Ok(true),
            IdUse::Conflict => Err(Error::Conflict { operation }),
        }
    }

    /// Commits the intent. `None` if the same request has committed it meanwhile: the form was sent twice.
    async fn intend(
        &self,
        intent: Draft,
        binding: &str,
        allowed: &Allowed<'_>,
    ) -> Result<Option<(Entry, InFlight<'_>)>> {
        let operation = intent.operation_id;
        let mut tx = self.store.write_together().await.map_err(Error::LogUnavailable)?;
        match self.may_intend(&mut tx, &intent, binding, allowed).await {
            Ok(true) => {}
            answer => {
                // It may be about an intent that is not durable yet.
                tx.leave().await.map_err(Error::LogUnavailable)?;
                return answer.map(|_| None);
            }
        }
        // Before the commit: settling must not take it for an operation that a crash has left open.
        let in_flight = self.begin_flight(operation);
        let intent = commit_intent(tx, intent, binding).await.map_err(Error::LogUnavailable)?;
        if intent.break_glass {
            metrics::counter!("portal_break_glass_total").increment(1);
        }
        Ok(Some((intent, in_flight)))
    }

    /// Whether the intent is to be written. `false` if the same request has written it.
    async fn may_intend(&self, tx: &mut Write, intent: &Draft, binding: &str, allowed: &Allowed<'_>) -> Result<bool> {
        let operation = intent.operation_id;
        match store::operations::id_use(tx, operation, binding).await.map_err(Error::LogUnavailable)? {
            IdUse::New => self.check_policy(tx, intent, allowed).await.map(|()| true),
            IdUse::Same => Ok(false),
            IdUse::Conflict => Err(Error::Conflict { operation }),
        }
    }

    /// Checks under the write lock that the policy still lets the operator act without a second person.
    async fn check_policy(&self, tx: &mut Write, intent: &Draft, allowed: &Allowed<'_>) -> Result<()> {
        let Allowed { operator, request, kinds } = allowed;
        let team = store::teams::by_id(tx, operator.team().id).await?.ok_or(Error::NotFound)?;
        if !operates(tx, team.id, Some(operator.actor().id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        let second = self.second_person(tx, &team, operator.actor(), request, kinds).await?;
        match second == SecondPerson::Needed || intent.break_glass != (second == SecondPerson::BreakGlass) {
            true => Err(Problem::from(ApprovalProblem::PolicyChanged).of("approval")),
            false => Ok(()),
        }
    }

    pub(super) fn begin_flight(&self, operation: OperationId) -> InFlight<'_> {
        InFlight::begin(self, operation)
    }

    async fn call(&self, request: &Request, client: &Client, permit: Permit) -> ChangeAnswer {
        permit.ready().await;
        self.reached(Step::BeforeCall).await;
        request.change.send(client, permit, request.credentials.as_ref(), request.code.as_ref()).await
    }

    /// Makes the next page read again what the change may have changed.
    fn forget_what_changed(&self, intent: &Entry, change: &Change, answer: &ChangeAnswer) {
        if let (Some(team), true) = (&intent.team, answer.outcome != CallOutcome::Failed) {
            self.upstream.changed(team.id, change.target(None).kind);
        }
    }

    /// Whether this process is performing the operation.
    pub(crate) fn is_in_flight(&self, operation: OperationId) -> bool {
        self.in_flight().contains(&operation)
    }

    pub(super) fn in_flight(&self) -> MutexGuard<'_, HashSet<OperationId>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn reached(&self, step: Step) {
        (self.settings.observer)(step).await;
    }
}

/// Marks an operation that this process is performing, until it is dropped.
pub(super) struct InFlight<'a> {
    portal: &'a Portal,
    operation: OperationId,
}

impl<'a> InFlight<'a> {
    fn begin(portal: &'a Portal, operation: OperationId) -> Self {
        portal.in_flight().insert(operation);
        portal.elsewhere.is_own(operation);
        Self { portal, operation }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.portal.in_flight().remove(&self.operation);
    }
}

/// A call that has its turn.
pub(super) struct Reserved {
    pub client: Client,
    pub permit: Permit,
}

/// What lets an operator act without a second person, to be checked again when the intent is written.
struct Allowed<'a> {
    operator: &'a TeamOperator,
    request: &'a Request,
    kinds: &'static [Guarded],
}

pub(super) async fn commit_intent(mut tx: Write, intent: Draft, binding: &str) -> Result<Entry, StoreError> {
    let operation = intent.operation_id;
    let intent = append(&mut tx, intent).await?;
    store::operations::bind(&mut tx, operation, binding).await?;
    tx.commit().await?;
    Ok(intent)
}

/// The entry of what an operator asks for, before it is sent.
pub(super) fn intent(
    operator: &TeamOperator,
    request: &Request,
    before: Before,
    reason: Option<Reason>,
    deadline: OffsetDateTime,
) -> Draft {
    let (actor, change) = (operator.actor().entry_actor(), &request.change);
    let mut intent = Draft::new(request.operation, Stage::Intent, actor, change.action())
        .team(operator.team().entry_team())
        .target(before.target(change))
        .before(before.state)
        .reason(reason.map(|reason| reason.as_str().to_owned()));
    intent.targets.extend(before.second_target.or_else(|| change.second_target()));
    intent.parameters = request.parameters();
    intent.deadline = Some(deadline);
    intent.batch = request.batch;
    intent
}

/// Checks that the code that would be sent is the one that the log will name.
fn check_code(request: &Request) -> Result<()> {
    let named = request.change.sends_code();
    let sent = request.code.as_ref().map(|code| sha256_of(code.expose_secret()));
    match named == sent.as_deref() {
        true => Ok(()),
        false => Err(Error::Internal(format!("the code of {} is not the one that was named", request.operation))),
    }
}

/// Checks what the person entered, in the order of the form's fields. A refusal does not use the operation's id up.
fn check(operator: &TeamOperator, request: &Request, before: &Before) -> Result<Option<Reason>> {
    let mut problems = FieldProblems::default();
    let destructive = request.change.is_destructive();
    if destructive {
        // A target without a name is named by its id.
        let id = request.change.target(None).id;
        let expected = one_line(before.name.as_deref().unwrap_or_default());
        let expected = if is_blank(&expected) { id.clone() } else { expected };
        let typed = normalized(&request.typed_name);
        // Pages write hidden characters out, and people copy what they see.
        let shown = normalized(&escaped(&expected));
        if typed != normalized(&expected) && typed != shown && typed != id {
            problems.add("confirm", Problem::TypeExactly { expected });
        }
    }
    let team = operator.team();
    let rules = if destructive { ReasonRules::for_destructive(team) } else { ReasonRules::of(team) };
    let reason = rules.read(&request.reason).unwrap_or_else(|problem| {
        problems.add("reason", problem);
        None
    });
    if let (Change::ShareConnector { version, replaces, .. }, Some(shared)) = (&request.change, before.shared_version())
    {
        let expected = replaces.map(ConnectorVersion::get);
        // Only another shared version asks again: it is what the operator decided about.
        if shared != expected {
            problems.add("replaces", Problem::SharedMeanwhile { version: version.get(), expected, shared });
        }
    }
    let is_share = matches!(&request.change, Change::ShareConnector { .. });
    if is_share && before.was_found() && before.shared_version().is_none() {
        // Which version customers would lose is a part of the decision.
        problems.add("replaces", Problem::ShareUnreadable);
    }
    if let Change::ReleaseConnector { sha256, .. } = &request.change {
        // Whoever writes another draft at this moment would have it released.
        match before.code_sha256() {
            Some(found) if found == sha256 => {}
            Some(_) => problems.add("draft", PromotionProblem::DraftChanged),
            None => problems.add("draft", PromotionProblem::DraftUnknown),
        }
    }
    if matches!(&request.change, Change::UpdateConnection { update, .. } if update.is_empty())
        && request.credentials.is_none()
    {
        problems.add("nothing", Problem::NothingDiffers);
    }
    if problems.is_empty() { Ok(reason) } else { Err(Error::Invalid(problems)) }
}
