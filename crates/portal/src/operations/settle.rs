//! Settling: what became of operations whose outcome nobody knows, read back from Workato.
//! A read that shows the change settles it at once. That it did not happen only a read can tell that began after the
//! call's deadline, since a cut call can still land. What no read can tell waits for a person.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use time::OffsetDateTime;
use workato::{Connection, ConnectionQuery, Connector, ConnectorQuery};

use crate::{
    Portal, Result, TeamId,
    audit::{Action, Draft, Entry, EntryActor, OperationSummary, Outcome, Stage, State, append},
    store::{self, StoreError},
    teams::Team,
    upstream::{Asker, Snapshot},
};

/// What a read says of an operation.
#[derive(Clone, Debug, PartialEq)]
enum Verdict {
    /// It was done.
    Done(Value),
    /// It was not done, as far as this read goes.
    NotDone(Value),
    /// Neither.
    Neither(Value, &'static str),
}

impl Portal {
    /// Looks at every operation that a read of Workato may settle. One at a time; a second call waits for the first.
    ///
    /// # Errors
    /// When the database cannot be read. A team whose Workato cannot be read is left for the next time.
    pub async fn settle(self: &Arc<Self>) -> Result<()> {
        let _alone = self.settling.lock().await;
        let now = OffsetDateTime::now_utc();
        let mut open = store::operations::to_settle(&mut *self.store.read().await?, now).await?;
        open.retain(|operation| {
            !self.in_flight().contains(&operation.id) && !self.unrecorded().contains_key(&operation.id)
        });
        let mut by_team: BTreeMap<TeamId, Vec<OperationSummary>> = BTreeMap::new();
        for operation in open {
            if let Some(team) = operation.team_id {
                by_team.entry(team).or_default().push(operation);
            }
        }
        for (team, operations) in by_team {
            if let Err(error) = self.settle_team(team, &operations).await {
                tracing::warn!(%team, %error, "operations could not be settled yet");
            }
        }
        Ok(())
    }

    /// Settles a team's operations from one read of each list that they need.
    async fn settle_team(&self, team: TeamId, operations: &[OperationSummary]) -> Result<()> {
        let team = self.team_by_id(team).await?;
        let of_connections = |operation: &OperationSummary| operation.action == Action::ConnectionDelete;
        // An old copy could show the state from before the call.
        self.upstream.drop_reads(team.id);
        let connections = match operations.iter().any(of_connections) {
            true => Some(self.every_connection(&team).await?),
            false => None,
        };
        let connectors = match operations.iter().all(of_connections) {
            true => None,
            false => Some(self.read_connectors(&team, Asker::Background, ConnectorQuery::default()).await?),
        };
        for operation in operations {
            let Some(intent) = &operation.first else { continue };
            let began_at = match (&connections, &connectors) {
                (Some(read), _) if of_connections(operation) => read.began_at,
                (_, Some(read)) => read.began_at,
                _ => continue,
            };
            let verdict = if is_of_another_workspace(intent, &team) {
                Verdict::Neither(Value::Null, "the team's token opens another workspace than it did then")
            } else if of_connections(operation) {
                deleted(intent, connections.as_deref().map_or(&[], |read| &read.items))
            } else {
                shared_or_suppressed(intent, connectors.as_deref().map_or(&[], |read| &read.items))
            };
            self.settle_one(operation, intent, verdict, began_at).await?;
        }
        Ok(())
    }

