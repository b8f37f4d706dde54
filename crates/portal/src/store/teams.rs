//! The table `team`, with what the token's table tells about it.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, instant, micros, parsed};
use crate::{
    TeamId, TeamSlug,
    teams::{Team, TokenFacts, Workspace},
};

pub(crate) async fn list(conn: &mut SqliteConnection) -> Result<Vec<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " ORDER BY lower(name), slug"))
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(team)
        .collect()
}

pub(crate) async fn by_slug(conn: &mut SqliteConnection, slug: &TeamSlug) -> Result<Option<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE slug = ?"))
        .bind(slug.as_str())
        .fetch_optional(conn)
        .await?
        .map(|row| team(&row))
        .transpose()
}

pub(crate) async fn by_id(conn: &mut SqliteConnection, id: TeamId) -> Result<Option<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE id = ?"))
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| team(&row))
        .transpose()
}

pub(crate) async fn insert(tx: &mut WriteTx, team: &Team, created_at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO team (id, slug, name, production, workato_url, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(team.id.to_string())
        .bind(team.slug.as_str())
        .bind(&team.name)
        .bind(team.production)
        .bind(&team.workato_url)
        .bind(micros(created_at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut WriteTx, team: &Team) -> Result<(), StoreError> {
    sqlx::query("UPDATE team SET slug = ?, name = ?, production = ?, workato_url = ? WHERE id = ?")
        .bind(team.slug.as_str())
        .bind(&team.name)
        .bind(team.production)
        .bind(&team.workato_url)
        .bind(team.id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes which workspace the team's token opens; none when that is not known.
pub(crate) async fn set_workspace(
    tx: &mut WriteTx,
    team: TeamId,
    workspace: Option<&Workspace>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE team SET workspace_id = ?, workspace_name = ? WHERE id = ?")
        .bind(workspace.map(|workspace| workspace.id))
        .bind(workspace.and_then(|workspace| workspace.name.as_deref()))
        .bind(team.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn team(row: &SqliteRow) -> Result<Team, StoreError> {
    let (id, slug): (String, String) = (row.try_get("id")?, row.try_get("slug")?);
    let workspace: Option<i64> = row.try_get("workspace_id")?;
    let fingerprint: Option<String> = row.try_get("fingerprint")?;
    Ok(Team {
        id: parsed("team id", &id)?,
        slug: parsed("team slug", &slug)?,
        name: row.try_get("name")?,
        production: row.try_get("production")?,
        workato_url: row.try_get("workato_url")?,
        workspace: match workspace {
            Some(id) => Some(Workspace { id, name: row.try_get("workspace_name")? }),
            None => None,
        },
        token: match fingerprint {
            Some(fingerprint) => Some(TokenFacts { fingerprint, set_at: instant(row.try_get("set_at")?)? }),
            None => None,
        },
    })
}
