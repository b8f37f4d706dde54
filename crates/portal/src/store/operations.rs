//! The table `operation`: one row an operation, derived from its entries and nothing else.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, instant, micros, parsed};
use crate::{
    OperationId, PersonId, TeamId,
    audit::{Action, Entry, OperationSummary, Outcome, State, Target, TargetType},
};

/// What a page of the audit log asks for; every part that is `None` does not restrict.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Teams that the actor may read; `None` is all, and what belongs to no team.
    pub visible: Option<Vec<TeamId>>,
    pub team: Option<TeamId>,
    /// Part of the actor's name or e-mail, in lower case.
    pub actor: Option<String>,
    pub action: Option<Action>,
    /// `Some(None)` is: no outcome yet.
    pub outcome: Option<Option<Outcome>>,
    pub target: Option<TargetAsked>,
    pub after: Option<OffsetDateTime>,
    pub before: Option<OffsetDateTime>,
    /// Free text, in lower case.
    pub text: Option<String>,
}

/// A target, by kind and id or by part of its name.
#[derive(Clone, Debug)]
pub(crate) enum TargetAsked {
    Exactly(TargetType, String),
    /// An id, or part of a name in lower case.
    Like(String),
}

/// Where a page begins, by the sequence of an operation's first entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Newest,
    OlderThan(i64),
    NewerThan(i64),
}

/// Makes the operation's row what its newest entry says.
pub(crate) async fn follow(tx: &mut WriteTx, entry: &Entry) -> Result<(), StoreError> {
    let state = State::after(entry.stage, entry.outcome);
    let target = entry.targets.first();
    if !entry.stage.begins() {
        // What was to be created has its id from Workato's answer on.
        let done =
            sqlx::query("UPDATE operation SET last_sequence = ?, outcome = ?, state = ?, target_id = ? WHERE id = ?")
                .bind(entry.sequence)
                .bind(entry.outcome.map(Outcome::as_str))
                .bind(state.as_str())
                .bind(target.map(|target| target.id.as_str()))
                .bind(entry.operation_id.to_string())
                .execute(&mut **tx)
                .await?;
        return match done.rows_affected() {
            1 => Ok(()),
            _ => Err(StoreError::damaged("operation", format!("{} has no first entry", entry.operation_id))),
        };
    }
    sqlx::query(
        "INSERT INTO operation (id, sequence, last_sequence, at, actor_id, actor_name, actor_email,
                                team_id, team_slug, team_name, action, target_type, target_id, target_name,
                                deadline, outcome, state)
         VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )
    .bind(entry.operation_id.to_string())
    .bind(entry.sequence)
    .bind(micros(entry.at))
    .bind(entry.actor.id.map(|id| id.to_string()))
    .bind(&entry.actor.name)
    .bind(&entry.actor.email)
    .bind(entry.team.as_ref().map(|team| team.id.to_string()))
    .bind(entry.team.as_ref().map(|team| team.slug.as_str()))
    .bind(entry.team.as_ref().map(|team| team.name.as_str()))
    .bind(entry.action.as_str())
    .bind(target.map(|target| target.kind.as_str()))
    .bind(target.map(|target| target.id.as_str()))
    .bind(target.and_then(|target| target.name.as_deref()))
    .bind(entry.deadline.map(micros))
    .bind(entry.outcome.map(Outcome::as_str))
    .bind(state.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Binds an operation's id to what it was used for.
pub(crate) async fn bind(tx: &mut WriteTx, operation: OperationId, binding: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE operation SET binding = ? WHERE id = ?")
        .bind(binding)
        .bind(operation.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What an operation's id was used for: `None` if it was not, `Some(None)` if for what has no binding.
pub(crate) async fn binding(
    conn: &mut SqliteConnection,
    operation: OperationId,
) -> Result<Option<Option<String>>, StoreError> {
    Ok(sqlx::query_scalar("SELECT binding FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn)
        .await?)
}

/// Where an operation stands.
pub(crate) async fn state(conn: &mut SqliteConnection, operation: OperationId) -> Result<Option<State>, StoreError> {
    let state: Option<String> = sqlx::query_scalar("SELECT state FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn)
        .await?;
    state.map(|state| parsed("operation state", &state)).transpose()
}

pub(crate) async fn find(
    conn: &mut SqliteConnection,
    operation: OperationId,
) -> Result<Option<OperationSummary>, StoreError> {
    sqlx::query(concat!(include_str!("operations_with_entries.sql"), " WHERE operation.id = ?"))
        .bind(operation.to_string())
        .fetch_optional(&mut *conn)
        .await?
        .map(|row| summary(&row))
        .transpose()
}

/// Operations as asked, newest first, `limit` at most.
pub(crate) async fn list(
    conn: &mut SqliteConnection,
    asked: &Asked,
    from: From,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    const NEWEST_FIRST: &str = concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.sequence < ?12 AND ",
        include_str!("operations_asked.sql"),
        " ORDER BY operation.sequence DESC LIMIT ?13"
    );
    const OLDEST_FIRST: &str = concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.sequence > ?12 AND ",
        include_str!("operations_asked.sql"),
        " ORDER BY operation.sequence LIMIT ?13"
    );
    let (statement, edge) = match from {
        From::Newest => (NEWEST_FIRST, i64::MAX),
        From::OlderThan(sequence) => (NEWEST_FIRST, sequence),
        From::NewerThan(sequence) => (OLDEST_FIRST, sequence),
    };
    let visible = asked
        .visible
        .as_ref()
        .map(|teams| serde_json::Value::from(teams.iter().map(ToString::to_string).collect::<Vec<_>>()).to_string());
    let (kind, id, like) = match &asked.target {
        None => (None, None, None),
        Some(TargetAsked::Exactly(kind, id)) => (Some(kind.as_str()), Some(id.as_str()), None),
        Some(TargetAsked::Like(text)) => (None, None, Some(text.as_str())),
    };
    let rows = sqlx::query(statement)
        .bind(visible)
        .bind(asked.team.map(|id| id.to_string()))
        .bind(asked.actor.as_deref())
        .bind(asked.action.map(Action::as_str))
        .bind(asked.outcome.map(|outcome| outcome.map_or("none", Outcome::as_str)))
        .bind(kind)
        .bind(id)
        .bind(like)
        .bind(asked.after.map(micros))
        .bind(asked.before.map(micros))
        .bind(asked.text.as_deref())
        .bind(edge)
        .bind(limit)
        .fetch_all(&mut *conn)
        .await?;
    let mut found = rows.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
    if matches!(from, From::NewerThan(_)) {
        found.reverse();
    }
    Ok(found)
}

/// Operations that a read of Workato may settle: unknown outcomes, and intents whose deadline has passed.
pub(crate) async fn to_settle(
    conn: &mut SqliteConnection,
    now: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    sqlx::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'unsettled' OR (state = 'open' AND deadline < ?) ORDER BY operation.sequence"
    ))
    .bind(micros(now))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(summary)
    .collect()
}

/// Operations that wait for a person, oldest first, of these teams or of all.
pub(crate) async fn waiting(
    conn: &mut SqliteConnection,
    visible: Option<&[TeamId]>,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    let visible = visible.map(|teams| serde_json::json!(teams).to_string());
    sqlx::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'waiting' AND (?1 IS NULL OR team_id IN (SELECT value FROM json_each(?1)))
          ORDER BY operation.sequence LIMIT ?2"
    ))
    .bind(visible)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(summary)
    .collect()
}

