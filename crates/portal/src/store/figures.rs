//! How much was done: counts by day, derived from operations beside the log and kept with the search index.

use std::collections::HashMap;

use sqlx::{Row, SqliteConnection};

use super::{StoreError, WriteTx, operations::numbers, parsed, search::listed};
use crate::{
    TeamId,
    audit::{Action, OutcomeAsked, Took},
};

/// As what an operation is counted.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub sequence: i64,
    /// Days since 1970, UTC.
    pub day: i64,
    pub team: Option<TeamId>,
    /// The person's id; the name of an actor that has none.
    pub actor: String,
    pub action: Action,
    pub outcome: OutcomeAsked,
    pub took: Option<Took>,
}

/// Operations that have these things in common.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    pub day: i64,
    pub action: Action,
    pub outcome: OutcomeAsked,
    pub operations: i64,
}

/// Forgets every count.
pub(crate) async fn restart(tx: &mut WriteTx) -> Result<(), StoreError> {
    for statement in ["DELETE FROM operation_count", "DELETE FROM operation_took", "DELETE FROM operation_counted"] {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Counts these operations as they are now, and no longer as they were.
pub(crate) async fn recount(tx: &mut WriteTx, operations: &[Counted]) -> Result<(), StoreError> {
    let sequences: Vec<i64> = operations.iter().map(|operation| operation.sequence).collect();
    let rows = sqlx::query(
        "SELECT sequence, outcome, took FROM operation_counted WHERE sequence IN (SELECT value FROM json_each(?))",
    )
    .bind(numbers(&sequences))
    .fetch_all(&mut **tx)
    .await?;
    let mut before: HashMap<i64, (String, Option<String>)> = HashMap::new();
    for row in rows {
        before.insert(row.try_get("sequence")?, (row.try_get("outcome")?, row.try_get("took")?));
    }
    let (mut counts, mut tooks) = (HashMap::new(), HashMap::new());
    for operation in operations {
        let team = operation.team.map_or_else(String::new, |team| team.to_string());
        let mut count = |outcome: &str, took: Option<&str>, by: i64| {
            let key = (operation.day, team.clone(), operation.actor.clone(), operation.action, outcome.to_owned());
            *counts.entry(key).or_insert(0) += by;
            if let Some(took) = took {
                *tooks.entry((operation.day, team.clone(), took.to_owned())).or_insert(0) += by;
            }
        };
        let now = (operation.outcome.as_str(), operation.took.map(Took::as_str));
        if let Some((outcome, took)) = before.get(&operation.sequence) {
            if (outcome.as_str(), took.as_deref()) == now {
                continue;
            }
            count(outcome, took.as_deref(), -1);
        }
        count(now.0, now.1, 1);
        sqlx::query("INSERT OR REPLACE INTO operation_counted (sequence, outcome, took) VALUES (?, ?, ?)")
            .bind(operation.sequence)
            .bind(now.0)
            .bind(now.1)
            .execute(&mut **tx)
            .await?;
    }
    for ((day, team, actor, action, outcome), by) in counts {
        sqlx::query(
            "INSERT INTO operation_count (day, team_id, actor, action, outcome, operations) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET operations = operations + excluded.operations",
        )
        .bind(day)
        .bind(team)
        .bind(actor)
        .bind(action.as_str())
        .bind(outcome)
        .bind(by)
        .execute(&mut **tx)
        .await?;
    }
    for ((day, team, took), by) in tooks {
        sqlx::query(
            "INSERT INTO operation_took (day, team_id, took, operations) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET operations = operations + excluded.operations",
        )
        .bind(day)
        .bind(team)
        .bind(took)
        .bind(by)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Operations by day, action and outcome, from a day to another, both included; of these teams or of all.
pub(crate) async fn by_day(
    conn: &mut SqliteConnection,
    days: (i64, i64),
    teams: Option<&[TeamId]>,
) -> Result<Vec<Counts>, StoreError> {
    sqlx::query(
        "SELECT day, action, outcome, sum(operations) AS operations
           FROM operation_count
          WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR team_id IN (SELECT value FROM json_each(?3)))
          GROUP BY day, action, outcome
         HAVING sum(operations) > 0",
    )
    .bind(days.0)
    .bind(days.1)
    .bind(teams.map(listed))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|row| {
        let (action, outcome): (String, String) = (row.try_get("action")?, row.try_get("outcome")?);
        Ok(Counts {
            day: row.try_get("day")?,
            action: parsed("action", &action)?,
            outcome: parsed("outcome", &outcome)?,
            operations: row.try_get("operations")?,
        })
    })
    .collect()
}

/// Operations by actor and action, as [`by_day`]. The actor is a person's name and e-mail as they are now, or the name
/// of what is no person.
pub(crate) async fn by_actor(
    conn: &mut SqliteConnection,
    days: (i64, i64),
    teams: Option<&[TeamId]>,
) -> Result<Vec<(String, Option<String>, Action, i64)>, StoreError> {
    sqlx::query(
        "SELECT coalesce(person.name, counted.actor) AS name, person.email, counted.action, counted.operations
           FROM (SELECT actor, action, sum(operations) AS operations
                   FROM operation_count
                  WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR team_id IN (SELECT value FROM json_each(?3)))
                  GROUP BY actor, action
                 HAVING sum(operations) > 0) AS counted
           LEFT JOIN person ON person.id = counted.actor",
    )
    .bind(days.0)
    .bind(days.1)
    .bind(teams.map(listed))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|row| {
        let action: String = row.try_get("action")?;
        Ok((row.try_get("name")?, row.try_get("email")?, parsed("action", &action)?, row.try_get("operations")?))
    })
    .collect()
}

/// Operations by how long they took, as [`by_day`].
pub(crate) async fn by_took(
    conn: &mut SqliteConnection,
    days: (i64, i64),
    teams: Option<&[TeamId]>,
) -> Result<Vec<(Took, i64)>, StoreError> {
    sqlx::query(
        "SELECT took, sum(operations) AS operations
           FROM operation_took
          WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR team_id IN (SELECT value FROM json_each(?3)))
          GROUP BY took",
    )
    .bind(days.0)
    .bind(days.1)
    .bind(teams.map(listed))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|row| {
        let took: String = row.try_get("took")?;
        Ok((parsed("duration", &took)?, row.try_get("operations")?))
    })
    .collect()
}
