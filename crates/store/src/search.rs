//! Finding operations. The index proposes candidates; the operation's own row decides whether somebody may see it and
//! when it began.

use crate::{
    OperationId, Read, StoreError, TeamId,
    index::{
        Index,
        query::{Criteria, PageStart},
    },
    sql,
    values::{json_list, micros},
};

/// The sequences of the operations asked for, `limit` at most: newest first, but from [`PageStart::NewerThan`] the
/// nearest.
///
/// # Errors
/// If the log or the index cannot be read.
pub async fn sequences(
    conn: &mut Read,
    index: &Index,
    asked: &Criteria,
    from: PageStart,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut found = if asked.is_plain() {
        walk(conn, asked.visible.as_deref(), from, limit).await?
    } else {
        matching(conn, index, asked, from, limit).await?
    };
    found.sort_unstable_by_key(|sequence| std::cmp::Reverse(*sequence));
    Ok(found)
}

/// Without the index: walks the log for each team, and takes the nearest of all.
async fn walk(conn: &mut Read, teams: Option<&[TeamId]>, from: PageStart, limit: i64) -> Result<Vec<i64>, StoreError> {
    let (above, below) = from.between();
    let Some(teams) = teams else {
        let statement = if from.is_upwards() {
            "SELECT sequence FROM operation WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?"
        } else {
            "SELECT sequence FROM operation WHERE sequence > ? AND sequence < ? ORDER BY sequence DESC LIMIT ?"
        };
        return Ok(sql::query_scalar(statement).bind(above).bind(below).bind(limit).fetch_all(conn.database()).await?);
    };
    let statement = if from.is_upwards() {
        "SELECT sequence FROM operation WHERE team_id = ? AND sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?"
    } else {
        "SELECT sequence FROM operation WHERE team_id = ? AND sequence > ? AND sequence < ?
          ORDER BY sequence DESC LIMIT ?"
    };
    let mut found: Vec<i64> = Vec::new();
    for team in teams {
        let of_team = sql::query_scalar::<i64>(statement).bind(team.to_string()).bind(above).bind(below).bind(limit);
        found.extend(of_team.fetch_all(conn.database()).await?);
    }
    found.sort_unstable();
    if !from.is_upwards() {
        found.reverse();
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// With the index, confirmed by the operations' rows.
async fn matching(
    conn: &mut Read,
    index: &Index,
    asked: &Criteria,
    from: PageStart,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let (mut above, mut below) = from.between();
    if let Some(only) = asked.only {
        let Some(sequence) = sequence(conn, only).await? else { return Ok(Vec::new()) };
        (above, below) = (above.max(sequence - 1), below.min(sequence.saturating_add(1)));
    }
    let mut found = Vec::new();
    let mut wanted = limit;
    // There is a second round only if the index holds something that the log does not.
    while wanted > 0 {
        let proposed = index.matching(asked, (above, below), from.is_upwards(), wanted).await?;
        let Some(last) = proposed.last().copied() else { break };
        let is_all = (proposed.len() as i64) < wanted;
        found.extend(confirmed(conn, asked, &proposed).await?);
        if is_all {
            break;
        }
        if from.is_upwards() {
            above = last
        } else {
            below = last
        }
        wanted = limit - found.len() as i64;
    }
    Ok(found)
}

/// Those of the operations whose rows agree: in the log, in a visible team, and begun at the right time.
async fn confirmed(conn: &mut Read, asked: &Criteria, sequences: &[i64]) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT sequence FROM operation
          WHERE sequence IN (SELECT value FROM json_each(?1))
            AND (?2 IS NULL OR team_id IN (SELECT value FROM json_each(?2)))
            AND (?3 IS NULL OR at >= ?3)
            AND (?4 IS NULL OR at < ?4)
            AND id NOT IN (SELECT value FROM json_each(?5))",
    )
    .bind(json_list(sequences))
    .bind(asked.visible.as_deref().map(json_list))
    .bind(asked.after.map(micros))
    .bind(asked.before.map(micros))
    .bind(json_list(&asked.except))
    .fetch_all(conn.database())
    .await?)
}

/// The sequence of an operation's first entry.
async fn sequence(conn: &mut Read, operation: OperationId) -> Result<Option<i64>, StoreError> {
    Ok(sql::query_scalar("SELECT sequence FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn.database())
        .await?)
}

/// How many operations begin with an entry up to this one, and the sum of the sequences of those entries.
///
/// # Errors
/// If the log cannot be read.
pub async fn operations_up_to(conn: &mut Read, sequence: i64) -> Result<(i64, i64), StoreError> {
    let row = sql::query(sql::each(
        "SELECT count(*), coalesce(sum(sequence), 0) FROM operation WHERE sequence <= ?",
        "SELECT count(*), CAST(coalesce(sum(sequence), 0) AS BIGINT) FROM operation WHERE sequence <= ?",
    ))
    .bind(sequence)
    .fetch_one(conn.database())
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// The operations that entries above one sequence and up to another change.
///
/// # Errors
/// If the log cannot be read.
pub async fn touched(conn: &mut Read, above: i64, up_to: i64) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT sequence FROM operation WHERE sequence > ?1 AND sequence <= ?2
         UNION
         SELECT operation.sequence FROM entry_body JOIN operation ON operation.id = entry_body.operation_id
          WHERE entry_body.sequence > ?1 AND entry_body.sequence <= ?2
         UNION
         SELECT operation_sequence FROM review WHERE last_sequence > ?1 AND last_sequence <= ?2
         UNION
         SELECT operation.sequence FROM removed_body JOIN operation ON operation.id = removed_body.operation_id
          WHERE removed_body.run > ?1 AND removed_body.run <= ?2",
    )
    .bind(above)
    .bind(up_to)
    .fetch_all(conn.database())
    .await?)
}
