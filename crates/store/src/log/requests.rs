//! Operations that need a second person: requests that wait or were decided, changes that were made at once all the same,
//! and the policies that ask for it.

use time::OffsetDateTime;

use super::{checked, operations::summary_of};
use crate::{
    Entry, OperationSummary, PersonId, Read, StoreError, TeamId, sql,
    values::{json_list, micros},
};

/// What somebody did in these teams, after an entry and a time.
macro_rules! about_others {
    () => {
        " AND operation.sequence > ?1 AND (?2 IS NULL OR team_id IN (SELECT value FROM json_each(?2)))
          AND operation.actor_id IS NOT ?3 AND operation.at > ?4
          ORDER BY operation.sequence DESC"
    };
}

/// The entry with which an operation was carried out: its first, or the intent that follows its approval. `None` if it was
/// not carried out, or retention removed the entry.
///
/// # Errors
/// [`StoreError::Changed`] if the entry is not as it was written.
pub async fn acting_entry(conn: &mut Read, operation: &OperationSummary) -> Result<Option<Entry>, StoreError> {
    let Some(acted_in) = operation.acted_in else { return Ok(None) };
    if acted_in == operation.sequence {
        return Ok(operation.first.clone());
    }
    let row = sql::query(
        "SELECT body, leaf_hash FROM entry_body JOIN entry USING (sequence)
          WHERE entry_body.sequence = ? AND operation_id = ?",
    )
    .bind(acted_in)
    .bind(operation.id.to_string())
    .fetch_optional(conn.database())
    .await?;
    match row {
        Some(row) => Ok(checked::body(&row, acted_in, "body", "leaf_hash")??),
        None => Ok(None),
    }
}

/// Requests that wait for a second person, oldest first, of these teams or of all.
pub async fn requested(
    conn: &mut Read,
    visible: Option<&[TeamId]>,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'requested' AND (?1 IS NULL OR team_id IN (SELECT value FROM json_each(?1)))
          ORDER BY operation.sequence LIMIT ?2"
    ))
    .bind(visible.map(json_list))
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// A person's requests that wait in a team.
pub async fn of_person(conn: &mut Read, person: PersonId, team: TeamId) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'requested' AND operation.actor_id = ? AND operation.team_id = ?"
    ))
    .bind(person.to_string())
    .bind(team.to_string())
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// Requests that nobody approved in time.
pub async fn past(conn: &mut Read, now: OffsetDateTime) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE state = 'requested' AND deadline < ? ORDER BY operation.sequence"
    ))
    .bind(micros(now))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// Requests that no longer wait, newest first, of these teams or of all.
pub async fn decided(
    conn: &mut Read,
    visible: Option<&[TeamId]>,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.acted_in IS NOT operation.sequence AND state <> 'requested'
            AND (?1 IS NULL OR team_id IN (SELECT value FROM json_each(?1)))
          ORDER BY operation.sequence DESC LIMIT ?2"
    ))
    .bind(visible.map(json_list))
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// Changes that were made at once although they needed a second person, and that nobody has reviewed since, oldest first,
/// of these teams or of all. A job is one of them, and its items are not.
pub async fn unreviewed_break_glass(
    conn: &mut Read,
    visible: Option<&[TeamId]>,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.break_glass = 1 AND operation.batch IS NULL AND review.standing IS NOT 'reviewed'
            AND (?1 IS NULL OR team_id IN (SELECT value FROM json_each(?1)))
          ORDER BY operation.sequence LIMIT ?2"
    ))
    .bind(visible.map(json_list))
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}

/// How many changes were made at once although they needed a second person, and nobody has reviewed them since. A job
/// counts once.
pub async fn count_unreviewed_break_glass(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar(
        "SELECT count(*) FROM operation LEFT JOIN review ON review.operation_sequence = operation.sequence
          WHERE operation.break_glass = 1 AND operation.batch IS NULL AND review.standing IS NOT 'reviewed'",
    )
    .fetch_one(conn.database())
    .await?)
}

/// How many requests wait for a second person.
pub async fn count_requested(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM operation WHERE state = 'requested'").fetch_one(conn.database()).await?)
}

/// What everybody responsible should know since the person last dismissed their notices, and since then, newest first: in
/// these teams or in all, changes that were made at once although they needed a second person, and changed policies. Not
/// what the person did.
pub async fn for_responsible(
    conn: &mut Read,
    person: PersonId,
    teams: Option<&[TeamId]>,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    let dismissed: Option<i64> = sql::query_scalar(
        "SELECT sequence FROM operation INDEXED BY operation_on_person
          WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = ? AND team_id IS NULL
            AND action = 'notice.dismiss'
          ORDER BY sequence DESC LIMIT 1",
    )
    .bind(person.to_string())
    .fetch_optional(conn.database())
    .await?;
    let teams = teams.map(json_list);
    let mut found = Vec::new();
    for statement in [
        concat!(
            include_str!("operations_with_entries.sql"),
            " WHERE operation.break_glass = 1 AND operation.batch IS NULL",
            about_others!(),
            " LIMIT 20"
        ),
        concat!(
            include_str!("operations_with_entries.sql"),
            " WHERE operation.action = 'team.policy' AND operation.outcome = 'succeeded'",
            about_others!()
        ),
    ] {
        let rows = sql::query(statement)
            .bind(dismissed.unwrap_or(0))
            .bind(&teams)
            .bind(person.to_string())
            .bind(micros(since))
            .fetch_all(conn.database())
            .await?;
        for row in &rows {
            found.push(summary_of(row)?);
        }
    }
    found.sort_by_key(|operation| std::cmp::Reverse(operation.sequence));
    Ok(found)
}

/// The changes of a team's policy since then, newest first.
pub async fn policies_since(
    conn: &mut Read,
    team: TeamId,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.action = 'team.policy' AND operation.outcome = 'succeeded' AND operation.team_id = ?
            AND operation.at > ?
          ORDER BY operation.sequence DESC"
    ))
    .bind(team.to_string())
    .bind(micros(since))
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}
