//! Appending an entry: the one place where the log grows.
//! The head is read inside the caller's transaction, so that two processes cannot append at the same place.

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{Action, Entry, EntryActor, EntryTeam, Outcome, Stage, Target, WorkatoSaid, leaf_hash};
use crate::{
    OperationId,
    store::{self, StoreError, WriteTx},
};

/// An entry that has no place in the log yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) operation_id: OperationId,
    pub(crate) stage: Stage,
    pub(crate) actor: EntryActor,
    pub(crate) team: Option<EntryTeam>,
    pub(crate) action: Action,
    pub(crate) targets: Vec<Target>,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) before: Option<Value>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) workato: Option<WorkatoSaid>,
    pub(crate) reason: Option<String>,
    pub(crate) deadline: Option<OffsetDateTime>,
    pub(crate) evidence: Option<Value>,
}

impl Draft {
    /// A draft with nothing but who, what and at which stage.
    pub(crate) fn new(operation_id: OperationId, stage: Stage, actor: EntryActor, action: Action) -> Self {
        Self {
            operation_id,
            stage,
            actor,
            team: None,
            action,
            targets: Vec::new(),
            parameters: Map::new(),
            before: None,
            outcome: None,
            workato: None,
            reason: None,
            deadline: None,
            evidence: None,
        }
    }

    /// A change of the portal's own, to be appended in one transaction with it.
    pub(crate) fn recorded(actor: EntryActor, action: Action) -> Self {
        Self { outcome: Some(Outcome::Succeeded), ..Self::new(OperationId::new(), Stage::Recorded, actor, action) }
    }

    pub(crate) fn team(mut self, team: impl Into<Option<EntryTeam>>) -> Self {
        self.team = team.into();
        self
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// # Panics
    /// Never: parameters are strings, numbers and lists of them.
    pub(crate) fn parameter(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_else(|error| Value::String(format!("unwritable: {error}")));
        self.parameters.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn before(mut self, before: impl Into<Option<Value>>) -> Self {
        self.before = before.into();
        self
    }

    pub(crate) fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// What the operation was to create exists now, by this id.
    pub(crate) fn now_exists(&mut self, id: impl ToString) {
        if let Some(target) = self.targets.first_mut().filter(|target| target.id == Target::NOT_YET) {
            target.id = id.to_string();
        }
    }

    /// The next entry of the same operation, by `actor`.
    pub(crate) fn follows(intent: &Entry, stage: Stage, actor: EntryActor) -> Self {
        Self {
            team: intent.team.clone(),
            targets: intent.targets.clone(),
            parameters: intent.parameters.clone(),
            ..Self::new(intent.operation_id, stage, actor, intent.action)
        }
    }
}

/// Appends `draft` at the end of the log. It is there once the transaction is committed, and not before.
pub(crate) async fn append(tx: &mut WriteTx, draft: Draft) -> Result<Entry, StoreError> {
    let head = store::tree::head(tx).await?;
    let now = OffsetDateTime::now_utc();
    let at = now.replace_microsecond(now.microsecond()).unwrap_or(now);
    let entry = Entry {
        sequence: head.sequence + 1,
        operation_id: draft.operation_id,
        stage: draft.stage,
        at,
        actor: draft.actor,
        team: draft.team,
        action: draft.action,
        targets: draft.targets,
        parameters: draft.parameters,
        before: draft.before,
        outcome: draft.outcome,
        workato: draft.workato,
        reason: draft.reason,
        deadline: draft.deadline,
        evidence: draft.evidence,
        batch: None,
        approved_by: None,
        portal: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let bytes = canonical_bytes(&entry)?;
    let leaf = leaf_hash(&bytes);
    let subtrees = head.completed_by_next(tx, leaf).await?;
    store::appending::append(tx, &entry, &bytes, leaf, &subtrees).await.map_err(StoreError::while_writing)?;
    Ok(entry)
}

/// The entry as canonical JSON (RFC 8785): the bytes that are stored and hashed.
pub(crate) fn canonical_bytes(entry: &Entry) -> Result<Vec<u8>, StoreError> {
    serde_json_canonicalizer::to_vec(entry).map_err(|error| StoreError::damaged("audit entry", error))
}
