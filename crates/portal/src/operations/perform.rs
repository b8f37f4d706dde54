//! The one door: nothing changes anything in Workato but by `perform`, and `perform` sends nothing whose intent is not
//! committed. From the intent on it is a task of its own: a closed tab does not end it, and shutdown waits for it.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::time::timeout;
use workato::{CallOutcome, ChangeAnswer, Client, ConnectorVersion, Credentials, Permit, QueueFull};

use super::{Change, Step, was_used_for};
use crate::{
    Error, FieldProblems, OperationId, Portal, Reason, Result, TeamOperator,
    audit::{Draft, Entry, Outcome, Stage, State, Target, WorkatoSaid, append},
    connections, connectors, one_line,
};
use store::StoreError;

/// How long the state before is waited for. Without it the change is sent all the same.
const LOOK: Duration = Duration::from_secs(10);
/// What a call may take beyond its own time limit until its answer is written down.
const SLACK: Duration = Duration::from_secs(2);

/// A change as a form asks for it.
#[derive(Debug)]
pub struct Request {
    /// Made when the form was drawn: the same again leads to the first one.
    pub operation: OperationId,
    /// What to change.
    pub change: Change,
    /// Why.
    pub reason: String,
    /// The name as the person typed it, for what cannot be taken back.
    pub typed_name: String,
    /// The name as the form showed it: what was typed is compared with it where Workato no longer knows the target.
    pub drawn_name: String,
    /// What a connection is authenticated with. The log has the names of what was sent, and nothing has the values.
    pub credentials: Option<Credentials>,
}

impl Request {
    /// A change that needs neither a typed name nor credentials.
    #[must_use]
    pub fn new(operation: OperationId, change: Change, reason: &str) -> Self {
        Self {
            operation,
            change,
            reason: reason.to_owned(),
            typed_name: String::new(),
            drawn_name: String::new(),
            credentials: None,
        }
    }

    /// What the log says that was sent beside the target.
    fn parameters(&self) -> Map<String, Value> {
        let mut parameters = self.change.parameters();
        if let Some(credentials) = &self.credentials {
            parameters.insert(credentials.kind().to_owned(), json!(credentials.names()));
        }
        parameters
    }
}

/// The target as it was just before.
#[derive(Default)]
struct Before {
    name: Option<String>,
    state: Option<Value>,
    /// What else is acted on, where more is known of it than was asked for.
    beside: Option<Target>,
}

impl Before {
    fn found((name, state): (Option<String>, Value)) -> Self {
        Self { name, state: Some(state), beside: None }
    }

    /// The version that was shared when it was looked at, where it was found.
    fn shared_version(&self) -> Option<Option<i64>> {
        let state = self.state.as_ref().filter(|_| self.was_found())?;
        Some(state.get("shared_version").and_then(Value::as_i64))
    }

    /// Whether Workato knew the target when it was looked for.
    fn was_found(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.get("found") == Some(&Value::Bool(true)))
    }
}

impl Portal {
    /// Performs a change and answers when its outcome is known; what came of it stands in the log under the id.
    ///
    /// # Errors
    /// `Invalid` for input that has to be mended, `Conflict` for an id that was used for something else, `QueueFull`
    /// when the call would wait too long, `LogUnavailable` when the intent cannot be written. Nothing was sent then.
    pub async fn perform(self: &Arc<Self>, operator: &TeamOperator, request: Request) -> Result<OperationId> {
        self.reached(Step::Asked).await;
        let operation = request.operation;
        let binding = binding(operator, &request);
        if self.is_known(operation, &binding).await? {
            return Ok(operation);
        }
        let before = self.look(operator, &request.change).await;
        let reason = check(operator, &request, &before)?;
        let client = self.workato(operator.team(), operator.actor()).await?;
        let permit = client
            .reserve(request.change.call().class())
            .map_err(|QueueFull { wait, .. }| Error::QueueFull { wait })?;
        // The call begins before the permit lapses, or never.
        let deadline = OffsetDateTime::now_utc() + permit.time_left() + client.timeout() + SLACK;
        let mut draft = Draft::new(operation, Stage::Intent, operator.actor().entry_actor(), request.change.action())
            .team(operator.team().entry_team())
            .target(request.change.target(before.name.as_deref()))
            .before(before.state)
            .reason(reason.map(|reason| reason.as_str().to_owned()));
        draft.targets.extend(before.beside.or_else(|| request.change.beside()));
        draft.parameters = request.parameters();
        draft.deadline = Some(deadline);
        self.reached(Step::BeforeIntent).await;
        // From here on a task of its own, so that whoever leaves does not stop it halfway.
        let portal = Arc::clone(self);
        let team = operator.team().id;
        let performing = self.running.spawn(async move {
            let Some(intent) = portal.intend(draft, &binding).await? else { return Ok(operation) };
            let _under_way = UnderWay { portal: &portal, operation };
            portal.reached(Step::AfterIntent).await;
            let answer = portal.send(&request, &client, permit).await;
            if answer.outcome != CallOutcome::Failed {
                portal.upstream.changed(team, request.change.target(None).kind);
            }
            portal.reached(Step::AfterCall).await;
            portal.conclude(&intent, answer, client.waited()).await;
            portal.reached(Step::AfterOutcome).await;
            Ok(operation)
        });
        performing.await.map_err(|error| Error::Internal(format!("performing {operation}: {error}")))?
    }

