//! How many operations there were: by day, action and outcome, by actor, and by how long they took.

use std::collections::HashMap;

use sqlx::{Row, SqliteConnection};
use time::OffsetDateTime;

use super::{database::Index, document::Document, facets::OutcomeFilter};
use crate::{
    Action, StoreError, TeamId, Took,
    values::{json_text, parsed},
};

/// A number of operations that have these things in common.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Days since 1970, UTC.
    pub day: i64,
    /// The action.
    pub action: Action,
    /// The outcome.
    pub outcome: OutcomeFilter,
    /// How many.
    pub operations: i64,
}

/// How many operations an actor performed. The actor is a person's id, or the name of an actor that is not a person.
#[derive(Clone, Debug)]
pub struct ActorCount {
    /// The actor.
    pub actor: String,
    /// The action.
    pub action: Action,
    /// How many.
    pub operations: i64,
}

/// The day of a moment: days since 1970, UTC.
#[must_use]
pub fn day_of(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(86_400)
}

impl Index {
    /// Operations by day, action and outcome, between two days, both included; of these teams, or of all.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn by_day(&self, days: (i64, i64), teams: Option<&[TeamId]>) -> Result<Vec<Counts>, StoreError> {
        let mut conn = self.read().await?;
        self.noticing(by_day(&mut conn.connection, days, teams).await)
    }

    /// Operations by actor and action; days and teams as in [`Index::by_day`].
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn by_actor(&self, days: (i64, i64), teams: Option<&[TeamId]>) -> Result<Vec<ActorCount>, StoreError> {
        let mut conn = self.read().await?;
        self.noticing(by_actor(&mut conn.connection, days, teams).await)
    }

    /// Operations by how long they took; days and teams as in [`Index::by_day`].
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn by_took(&self, days: (i64, i64), teams: Option<&[TeamId]>) -> Result<Vec<(Took, i64)>, StoreError> {
        let mut conn = self.read().await?;
        self.noticing(by_took(&mut conn.connection, days, teams).await)
    }
}

/// Counts these operations as they are now, and no longer as they were.
pub(super) async fn recount(conn: &mut SqliteConnection, documents: &[Document]) -> Result<(), StoreError> {
    let sequences: Vec<i64> = documents.iter().map(|document| document.sequence).collect();
    let rows =
        sqlx::query("SELECT sequence, outcome, took FROM document WHERE sequence IN (SELECT value FROM json_each(?))")
            .bind(json_text(&sequences))
            .fetch_all(&mut *conn)
            .await?;
    let mut before: HashMap<i64, (String, Option<String>)> = HashMap::new();
    for row in rows {
        before.insert(row.try_get("sequence")?, (row.try_get("outcome")?, row.try_get("took")?));
    }
    let (mut counts, mut tooks) = (HashMap::new(), HashMap::new());
    for document in documents {
        let day = day_of(document.at);
        let team = document.team.map_or_else(String::new, |team| team.to_string());
        let mut count = |outcome: &str, took: Option<&str>, by: i64| {
            let key = (day, team.clone(), document.counted_actor.clone(), document.action, outcome.to_owned());
            *counts.entry(key).or_insert(0) += by;
            if let Some(took) = took {
                *tooks.entry((day, team.clone(), took.to_owned())).or_insert(0) += by;
            }
        };
        let now = (document.outcome.as_str(), document.took.map(Took::as_str));
        if let Some((outcome, took)) = before.get(&document.sequence) {
            if (outcome.as_str(), took.as_deref()) == now {
                continue;
            }
            count(outcome, took.as_deref(), -1);
        }
        count(now.0, now.1, 1);
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
        .execute(&mut *conn)
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
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn by_day(
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
    .bind(teams.map(json_text))
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

async fn by_actor(
    conn: &mut SqliteConnection,
    days: (i64, i64),
    teams: Option<&[TeamId]>,
) -> Result<Vec<ActorCount>, StoreError> {
    sqlx::query(
        "SELECT actor, action, sum(operations) AS operations
           FROM operation_count
          WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR team_id IN (SELECT value FROM json_each(?3)))
          GROUP BY actor, action
         HAVING sum(operations) > 0",
    )
    .bind(days.0)
    .bind(days.1)
    .bind(teams.map(json_text))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|row| {
        let action: String = row.try_get("action")?;
        Ok(ActorCount {
            actor: row.try_get("actor")?,
            action: parsed("action", &action)?,
            operations: row.try_get("operations")?,
        })
    })
    .collect()
}

async fn by_took(
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
    .bind(teams.map(json_text))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|row| {
        let took: String = row.try_get("took")?;
        Ok((parsed("duration", &took)?, row.try_get("operations")?))
    })
    .collect()
}
