//! The tables `watch` and `seen`: what was last read of each team's Workato.

use sqlx::Row;
use time::OffsetDateTime;

use crate::{
    OperationSummary, Read, StoreError, Target, TargetType, TeamId, Write,
    log::operations,
    values::{instant, micros, parsed},
};

/// The state of watching a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The fingerprint of the token that was used. Another token may see other things.
    pub fingerprint: String,
    pub compared_at: OffsetDateTime,
}

/// A connector with its shared version, or a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: TargetType,
    pub id: i64,
    pub name: Option<String>,
    pub shared_version: Option<i64>,
    pub shared_at: Option<OffsetDateTime>,
}

impl Seen {
    pub fn target(&self) -> Target {
        Target::new(self.kind, self.id, self.name.as_deref())
    }

    /// The share, in the precision that is stored.
    pub fn share(&self) -> (Option<i64>, Option<i64>) {
        (self.shared_version, self.shared_at.map(micros))
    }
}

pub async fn watch(conn: &mut Read, team: TeamId) -> Result<Option<Watch>, StoreError> {
    let row = sqlx::query("SELECT fingerprint, compared_at FROM watch WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_optional(conn.sqlite())
        .await?;
    row.map(|row| {
        Ok(Watch { fingerprint: row.try_get("fingerprint")?, compared_at: instant(row.try_get("compared_at")?)? })
    })
    .transpose()
}

pub async fn set_watch(tx: &mut Write, team: TeamId, watch: &Watch) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO watch (team_id, fingerprint, compared_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (team_id) DO UPDATE SET fingerprint = ?2, compared_at = ?3",
    )
    .bind(team.to_string())
    .bind(&watch.fingerprint)
    .bind(micros(watch.compared_at))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Everything that was last seen of a team.
pub async fn all(conn: &mut Read, team: TeamId) -> Result<Vec<Seen>, StoreError> {
    sqlx::query("SELECT kind, id, name, shared_version, shared_at FROM seen WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(|row| {
            let kind: String = row.try_get("kind")?;
            let shared_at: Option<i64> = row.try_get("shared_at")?;
            Ok(Seen {
                kind: parsed("target", &kind)?,
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                shared_version: row.try_get("shared_version")?,
                shared_at: shared_at.map(instant).transpose()?,
            })
        })
        .collect()
}

pub async fn put(tx: &mut Write, team: TeamId, seen: &Seen) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO seen (team_id, kind, id, name, shared_version, shared_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (team_id, kind, id) DO UPDATE SET name = ?4, shared_version = ?5, shared_at = ?6",
    )
    .bind(team.to_string())
    .bind(seen.kind.as_str())
    .bind(seen.id)
    .bind(&seen.name)
    .bind(seen.shared_version)
    .bind(seen.shared_at.map(micros))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

pub async fn remove(tx: &mut Write, team: TeamId, seen: &Seen) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM seen WHERE team_id = ? AND kind = ? AND id = ?")
        .bind(team.to_string())
        .bind(seen.kind.as_str())
        .bind(seen.id)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Forgets what was seen of a team and how it was watched, before it is watched with another token.
pub async fn forget(tx: &mut Write, team: TeamId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM watch WHERE team_id = ?").bind(team.to_string()).execute(tx.sqlite()).await?;
    sqlx::query("DELETE FROM seen WHERE team_id = ?").bind(team.to_string()).execute(tx.sqlite()).await?;
    Ok(())
}

/// How many of the newest operations on a target are read.
const MORE_THAN_COULD_MATTER: i64 = 200;

/// The operations on a target that have an entry since then, oldest first.
pub async fn operations_since(
    conn: &mut Read,
    team: TeamId,
    target: &Target,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    let mut operations =
        operations::on_target(conn, Some(team), (target.kind, &target.id), MORE_THAN_COULD_MATTER).await?;
    operations.reverse();
    operations.retain(|operation| {
        let last = operation.last.as_ref().map_or(operation.at, |entry| entry.at);
        last >= since || operation.outcome.is_none()
    });
    Ok(operations)
}
