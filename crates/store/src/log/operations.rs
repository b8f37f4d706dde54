//! The table `operation`: one row per operation, derived from its entries. `append` updates it.

use std::collections::HashMap;

use evidence::verify::BadEntry;
use time::OffsetDateTime;

use super::checked;
pub use super::operation_row::{OperationRow, rows_between};
use crate::{
    Action, Entry, OperationId, OperationSummary, Outcome, PersonId, Read, Review, ReviewStanding, State, StoreError,
    Target, TargetType, TeamId, Write,
    sql::{self, Row},
    values::{instant, json_list, micros, parsed},
};

/// The names of an actor and a target.
pub struct Named {
    pub actor: String,
    pub email: Option<String>,
    pub target: Option<Target>,
}

/// Binds an operation's id to its content.
pub async fn bind(tx: &mut Write, operation: OperationId, binding: &str) -> Result<(), StoreError> {
    sql::query("UPDATE operation SET binding = ? WHERE id = ?")
        .bind(binding)
        .bind(operation.to_string())
        .execute(tx.database())
        .await?;
    Ok(())
}

/// How an operation's id was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdUse {
    /// It was not used.
    New,
    /// It was used with the same content: the same request, sent again.
    Same,
    /// It was used with other content.
    Conflict,
}

/// How an operation's id was used before, compared with the content that `binding` stands for.
pub async fn id_use(conn: &mut Read, operation: OperationId, binding: &str) -> Result<IdUse, StoreError> {
    let earlier: Option<Option<String>> = sql::query_scalar("SELECT binding FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn.database())
        .await?;
    Ok(match earlier {
        None => IdUse::New,
        Some(Some(earlier)) if earlier == binding => IdUse::Same,
        Some(_) => IdUse::Conflict,
    })
}

/// The state of an operation.
pub async fn state(conn: &mut Read, operation: OperationId) -> Result<Option<State>, StoreError> {
    let state: Option<String> = sql::query_scalar("SELECT state FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn.database())
        .await?;
    state.map(|state| parsed("operation state", &state)).transpose()
}

pub async fn find(conn: &mut Read, operation: OperationId) -> Result<Option<OperationSummary>, StoreError> {
    let found = sql::query(concat!(include_str!("operations_with_entries.sql"), " WHERE operation.id = ?"))
        .bind(operation.to_string())
        .fetch_optional(conn.database())
        .await?;
    let found = found.map(|row| summary_of(&row)).transpose()?;
    Ok(with_what_they_are_about(conn, found.into_iter().collect()).await?.pop())
}

/// The operation whose first entry has this sequence.
pub async fn beginning_at(conn: &mut Read, sequence: i64) -> Result<Option<OperationId>, StoreError> {
    let id: Option<String> = sql::query_scalar("SELECT id FROM operation WHERE sequence = ?")
        .bind(sequence)
        .fetch_optional(conn.database())
        .await?;
    id.map(|id| parsed("operation id", &id)).transpose()
}

/// The operations whose first entries have these sequences, newest first, each with the operation that it is about.
pub async fn at(conn: &mut Read, sequences: &[i64]) -> Result<Vec<OperationSummary>, StoreError> {
    let operations: Result<Vec<_>, StoreError> = sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.sequence IN (SELECT value FROM json_each(?)) ORDER BY operation.sequence DESC"
    ))
    .bind(json_list(sequences))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect();
    with_what_they_are_about(conn, operations?).await
}

/// Where an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sequence of its first entry.
    pub sequence: i64,
    /// Its team, if it belongs to one.
    pub team: Option<TeamId>,
    /// When it began.
    pub at: OffsetDateTime,
}

/// The teams and times of the operations whose first entries have these sequences, newest first.
pub async fn teams_of(conn: &mut Read, sequences: &[i64]) -> Result<Vec<Place>, StoreError> {
    let rows: Vec<(i64, Option<String>, i64)> = sql::query_as(
        "SELECT sequence, team_id, at FROM operation
          WHERE sequence IN (SELECT value FROM json_each(?)) ORDER BY sequence DESC",
    )
    .bind(json_list(sequences))
    .fetch_all(conn.database())
    .await?;
    rows.into_iter()
        .map(|(sequence, team, at)| {
            let team = team.map(|team| parsed("team id", &team)).transpose()?;
            Ok(Place { sequence, team, at: instant(at)? })
        })
        .collect()
}