    /// Whether this id was used for this very change before.
    async fn is_known(&self, operation: OperationId, wanted: &str) -> Result<bool> {
        let mut conn = self.store.read().await?;
        was_used_for(operation, store::operations::binding(&mut conn, operation).await?, wanted)
    }

    /// The target as it is now, if Workato tells in time.
    async fn look(&self, operator: &TeamOperator, change: &Change) -> Before {
        let reader = operator.reader();
        let look = async {
            match change {
                Change::ShareConnector { connector, .. } | Change::SuppressConnector { connector } => {
                    let found = self.connector_afresh(&reader, *connector).await?;
                    Ok(Before::found(connectors::before(&found.items)))
                }
                Change::UpdateConnection { connection, .. }
                | Change::DisconnectConnection { connection, .. }
                | Change::DeleteConnection { connection }
                | Change::TagConnection { connection, .. } => {
                    let found = self.connection_afresh(&reader, *connection).await?;
                    Ok(Before::found(connections::before(&found.connection)))
                }
                Change::ShareRecipe { customer, .. } => {
                    Ok(Before { beside: self.customer_target(&reader, customer).await?, ..Before::default() })
                }
                Change::CreateConnection { .. } => Ok(Before::default()),
            }
        };
        match timeout(LOOK, look).await {
            Ok(Ok(before)) => before,
            Ok(Err(Error::NotFound)) => Before { state: Some(json!({ "found": false })), ..Before::default() },
            Ok(Err(error)) => {
                tracing::warn!(%error, "the state before a change could not be read");
                Before::default()
            }
            Err(_) => Before::default(),
        }
    }

    /// Commits the intent. `None` when somebody else committed the same one meanwhile: a form sent twice.
    async fn intend(&self, draft: Draft, binding: &str) -> Result<Option<Entry>> {
        let operation = draft.operation_id;
        let intend = async {
            let mut tx = self.store.write().await?;
            let used = store::operations::binding(&mut tx, operation).await?;
            if used.is_some() {
                return Ok(Err(used));
            }
            let intent = append(&mut tx, draft).await?;
            store::operations::bind(&mut tx, operation, binding).await?;
            self.in_flight().insert(operation);
            tx.commit().await?;
            Ok::<_, StoreError>(Ok(intent))
        };
        match intend.await {
            Ok(Ok(intent)) => Ok(Some(intent)),
            Ok(Err(used)) => was_used_for(operation, used, binding).map(|_| None),
            Err(error) => {
                self.in_flight().remove(&operation);
                Err(Error::LogUnavailable(error))
            }
        }
    }

    async fn send(&self, request: &Request, client: &Client, permit: Permit) -> ChangeAnswer {
        permit.ready().await;
        self.reached(Step::BeforeCall).await;
        request.change.send(client, permit, request.credentials.as_ref()).await
    }

