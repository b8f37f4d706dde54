//! The table `team`, joined with what may be known of its token.

pub mod seen;
pub mod tokens;

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    EntryTeam, EntryWorkspace, Read, StoreError, Target, TargetType, TeamId, TeamSlug, Write,
    values::{instant, micros, parsed},
};

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its id, which never changes.
    pub id: TeamId,
    /// Its short name in URLs.
    pub slug: TeamSlug,
    /// Its name.
    pub name: String,
    /// Whether customers depend on it. Every change then needs a reason.
    pub production: bool,
    /// Workato's base URL for its workspace.
    pub workato_url: String,
    /// The workspace that its token belongs to, as Workato last named it.
    pub workspace: Option<Workspace>,
    /// Its token, without the secret.
    pub token: Option<TokenFacts>,
}

/// A Workato workspace, as Workato last named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Workato's id of it.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
}

/// A token, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// A keyed hash that identifies the token.
    pub fingerprint: String,
    /// When it was set.
    pub set_at: OffsetDateTime,
}

impl Team {
    /// The team as the log writes it.
    #[must_use]
    pub fn entry_team(&self) -> EntryTeam {
        EntryTeam {
            id: self.id,
            slug: self.slug.clone(),
            name: self.name.clone(),
            workspace: self
                .workspace
                .as_ref()
                .map(|workspace| EntryWorkspace { id: workspace.id, name: workspace.name.clone() }),
        }
    }

    /// The team as the log names it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::Team, self.id, Some(&self.name))
    }
}

pub async fn list(conn: &mut Read) -> Result<Vec<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " ORDER BY lower(name), slug"))
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(team)
        .collect()
}

pub async fn by_slug(conn: &mut Read, slug: &TeamSlug) -> Result<Option<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE slug = ?"))
        .bind(slug.as_str())
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| team(&row))
        .transpose()
}

pub async fn by_id(conn: &mut Read, id: TeamId) -> Result<Option<Team>, StoreError> {
    sqlx::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE id = ?"))
        .bind(id.to_string())
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| team(&row))
        .transpose()
}

pub async fn insert(tx: &mut Write, team: &Team, created_at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO team (id, slug, name, production, workato_url, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(team.id.to_string())
        .bind(team.slug.as_str())
        .bind(&team.name)
        .bind(team.production)
        .bind(&team.workato_url)
        .bind(micros(created_at))
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn update(tx: &mut Write, team: &Team) -> Result<(), StoreError> {
    sqlx::query("UPDATE team SET slug = ?, name = ?, production = ?, workato_url = ? WHERE id = ?")
        .bind(team.slug.as_str())
        .bind(&team.name)
        .bind(team.production)
        .bind(&team.workato_url)
        .bind(team.id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Stores the workspace that the team's token belongs to; `None` if that is not known.
pub async fn set_workspace(tx: &mut Write, team: TeamId, workspace: Option<&Workspace>) -> Result<(), StoreError> {
    sqlx::query("UPDATE team SET workspace_id = ?, workspace_name = ? WHERE id = ?")
        .bind(workspace.map(|workspace| workspace.id))
        .bind(workspace.and_then(|workspace| workspace.name.as_deref()))
        .bind(team.to_string())
        .execute(tx.sqlite())
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