/// Adds to operations whose target is an operation, such as reviews, that operation.
async fn with_what_they_are_about(
    conn: &mut Read,
    mut operations: Vec<OperationSummary>,
) -> Result<Vec<OperationSummary>, StoreError> {
    let mut ids: Vec<String> = operations.iter().filter_map(target_operation).map(|id| id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(operations);
    }
    let targets: Vec<OperationSummary> = sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.id IN (SELECT value FROM json_each(?))"
    ))
    .bind(json_list(&ids))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect::<Result<_, _>>()?;
    let targets: HashMap<OperationId, OperationSummary> =
        targets.into_iter().map(|target| (target.id, target)).collect();
    for operation in &mut operations {
        let target = target_operation(operation).and_then(|id| targets.get(&id));
        operation.about = target.map(|target| Box::new(target.clone()));
    }
    Ok(operations)
}

fn target_operation(operation: &OperationSummary) -> Option<OperationId> {
    let target = operation.target.as_ref().filter(|target| target.kind == TargetType::Operation)?;
    target.id.parse().ok()
}

/// The entries of these operations by the sequence of the first, oldest first. Entries that are not as they were written
/// are left out, as those without a body are.
pub async fn entries_at(conn: &mut Read, sequences: &[i64]) -> Result<HashMap<i64, Vec<Entry>>, StoreError> {
    let rows = sql::query(
        "SELECT operation.sequence, entry.sequence AS place, body, leaf_hash
           FROM operation
           JOIN entry_body ON entry_body.operation_id = operation.id
           JOIN entry      ON entry.sequence          = entry_body.sequence
          WHERE operation.sequence IN (SELECT value FROM json_each(?))
          ORDER BY entry_body.sequence",
    )
    .bind(json_list(sequences))
    .fetch_all(conn.database())
    .await?;
    let mut entries: HashMap<i64, Vec<Entry>> = HashMap::new();
    for row in rows {
        let sequence: i64 = row.try_get("sequence")?;
        let entry = checked::body(&row, row.try_get("place")?, "body", "leaf_hash")?;
        let entry = entry.inspect_err(|bad| tracing::error!(%bad, "an entry of the audit log is left out"));
        entries.entry(sequence).or_default().extend(entry.ok().flatten());
    }
    Ok(entries)
}

/// Actors and targets of these operations, newest first.
pub async fn names_at(conn: &mut Read, sequences: &[i64]) -> Result<Vec<Named>, StoreError> {
    sql::query(
        "SELECT actor_name, actor_email, target_type, target_id, target_name
           FROM operation
          WHERE sequence IN (SELECT value FROM json_each(?))
          ORDER BY sequence DESC",
    )
    .bind(json_list(sequences))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(|row| {
        Ok(Named { actor: row.try_get("actor_name")?, email: row.try_get("actor_email")?, target: target(row)? })
    })
    .collect()
}

/// The newest operations on a target of a team, or of no team, newest first, at most `limit`.
pub async fn on_target(
    conn: &mut Read,
    team: Option<TeamId>,
    target: (TargetType, &str),
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS ? AND operation.target_type = ? AND operation.target_id = ?
          ORDER BY operation.sequence DESC LIMIT ?"
    ))
    .bind(team.map(|team| team.to_string()))
    .bind(target.0.as_str())
    .bind(target.1)
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// The reviews, flags and answers of an operation, newest first, without refused attempts.
pub async fn reviews_of(
    conn: &mut Read,
    operation: &OperationSummary,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    let saying = Action::ALL.iter().filter(|action| ReviewStanding::after(**action).is_some());
    let saying: Vec<&str> = saying.map(|action| action.as_str()).collect();
    let said: Result<Vec<_>, StoreError> = sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS ? AND operation.target_type = 'operation' AND operation.target_id = ?
            AND operation.outcome = 'succeeded' AND operation.action IN (SELECT value FROM json_each(?))
          ORDER BY operation.sequence DESC LIMIT ?"
    ))
    .bind(operation.team_id.map(|team| team.to_string()))
    .bind(operation.id.to_string())
    .bind(json_list(&saying))
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect();
    with_what_they_are_about(conn, said?).await
}

/// Operations that a read of Workato may settle: unknown outcomes, and intents whose deadline has passed.
pub async fn to_settle(conn: &mut Read, now: OffsetDateTime) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state IN ('open', 'unsettled') AND (state = 'unsettled' OR deadline < ?) ORDER BY operation.sequence"
    ))
    .bind(micros(now))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// Operations that wait for a person, oldest first, of these teams or of all.
