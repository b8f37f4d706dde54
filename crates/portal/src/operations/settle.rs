//! Settling: what became of operations whose outcome nobody knows, read back from Workato.
//! A read that shows the change settles it at once. That it did not happen only a read can tell that began after the
//! call's deadline, since a cut call can still land. What no read can tell waits for a person.

mod by_hand;
mod evidence;

pub use by_hand::Finding;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use time::OffsetDateTime;
use workato::{Connection, ConnectionQuery};

use self::evidence::{Verdict, Witness};

use crate::{
    Portal, Result, TeamId,
    audit::{Draft, Entry, EntryActor, OperationSummary, Outcome, Stage, State, append},
    upstream::{Asker, Snapshot},
};
use store::Team;

impl Portal {
    /// Looks at every operation that a read of Workato may settle, all teams at once. A team whose Workato cannot be
    /// read is left for the next call; one that an earlier call still works on is skipped.
    ///
    /// # Errors
    /// `Store` if the database cannot be read, `Internal` if the work of a team panicked.
    pub async fn settle_due(self: &Arc<Self>) -> Result<()> {
        let now = OffsetDateTime::now_utc();
        let mut open = store::operations::to_settle(&mut self.store.read().await?, now).await?;
        open.retain(|operation| {
            !self.in_flight().contains(&operation.id) && !self.unrecorded().contains_key(&operation.id)
        });
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
                    tracing::warn!(%team, %error, "operations could not be settled yet");
                }
            }
        };
        let teams = by_team.into_iter().map(|(team, operations)| (team, (team, operations)));
        self.settling.for_each(teams, settle, self.settings.settle_every, &self.running, &self.leaving).await
    }

    /// Settles a team's operations from one read of each list that they need.
    async fn settle_team(&self, team: TeamId, operations: &[OperationSummary]) -> Result<()> {
        let team = self.team_by_id(team).await?;
        let needs = |list| operations.iter().any(|operation| Witness::of(operation.action) == list);
        // Made now: an old answer could show the state from before the call.
        let connections = match needs(Witness::Connections) {
            true => Some(self.every_connection(&team).await?),
            false => None,
        };
        let connectors = match needs(Witness::Connectors) {
            true => Some(self.read_connectors_afresh(&team, Asker::Background).await?),
            false => None,
        };
        let now = OffsetDateTime::now_utc();
        for operation in operations {
            let Some(intent) = &operation.first else { continue };
            let (verdict, began_at) = match (Witness::of(operation.action), &connections, &connectors) {
                _ if evidence::is_of_another_workspace(intent, &team) => {
                    let why = "the team's token opens another workspace than it did then";
                    (Verdict::Neither(Value::Null, why), now)
                }
                (Witness::Connections, Some(read), _) => (evidence::of_connections(intent, &read.items), read.began_at),
                (Witness::Connectors, _, Some(read)) => (evidence::of_connectors(intent, &read.items), read.began_at),
                (Witness::Nobody, ..) => (Verdict::Neither(Value::Null, "no call of Workato's tells it"), now),
                (Witness::Connections | Witness::Connectors, ..) => continue,
            };
            self.settle_one(operation, intent, verdict, began_at).await?;
        }
        Ok(())
    }

    async fn every_connection(&self, team: &Team) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        let query = ConnectionQuery { include_runtime_connections: true, ..ConnectionQuery::default() };
        self.read_connections_afresh(team, Asker::Background, query).await
    }

    async fn settle_one(
        &self,
        operation: &OperationSummary,
        intent: &Entry,
        verdict: Verdict,
        began_at: OffsetDateTime,
    ) -> Result<()> {
        let mut tx = self.store.write().await?;
        // Under the lock: the outcome may have come, or another operation may have been sent, since the list was read.
        let state = store::operations::state(&mut tx, operation.id).await?;
        if !matches!(state, Some(State::Open | State::Unsettled)) {
            return Ok(());
        }
        let read_at = crate::audit::instant_text(began_at);
        let later = store::operations::later_on_target(&mut tx, operation).await?;
        if matches!(later, Some((_, State::Open))) {
            // Under way still: whether it touched the target is known when it has ended.
            return Ok(());
        }
        let later = later.map(|(id, _)| id);
        let past_deadline = intent.deadline.is_none_or(|deadline| began_at > deadline);
        let mut draft = Draft::follows(intent, Stage::Waiting, EntryActor::system());
        if let (None, Verdict::Created(id, _)) = (&later, &verdict) {
            draft.now_exists(id);
        }
        let (stage, outcome, evidence) = match (later, verdict) {
            (
                Some(later),
                Verdict::Done(seen) | Verdict::Created(_, seen) | Verdict::NotDone(seen) | Verdict::Neither(seen, _),
            ) => (
                Stage::Waiting,
                Outcome::Unknown,
                json!({ "read_at": read_at, "seen": seen, "later_operation": later,
                        "why": "another operation touched the target since" }),
            ),
            (None, Verdict::Done(seen) | Verdict::Created(_, seen)) => {
                (Stage::Settled, Outcome::Succeeded, json!({ "read_at": read_at, "seen": seen }))
            }
            (None, Verdict::NotDone(_) | Verdict::Neither(..)) if !past_deadline => return Ok(()),
            (None, Verdict::NotDone(seen)) => {
                (Stage::Settled, Outcome::Failed, json!({ "read_at": read_at, "seen": seen }))
            }
            (None, Verdict::Neither(seen, why)) => {
                (Stage::Waiting, Outcome::Unknown, json!({ "read_at": read_at, "seen": seen, "why": why }))
            }
        };
        draft.stage = stage;
        draft.outcome = Some(outcome);
        draft.evidence = Some(evidence);
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(())
    }
}
