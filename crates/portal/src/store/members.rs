//! The table `membership`: who belongs to which team, in which role.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{StoreError, WriteTx, parsed};
use crate::{PersonId, TeamId, TeamRole};

/// One person's place in one team.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub team: TeamId,
    pub person: PersonId,
    pub role: TeamRole,
}

pub(crate) async fn list(conn: &mut SqliteConnection) -> Result<Vec<Membership>, StoreError> {
    sqlx::query("SELECT team_id, person_id, role FROM membership")
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(membership)
        .collect()
}

pub(crate) async fn role(tx: &mut WriteTx, team: TeamId, person: PersonId) -> Result<Option<TeamRole>, StoreError> {
    let role: Option<String> = sqlx::query_scalar("SELECT role FROM membership WHERE team_id = ? AND person_id = ?")
        .bind(team.to_string())
        .bind(person.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    role.map(|role| parsed("team role", &role)).transpose()
}

pub(crate) async fn set(tx: &mut WriteTx, membership: &Membership) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO membership (team_id, person_id, role) VALUES (?, ?, ?)
         ON CONFLICT (team_id, person_id) DO UPDATE SET role = excluded.role",
    )
    .bind(membership.team.to_string())
    .bind(membership.person.to_string())
    .bind(membership.role.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut WriteTx, team: TeamId, person: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM membership WHERE team_id = ? AND person_id = ?")
        .bind(team.to_string())
        .bind(person.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn membership(row: &SqliteRow) -> Result<Membership, StoreError> {
    let (team, person, role): (String, String, String) =
        (row.try_get("team_id")?, row.try_get("person_id")?, row.try_get("role")?);
    Ok(Membership {
        team: parsed("team id", &team)?,
        person: parsed("person id", &person)?,
        role: parsed("team role", &role)?,
    })
}