pub async fn waiting(
    conn: &mut Read,
    visible: Option<&[TeamId]>,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    let visible = visible.map(json_list);
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'waiting' AND (?1 IS NULL OR team_id IN (SELECT value FROM json_each(?1)))
          ORDER BY operation.sequence LIMIT ?2"
    ))
    .bind(visible)
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// The first later operation on the same target that was sent, or may have been, and its state.
pub async fn later_on_target(
    conn: &mut Read,
    operation: &OperationSummary,
) -> Result<Option<(OperationId, State)>, StoreError> {
    let Some(target) = operation.target.as_ref().filter(|target| target.id != Target::NOT_YET) else {
        return Ok(None);
    };
    let later = sql::query(
        "SELECT id, state FROM operation
          WHERE team_id = ? AND target_type = ? AND target_id = ? AND acted_in > ?
            AND (outcome IS NULL OR outcome NOT IN ('denied', 'failed', 'rejected'))
          ORDER BY acted_in LIMIT 1",
    )
    .bind(operation.team_id.map(|id| id.to_string()))
    .bind(target.kind.as_str())
    .bind(&target.id)
    .bind(operation.acted_in.unwrap_or(operation.sequence))
    .fetch_optional(conn.database())
    .await?;
    later
        .map(|row| {
            let (id, state): (String, String) = (row.try_get("id")?, row.try_get("state")?);
            Ok((parsed("operation id", &id)?, parsed("operation state", &state)?))
        })
        .transpose()
}

fn target(row: &Row) -> Result<Option<Target>, StoreError> {
    let text = |column: &str| -> Result<Option<String>, StoreError> { Ok(row.try_get(column)?) };
    Ok(match (text("target_type")?, text("target_id")?) {
        (Some(kind), Some(id)) => {
            Some(Target::new(parsed::<TargetType>("target", &kind)?, id, text("target_name")?.as_deref()))
        }
        _ => None,
    })
}

pub(super) fn summary_of(row: &Row) -> Result<OperationSummary, StoreError> {
    let text = |column: &str| -> Result<Option<String>, StoreError> { Ok(row.try_get(column)?) };
    let id: String = row.try_get("id")?;
    let action: String = row.try_get("action")?;
    let state: String = row.try_get("state")?;
    let deadline: Option<i64> = row.try_get("deadline")?;
    let (sequence, last_sequence) = (row.try_get("sequence")?, row.try_get("last_sequence")?);
    let mut changed = None;
    let mut kept = |entry: Result<Option<Entry>, BadEntry>| {
        entry.unwrap_or_else(|bad| {
            changed.get_or_insert(bad);
            None
        })
    };
    let first = kept(checked::body(row, sequence, "first_body", "first_leaf")?);
    let last = kept(checked::body(row, last_sequence, "last_body", "last_leaf")?);
    let review = match text("review_standing")? {
        None => None,
        Some(standing) => {
            let said = checked::body(row, row.try_get("review_sequence")?, "review_body", "review_leaf")?;
            Some(Review { standing: parsed("review", &standing)?, said: kept(said) })
        }
    };
    let mut target = target(row)?;
    if let (Some(target), Some(named)) = (&mut target, first.as_ref().and_then(|first: &Entry| first.targets.first())) {
        target.name_from = named.name_from;
    }
    let mut summary = OperationSummary {
        id: parsed("operation id", &id)?,
        sequence,
        last_sequence,
        at: instant(row.try_get("at")?)?,
        actor_id: text("actor_id")?.map(|id| parsed::<PersonId>("person id", &id)).transpose()?,
        actor_name: row.try_get("actor_name")?,
        actor_email: text("actor_email")?,
        team_id: text("team_id")?.map(|id| parsed::<TeamId>("team id", &id)).transpose()?,
        team_slug: text("team_slug_now")?.map(|slug| parsed("team slug", &slug)).transpose()?,
        team_name: text("team_name")?,
        action: parsed("action", &action)?,
        target,
        deadline: deadline.map(instant).transpose()?,
        outcome: text("outcome")?.map(|outcome| parsed::<Outcome>("outcome", &outcome)).transpose()?,
        state: parsed("operation state", &state)?,
        acted_in: row.try_get("acted_in")?,
        break_glass: row.try_get("break_glass")?,
        batch: text("batch")?.map(|batch| parsed::<OperationId>("batch", &batch)).transpose()?,
        first,
        last,
        changed,
        review,
        about: None,
    };
    if summary.changed.is_none() {
        summary.changed = checked::row_agrees(&summary).err();
    }
    if let Some(bad) = &summary.changed {
        tracing::error!(%bad, "an operation is not as the audit log has it");
    }
    Ok(summary)
}
