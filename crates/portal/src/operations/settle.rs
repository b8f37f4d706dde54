//! Settling: finding out from Workato how operations ended whose outcome is not known. A read that shows the change
//! settles it at once. Only a read that began after the call's deadline can show that the change was not made, since a
//! call that was cut off can still take effect. What no read can show waits for a person.

mod by_hand;
mod evidence;

pub use by_hand::Finding;
pub(crate) use evidence::is_of_another_workspace;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use store::{Doubt, Team};
use time::OffsetDateTime;
use workato::{Connection, Connector, ConnectorId, List};

use self::evidence::ReadBack;
pub(crate) use self::evidence::Verdict;
use crate::{
    OperationId, Portal, Result, TeamId,
    audit::{Action, Draft, Entry, EntryActor, OperationSummary, Outcome, Stage, State, append, instant_text},
    code::sha256_of,
    upstream::{Asker, Snapshot, TeamWorkato},
};

impl Portal {
    /// Settles every operation that a read of Workato can settle, for all teams at the same time. Skips a team that an
    /// earlier call still works on. If a team's Workato cannot be read, the next call tries again. Does nothing while the
    /// log contradicts what was signed.
    ///
    /// # Errors
    /// `Store` if the database cannot be read, `Internal` if the work on a team panicked.
    pub async fn settle_due(self: &Arc<Self>) -> Result<()> {
        if self.alarms.history_is_in_doubt() {
            return Ok(());
        }
        let now = self.now();
        let mut open = store::operations::to_settle(&mut self.store.read().await?, now).await?;
        open.retain(|operation| {
            !self.in_flight().contains(&operation.id) && !self.unrecorded().contains_key(&operation.id)
        });
        metrics::gauge!("portal_open_operations").set(open.len() as f64);
        let mut by_team: BTreeMap<TeamId, Vec<OperationSummary>> = BTreeMap::new();
        for operation in open {
            if let Some(team) = operation.team_id {
                by_team.entry(team).or_default().push(operation);
            }
        }
        let settle = |(team, operations): (TeamId, Vec<OperationSummary>)| {
            let portal = Arc::clone(self);
            async move {
                if let Err(error) = portal.settle_team(team, &operations).await {
                    if let Ok(team) = portal.team_by_id(team).await {
                        portal.note_if_refused(&team, &error).await;
                    }
                    tracing::warn!(%team, %error, "cannot settle operations yet");
                }
            }
        };
        let teams = by_team.into_iter().map(|(team, operations)| (team, (team, operations)));
        self.settling.for_each(teams, settle, self.settings.settle_every, &self.running, &self.leaving).await
    }

    /// Settles a team's operations. Reads each list that they need once.
    async fn settle_team(&self, team: TeamId, operations: &[OperationSummary]) -> Result<()> {
        let team = self.team_by_id(team).await?;
        if team.retired_at.is_some() {
            return self.leave_to_people(operations).await;
        }
        let (rotations, operations): (Vec<_>, Vec<_>) =
            operations.iter().cloned().partition(|operation| operation.action == Action::TeamTokenRotate);
        for rotation in &rotations {
            self.settle_rotation(&team, rotation).await?;
        }
        if operations.is_empty() {
            return Ok(());
        }
        let operations = &operations;
        let workato = self.workato(&team, Asker::Background).await?;
        let lists = Lists::read(&workato, operations, self).await?;
        for operation in operations {
            let Some(intent) = self.intent_of(operation).await? else { continue };
            if let Some(seen) = lists.show(&intent, &team) {
                self.settle_one(operation, &intent, seen, workato.fingerprint()).await?;
            }
        }
        Ok(())
    }

    /// The entry with which an operation was sent: its first, or the one that follows its approval.
    async fn intent_of(&self, operation: &OperationSummary) -> Result<Option<Entry>> {
        Ok(store::requests::acting_entry(&mut self.store.read().await?, operation).await?)
    }