    async fn every_connection(&self, team: &Team) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        let query = ConnectionQuery { include_runtime_connections: true, ..ConnectionQuery::default() };
        self.read_connections(team, Asker::Background, query).await
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
        let (stage, outcome, evidence) = match (later, verdict) {
            (Some(later), Verdict::Done(seen) | Verdict::NotDone(seen) | Verdict::Neither(seen, _)) => (
                Stage::Waiting,
                Outcome::Unknown,
                json!({ "read_at": read_at, "seen": seen, "later_operation": later,
                        "why": "another operation touched the target since" }),
            ),
            (None, Verdict::Done(seen)) => {
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
        let mut draft = Draft::follows(intent, stage, EntryActor::system());
        draft.outcome = Some(outcome);
        draft.evidence = Some(evidence);
        append(&mut tx, draft).await?;
        tx.commit().await.map_err(StoreError::Unwritable)?;
        Ok(())
    }
}

/// Whether what is read now is not what the operation was sent to.
fn is_of_another_workspace(intent: &Entry, team: &Team) -> bool {
    let then = intent.team.as_ref().and_then(|team| team.workspace.as_ref()).map(|workspace| workspace.id);
    let now = team.workspace.as_ref().map(|workspace| workspace.id);
    matches!((then, now), (Some(then), Some(now)) if then != now)
}

/// Whether a read of all connections shows that the target was deleted.
fn deleted(intent: &Entry, connections: &[Connection]) -> Verdict {
    let Some(target) = intent.targets.first() else {
        return Verdict::Neither(Value::Null, "the intent names no target");
    };
    let present = connections.iter().any(|connection| connection.id.to_string() == target.id);
    let seen = json!({ "present": present });
    let was_there = intent.before.as_ref().map(|before| before.get("found") == Some(&Value::Bool(true)));
    match (present, was_there) {
        (true, _) => Verdict::NotDone(seen),
        (false, Some(true)) => Verdict::Done(seen),
        (false, Some(false)) => Verdict::Neither(seen, "the connection was not there before, either"),
        (false, None) => Verdict::Neither(seen, "the state before was not known"),
    }
}

/// Whether a read of all connectors shows that the target was shared at the version asked for, or suppressed.
fn shared_or_suppressed(intent: &Entry, connectors: &[Connector]) -> Verdict {
    let Some(target) = intent.targets.first() else {
        return Verdict::Neither(Value::Null, "the intent names no target");
    };
    let Some(connector) = connectors.iter().find(|connector| connector.id.to_string() == target.id) else {
        return Verdict::Neither(json!({ "present": false }), "the connector is no longer there");
    };
    let now = (json!(connector.shared_version()), json!(connector.oem_shared_at));
    let seen = json!({ "shared_version": now.0, "shared_at": now.1 });
    let wanted = match intent.action {
        Action::ConnectorSuppress => Value::Null,
        _ => intent.parameters.get("version").cloned().unwrap_or(Value::Null),
    };
    let before = intent
        .before
        .as_ref()
        .and_then(|before| Some((before.get("shared_version")?.clone(), before.get("shared_at")?.clone())));
    match before {
        // Wanted and seen, and it was otherwise before: nothing but this call explains it.
        Some(before) if now.0 == wanted && before != now => Verdict::Done(seen),
        Some(before) if now.0 == wanted && before == now => {
            Verdict::Neither(seen, "it was like this before, so the read cannot tell")
        }
        Some(before) if before == now => Verdict::NotDone(seen),
        // The state before is not known: a share dated after the intent is this one.
        None if now.0 == wanted
            && !wanted.is_null()
            && connector.oem_shared_at.is_some_and(|at| at.get() >= intent.at) =>
        {
            Verdict::Done(seen)
        }
        None => Verdict::Neither(seen, "the state before was not known"),
        Some(_) => Verdict::Neither(seen, "it is neither as before nor as asked for"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};
    use time::macros::datetime;
    use workato::Connector;

    use super::{Verdict, shared_or_suppressed};
    use crate::audit::{Action, Draft, Entry, EntryActor, Stage, Target, TargetType};

    fn intent(action: Action, version: Option<i64>, before: Option<Value>) -> Entry {
        let draft = Draft::new(crate::OperationId::new(), Stage::Intent, EntryActor::system(), action);
        Entry {
            sequence: 1,
            operation_id: draft.operation_id,
            stage: draft.stage,
            at: datetime!(2026-11-22 12:00 UTC),
            actor: draft.actor,
            team: None,
            action,
            targets: vec![Target::new(TargetType::Connector, 3066, Some("Acme Connector"))],
            parameters: version.map(|version| ("version".to_owned(), json!(version))).into_iter().collect(),
            before,
            outcome: None,
            workato: None,
            reason: None,
            deadline: None,
            evidence: None,
            batch: None,
            approved_by: None,
            portal: String::new(),
        }
    }

    fn connector(shared: Option<i64>, at: Option<&str>) -> Connector {
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": shared, "oem_shared_at": at })).unwrap()
    }

    const OLD: &str = "2026-01-01T00:00:00Z";
    const NEW: &str = "2026-11-22T12:00:01Z";

    #[rstest]
    #[case::shared(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(4), Some(NEW)), "done")]
    #[case::not_shared(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(2), Some(OLD)), "not done")]
    #[case::shared_anew(Action::ConnectorShare, Some(4), Some((Some(4), Some(OLD))), (Some(4), Some(NEW)), "done")]
    #[case::cannot_tell(Action::ConnectorShare, Some(4), Some((Some(4), Some(OLD))), (Some(4), Some(OLD)), "neither")]
    #[case::something_else(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(3), Some(NEW)), "neither")]
    #[case::unknown_before(Action::ConnectorShare, Some(4), None, (Some(4), Some(NEW)), "done")]
    #[case::unknown_before_and_old(Action::ConnectorShare, Some(4), None, (Some(4), Some(OLD)), "neither")]
    #[case::suppressed(Action::ConnectorSuppress, None, Some((Some(2), Some(OLD))), (None, None), "done")]
    #[case::not_suppressed(Action::ConnectorSuppress, None, Some((Some(2), Some(OLD))), (Some(2), Some(OLD)), "not done")]
    #[case::was_not_shared(Action::ConnectorSuppress, None, Some((None, None)), (None, None), "neither")]
    fn a_read_settles_only_what_it_shows(
        #[case] action: Action,
        #[case] version: Option<i64>,
        #[case] before: Option<(Option<i64>, Option<&str>)>,
        #[case] now: (Option<i64>, Option<&str>),
        #[case] expected: &str,
    ) {
        let before = before.map(|(version, at)| {
            let before = connector(version, at);
            json!({ "shared_version": before.oem_shared_version, "shared_at": before.oem_shared_at })
        });
        let verdict = shared_or_suppressed(&intent(action, version, before), &[connector(now.0, now.1)]);
        let word = match verdict {
            Verdict::Done(_) => "done",
            Verdict::NotDone(_) => "not done",
            Verdict::Neither(..) => "neither",
        };
        assert_eq!(word, expected);
    }
}