/// The newest operations on a target, oldest first: more than could matter to what it is now.
pub(crate) async fn on_target(
    conn: &mut SqliteConnection,
    team: TeamId,
    target: &Target,
) -> Result<Vec<OperationSummary>, StoreError> {
    let rows = sqlx::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE team_id = ? AND target_type = ? AND target_id = ? ORDER BY operation.sequence DESC LIMIT 200"
    ))
    .bind(team.to_string())
    .bind(target.kind.as_str())
    .bind(&target.id)
    .fetch_all(&mut *conn)
    .await?;
    rows.iter().rev().map(summary).collect()
}

/// The first later operation that was sent, or may have been, to the same target, and where it stands.
pub(crate) async fn later_on_target(
    conn: &mut SqliteConnection,
    operation: &OperationSummary,
) -> Result<Option<(OperationId, State)>, StoreError> {
    let Some(target) = operation.target.as_ref().filter(|target| target.id != Target::NOT_YET) else {
        return Ok(None);
    };
    let later = sqlx::query(
        "SELECT id, state FROM operation
          WHERE team_id = ? AND target_type = ? AND target_id = ? AND sequence > ?
            AND (outcome IS NULL OR outcome NOT IN ('denied', 'failed', 'rejected'))
          ORDER BY sequence LIMIT 1",
    )
    .bind(operation.team_id.map(|id| id.to_string()))
    .bind(target.kind.as_str())
    .bind(&target.id)
    .bind(operation.sequence)
    .fetch_optional(conn)
    .await?;
    later
        .map(|row| {
            let (id, state): (String, String) = (row.try_get("id")?, row.try_get("state")?);
            Ok((parsed("operation id", &id)?, parsed("operation state", &state)?))
        })
        .transpose()
}

/// The next operations in the order of their first entries, as their rows have them, without bodies; `limit` at most.
pub(crate) async fn rows_after(
    conn: &mut SqliteConnection,
    sequence: i64,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sqlx::query(
        "SELECT operation.*, team_slug AS team_slug_now, NULL AS first_body, NULL AS last_body
           FROM operation WHERE sequence > ? ORDER BY sequence LIMIT ?",
    )
    .bind(sequence)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(summary)
    .collect()
}

fn summary(row: &SqliteRow) -> Result<OperationSummary, StoreError> {
    let text = |column: &str| -> Result<Option<String>, StoreError> { Ok(row.try_get(column)?) };
    let target = match (text("target_type")?, text("target_id")?) {
        (Some(kind), Some(id)) => {
            Some(Target { kind: parsed::<TargetType>("target", &kind)?, id, name: text("target_name")? })
        }
        _ => None,
    };
    let id: String = row.try_get("id")?;
    let action: String = row.try_get("action")?;
    let state: String = row.try_get("state")?;
    let deadline: Option<i64> = row.try_get("deadline")?;
    Ok(OperationSummary {
        id: parsed("operation id", &id)?,
        sequence: row.try_get("sequence")?,
        last_sequence: row.try_get("last_sequence")?,
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
        first: body(row, "first_body")?,
        last: body(row, "last_body")?,
    })
}

/// An entry's body, unless retention has removed it.
fn body(row: &SqliteRow, column: &str) -> Result<Option<Entry>, StoreError> {
    let bytes: Option<Vec<u8>> = row.try_get(column)?;
    bytes.map(|bytes| super::entries::read(&bytes)).transpose()
}
