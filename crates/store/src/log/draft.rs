//! An entry before it is appended: everything but its place and its time.

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{
    action::{Action, Outcome, Stage},
    entry::{Entry, EntryActor, EntryTeam, Target, WorkatoSaid},
};
use crate::ids::OperationId;

/// An entry that is not in the log yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub operation_id: OperationId,
    pub stage: Stage,
    pub actor: EntryActor,
    pub team: Option<EntryTeam>,
    pub action: Action,
    pub targets: Vec<Target>,
    pub parameters: Map<String, Value>,
    pub before: Option<Value>,
    pub impact: Option<Value>,
    pub outcome: Option<Outcome>,
    pub workato: Option<WorkatoSaid>,
    pub reason: Option<String>,
    pub deadline: Option<OffsetDateTime>,
    pub evidence: Option<Value>,
    pub batch: Option<OperationId>,
    pub approved_by: Option<EntryActor>,
    pub approved_in: Option<OperationId>,
    pub break_glass: bool,
}

impl Draft {
    /// A draft with only actor, action and stage.
    pub fn new(operation_id: OperationId, stage: Stage, actor: EntryActor, action: Action) -> Self {
        Self {
            operation_id,
            stage,
            actor,
            team: None,
            action,
            targets: Vec::new(),
            parameters: Map::new(),
            before: None,
            impact: None,
            outcome: None,
            workato: None,
            reason: None,
            deadline: None,
            evidence: None,
            batch: None,
            approved_by: None,
            approved_in: None,
            break_glass: false,
        }
    }

    /// A change in the portal itself, to be appended in one transaction with it.
    pub fn recorded(actor: EntryActor, action: Action) -> Self {
        Self { outcome: Some(Outcome::Succeeded), ..Self::new(OperationId::new(), Stage::Recorded, actor, action) }
    }

    pub fn team(mut self, team: impl Into<Option<EntryTeam>>) -> Self {
        self.team = team.into();
        self
    }

    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Adds a parameter: a string, a number, or a list of them.
    pub fn parameter(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_else(|error| Value::String(format!("unwritable: {error}")));
        self.parameters.insert(name.to_owned(), value);
        self
    }

    pub fn before(mut self, before: impl Into<Option<Value>>) -> Self {
        self.before = before.into();
        self
    }

    pub fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// Gives the target that the operation created its id.
    pub fn now_exists(&mut self, id: impl ToString) {
        if let Some(target) = self.targets.first_mut().filter(|target| target.id == Target::NOT_YET) {
            target.id = id.to_string();
        }
    }

    /// The next entry of the same operation, by `actor`.
    pub fn follows(intent: &Entry, stage: Stage, actor: EntryActor) -> Self {
        Self {
            team: intent.team.clone(),
            targets: intent.targets.clone(),
            parameters: intent.parameters.clone(),
            batch: intent.batch,
            ..Self::new(intent.operation_id, stage, actor, intent.action)
        }
    }

    /// Whether the entry is written even while the log contradicts a signature: what became of a call that was made, that
    /// somebody signed in to look (with a recovery code, too) or was refused, what they read and took away, and the acknowledgement itself. All
    /// else would be a change that rests on a forged log.
    pub(super) const fn is_written_in_doubt(&self) -> bool {
        matches!(self.stage, Stage::Outcome | Stage::Denied)
            || matches!(
                self.action,
                Action::SessionStart
                    | Action::SessionRefuse
                    | Action::SessionEnd
                    | Action::SessionRenew
                    | Action::SessionElsewhere
                    | Action::FactorRefuse
                    | Action::RecoveryUse
                    | Action::AuditRead
                    | Action::AuditExport
                    | Action::AuditAcknowledge
            )
    }

    /// The entry at its place in the log.
    pub(super) fn at(self, sequence: i64, at: OffsetDateTime) -> Entry {
        Entry {
            sequence,
            operation_id: self.operation_id,
            stage: self.stage,
            at,
            actor: self.actor,
            team: self.team,
            action: self.action,
            targets: self.targets,
            parameters: self.parameters,
            before: self.before,
            impact: self.impact,
            outcome: self.outcome,
            workato: self.workato,
            reason: self.reason,
            deadline: self.deadline,
            evidence: self.evidence,
            batch: self.batch,
            approved_by: self.approved_by,
            approved_in: self.approved_in,
            break_glass: self.break_glass,
            portal: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
