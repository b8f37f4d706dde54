//! The table `membership`: who belongs to which team, in which role.

use sqlx::{Row, sqlite::SqliteRow};

use crate::{PersonId, Read, StoreError, TeamId, TeamRole, Write, values::parsed};

/// A person's role in a team.
#[derive(Clone, Debug)]
pub struct Membership {
    pub team: TeamId,
    pub person: PersonId,
    pub role: TeamRole,
}

pub async fn list(conn: &mut Read) -> Result<Vec<Membership>, StoreError> {
    sqlx::query("SELECT team_id, person_id, role FROM membership")
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(membership)
        .collect()
}

pub async fn role(tx: &mut Write, team: TeamId, person: PersonId) -> Result<Option<TeamRole>, StoreError> {
    let role: Option<String> = sqlx::query_scalar("SELECT role FROM membership WHERE team_id = ? AND person_id = ?")
        .bind(team.to_string())
        .bind(person.to_string())
        .fetch_optional(tx.sqlite())
        .await?;
    role.map(|role| parsed("team role", &role)).transpose()
}

pub async fn set(tx: &mut Write, membership: &Membership) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO membership (team_id, person_id, role) VALUES (?, ?, ?)
         ON CONFLICT (team_id, person_id) DO UPDATE SET role = excluded.role",
    )
    .bind(membership.team.to_string())
    .bind(membership.person.to_string())
    .bind(membership.role.as_str())
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

pub async fn remove(tx: &mut Write, team: TeamId, person: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM membership WHERE team_id = ? AND person_id = ?")
        .bind(team.to_string())
        .bind(person.to_string())
        .execute(tx.sqlite())
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
