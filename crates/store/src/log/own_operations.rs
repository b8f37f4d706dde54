//! What one person changed in teams' Workato: the newest operations, and the reasons that they gave.

use super::{checked, operations};
use crate::{OperationSummary, PersonId, Read, StoreError, TeamId, sql, values::json_list};

/// The person's newest changes in these teams, newest first, at most `limit`.
pub async fn newest(
    conn: &mut Read,
    person: PersonId,
    teams: &[TeamId],
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    // The newest of each team by the index, since one person may have made most of the log.
    let sequences: Vec<i64> = sql::query_scalar(sql::each(
        "SELECT mine.sequence
           FROM json_each(?1) AS team
           JOIN operation AS mine ON mine.sequence IN (
                SELECT sequence FROM operation
                 WHERE actor_id = ?2 AND team_id = team.value AND deadline IS NOT NULL
                 ORDER BY sequence DESC LIMIT ?3)
          ORDER BY mine.sequence DESC LIMIT ?3",
        "SELECT mine.sequence
           FROM unnest(?1) AS team (value), LATERAL (
                SELECT sequence FROM operation
                 WHERE actor_id = ?2 AND team_id = team.value AND deadline IS NOT NULL
                 ORDER BY sequence DESC LIMIT ?3) AS mine
          ORDER BY mine.sequence DESC LIMIT ?3",
    ))
    .bind(json_list(teams))
    .bind(person.to_string())
    .bind(limit)
    .fetch_all(conn.database())
    .await?;
    operations::at(conn, &sequences).await
}

/// The reasons of the person's newest changes in a team, newest first, each once, at most `most`. Looks at no more than
/// `operations` of them. Reasons of entries that are not as they were written are left out.
pub async fn reasons(
    conn: &mut Read,
    person: PersonId,
    team: TeamId,
    most: usize,
    operations: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = sql::query(
        "SELECT operation.sequence, body, leaf_hash
           FROM operation
           JOIN entry_body ON entry_body.sequence = operation.sequence
           JOIN entry      ON entry.sequence      = operation.sequence
          WHERE actor_id = ? AND team_id = ? AND deadline IS NOT NULL
          ORDER BY operation.sequence DESC LIMIT ?",
    )
    .bind(person.to_string())
    .bind(team.to_string())
    .bind(operations)
    .fetch_all(conn.database())
    .await?;
    let mut reasons: Vec<String> = Vec::new();
    for row in rows {
        if reasons.len() == most {
            break;
        }
        let Ok(Some(entry)) = checked::body(&row, row.try_get("sequence")?, "body", "leaf_hash")? else { continue };
        // The row is derived; the entry says whose reason it is.
        let is_own = entry.actor.id == Some(person) && entry.team.as_ref().is_some_and(|of| of.id == team);
        let reason = entry.reason.filter(|reason| is_own && !reasons.contains(reason));
        reasons.extend(reason);
    }
    Ok(reasons)
}