    /// Leaves operations of a retired team to people: Workato cannot be asked any more.
    async fn leave_to_people(&self, operations: &[OperationSummary]) -> Result<()> {
        for operation in operations {
            let Some(intent) = &self.intent_of(operation).await? else { continue };
            let mut tx = self.store.write().await?;
            let state = store::operations::state(&mut tx, operation.id).await?;
            if matches!(state, Some(State::Open | State::Unsettled)) {
                append(&mut tx, waiting(intent, json!({ "why": Doubt::NotReadable }))).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// `fingerprint` is that of the token with which the lists were read.
    pub(crate) async fn settle_one(
        &self,
        operation: &OperationSummary,
        intent: &Entry,
        seen: Seen,
        fingerprint: &str,
    ) -> Result<()> {
        let mut tx = self.store.write().await?;
        // Checked under the write lock: since the list was read, the outcome may have been recorded, another operation
        // may have been sent, or the team may have got a token for another workspace.
        let team = match operation.team_id {
            Some(team) => store::teams::by_id(&mut tx, team).await?,
            None => None,
        };
        if team.and_then(|team| team.token).is_none_or(|token| token.fingerprint != fingerprint) {
            return Ok(());
        }
        let state = store::operations::state(&mut tx, operation.id).await?;
        if !matches!(state, Some(State::Open | State::Unsettled)) {
            return Ok(());
        }
        let later = store::operations::later_on_target(&mut tx, operation).await?;
        if let Some(draft) = conclusion(intent, seen, later) {
            append(&mut tx, draft).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The lists that a team's operations need, read after they were sent.
struct Lists {
    connections: Option<Arc<Snapshot<List<Connection>>>>,
    connectors: Option<Arc<Snapshot<List<Connector>>>>,
    /// The hashes of connectors' code, by the connectors' ids, and when each read began.
    code: BTreeMap<String, (String, OffsetDateTime)>,
    read_at: OffsetDateTime,
}

/// What a read says about an operation.
pub(crate) struct Seen {
    pub verdict: Verdict,
    /// When the read began.
    pub began_at: OffsetDateTime,
}

impl Lists {
    async fn read(workato: &TeamWorkato<'_>, operations: &[OperationSummary], portal: &Portal) -> Result<Self> {
        let needs = |list| operations.iter().any(|operation| ReadBack::of(operation.action) == list);
        let connections = match needs(ReadBack::Connections) {
            true => Some(workato.every_connection_now().await?),
            false => None,
        };
        let connectors = match needs(ReadBack::Connectors) {
            true => Some(workato.connectors_now().await?),
            false => None,
        };
        let mut code = BTreeMap::new();
        for operation in operations.iter().filter(|operation| ReadBack::of(operation.action) == ReadBack::Code) {
            let id = operation.target.as_ref().map(|target| target.id.clone()).unwrap_or_default();
            let Ok(connector) = id.parse::<ConnectorId>() else { continue };
            let began_at = portal.now();
            match workato.client().connector_code(connector).await {
                Ok(found) => drop(code.insert(id, (sha256_of(&found), began_at))),
                // The rest can be settled all the same.
                Err(error) => tracing::info!(%connector, %error, "cannot read the code of a connector"),
            }
        }
        Ok(Self { connections, connectors, code, read_at: portal.now() })
    }

    /// `None` if the list was not read.
    fn show(&self, intent: &Entry, team: &Team) -> Option<Seen> {
        let nothing = |why| Some(Seen { verdict: Verdict::Neither(Value::Null, why), began_at: self.read_at });
        if evidence::is_of_another_workspace(intent, team) {
            return nothing(Doubt::AnotherWorkspace);
        }
        match ReadBack::of(intent.action) {
            ReadBack::Connections => self
                .connections
                .as_ref()
                .map(|list| Seen { verdict: evidence::of_connections(intent, &list.items), began_at: list.began_at }),
            ReadBack::Connectors => self
                .connectors
                .as_ref()
                .map(|list| Seen { verdict: evidence::of_connectors(intent, &list.items), began_at: list.began_at }),
            ReadBack::Code => {
                let (sha256, began_at) = self.code.get(&intent.targets.first()?.id)?;
                Some(Seen { verdict: evidence::of_code(intent, sha256), began_at: *began_at })
            }
            ReadBack::Nothing => nothing(Doubt::NotReadable),
        }
    }
}

/// The entry that settles an operation, or leaves it to a person. `None` if it is too early to say.
fn conclusion(intent: &Entry, seen: Seen, later: Option<(OperationId, State)>) -> Option<Draft> {
    let Seen { verdict, began_at } = seen;
    let read_at = instant_text(began_at);
    if let Some((later, state)) = later {
        // Whether a later operation touched the target is known when it has ended.
        return (state != State::Open).then(|| {
            let why = Doubt::LaterOperation;
            let seen = verdict.seen();
            waiting(intent, json!({ "read_at": read_at, "seen": seen, "later_operation": later, "why": why }))
        });
    }
    let is_past_deadline = intent.deadline.is_none_or(|deadline| began_at > deadline);
    let evidence = |seen| json!({ "read_at": read_at, "seen": seen });
    match verdict {
        Verdict::Done(seen) => Some(settled(intent, Outcome::Succeeded, evidence(seen))),
        Verdict::Created(id, seen) => {
            let mut draft = settled(intent, Outcome::Succeeded, evidence(seen));
            draft.now_exists(id);
            Some(draft)
        }
        Verdict::NotDone(_) | Verdict::Neither(..) if !is_past_deadline => None,
        Verdict::NotDone(seen) => Some(settled(intent, Outcome::Failed, evidence(seen))),
        Verdict::Neither(seen, why) => Some(waiting(intent, json!({ "read_at": read_at, "seen": seen, "why": why }))),
    }
}

fn settled(intent: &Entry, outcome: Outcome, evidence: Value) -> Draft {
    let mut draft = Draft::follows(intent, Stage::Settled, EntryActor::system());
    draft.outcome = Some(outcome);
    draft.evidence = Some(evidence);
    draft
}

fn waiting(intent: &Entry, evidence: Value) -> Draft {
    let mut draft = Draft::follows(intent, Stage::Waiting, EntryActor::system());
    draft.outcome = Some(Outcome::Unknown);
    draft.evidence = Some(evidence);
    draft
}

#[cfg(test)]
mod tests;