    /// Appends the outcome. Where that fails it is kept, and appended as soon as the log can be written again.
    async fn conclude(&self, intent: &Entry, answer: ChangeAnswer, waited: Duration) {
        let mut draft = Draft::follows(intent, Stage::Outcome, intent.actor.clone());
        if let Some(connection) = answer.connection {
            draft.now_exists(connection);
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
            detail: serde_json::to_value(answer.detail)
                .ok()
                .and_then(|word| word.as_str().map(str::to_owned))
                .unwrap_or_else(|| "unnamed".to_owned()),
            waited_seconds: Some(waited.as_secs()).filter(|seconds| *seconds > 0),
        });
        if let Err(error) = self.record_outcome(draft.clone()).await {
            tracing::error!(operation = %intent.operation_id, %error, "an outcome could not be recorded yet");
            self.unrecorded().insert(intent.operation_id, draft);
        }
    }

    /// Appends an outcome, unless the operation has one already.
    async fn record_outcome(&self, draft: Draft) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        if store::operations::state(&mut tx, draft.operation_id).await? == Some(State::Open) {
            append(&mut tx, draft).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Tries again to append the outcomes that could not be appended. Tries each, and returns the last error.
    pub(crate) async fn append_late_outcomes(&self) -> Result<(), StoreError> {
        let late: Vec<_> = self.unrecorded().values().cloned().collect();
        let mut outcome = Ok(());
        for draft in late {
            let operation = draft.operation_id;
            match self.record_outcome(draft).await {
                Ok(()) => drop(self.unrecorded().remove(&operation)),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    /// How an operation ended whose outcome is known but not in the log yet.
    #[must_use]
    pub fn unrecorded_outcome(&self, operation: OperationId) -> Option<Outcome> {
        self.unrecorded().get(&operation).and_then(|draft| draft.outcome)
    }

    pub(crate) fn in_flight(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<OperationId>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn unrecorded(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<OperationId, Draft>> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn reached(&self, step: Step) {
        (self.settings.observer)(step).await;
    }
}

/// An operation that this process performs right now; no longer, however it ends.
struct UnderWay<'a> {
    portal: &'a Portal,
    operation: OperationId,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.portal.in_flight().remove(&self.operation);
    }
}

/// What an operation's id is bound to: actor, team, action and parameters. Not the reason, nor what was typed, nor
/// which version a share replaces: whoever is asked again answers with the same id.
fn binding(operator: &TeamOperator, request: &Request) -> String {
    let change = &request.change;
    let mut parameters = request.parameters();
    parameters.remove("replaces");
    let bound = json!([operator.actor().id(), operator.team().id, change.action(), change.target(None), parameters]);
    hex::encode(Sha256::digest(bound.to_string()))
}

/// Checks what the person typed. What is refused here does not use the id up.
fn check(operator: &TeamOperator, request: &Request, before: &Before) -> Result<Option<Reason>> {
    let mut problems = FieldProblems::default();
    let destructive = request.change.is_destructive();
    let reason = match Reason::read(&request.reason) {
        Ok(None) if destructive => {
            problems.add("reason", "Say why: a reason is required for what cannot be taken back.");
            None
        }
        Ok(None) if operator.team().production => {
            problems.add("reason", "Say why: a reason is required for every change in a production team.");
            None
        }
        Ok(reason) => reason,
        Err(message) => {
            problems.add("reason", message);
            None
        }
    };
    if let (Change::ShareConnector { version, replaces, .. }, Some(shared)) = (&request.change, before.shared_version())
    {
        let expected = replaces.map(ConnectorVersion::get);
        if shared != expected {
            problems.add("replaces", changed_meanwhile(*version, expected, shared));
        }
    }
    if matches!(&request.change, Change::UpdateConnection { update, .. } if update.is_empty())
        && request.credentials.is_none()
    {
        problems.add("nothing", "Nothing here differs from what Workato has, so nothing was sent.");
    }
    if destructive {
        // What the form showed counts only where Workato does not tell: a target without a name is named by its id.
        let name = if before.was_found() { before.name.as_deref() } else { Some(request.drawn_name.as_str()) };
        let id = request.change.target(None).id;
        let expected = one_line(name.unwrap_or_default());
        let expected = if expected.is_empty() { id } else { expected };
        if one_line(&request.typed_name) != expected {
            problems.add("confirm", format!("Type “{expected}” exactly as it stands here."));
        }
    }
    if problems.is_empty() { Ok(reason) } else { Err(Error::Invalid(problems)) }
}

/// Only another shared version asks again: it is what the operator decided about.
fn changed_meanwhile(version: ConnectorVersion, expected: Option<i64>, shared: Option<i64>) -> String {
    let told = |shared: Option<i64>| shared.map_or_else(|| "none".to_owned(), |shared| format!("version {shared}"));
    let (now, then) = (told(shared), told(expected));
    format!("Meanwhile {now} is shared; it was {then} when you decided. Share version {version} all the same?")
}
