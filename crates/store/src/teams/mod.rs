//! The table `team`, joined with what may be known of its token.

pub mod connector_code;
mod policy;
pub mod promotions;
pub mod seen;
pub mod tokens;

use time::{Duration, OffsetDateTime};

pub use self::policy::{Guarded, Policy};
use crate::{
    Entry, EntryTeam, EntryWorkspace, Read, StoreError, Target, TargetType, TeamId, TeamSlug, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::TEAM,
    },
    sql::{self, Row},
    values::micros,
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
    /// Which changes need a second person.
    pub policy: Policy,
    /// Workato's base URL for its workspace.
    pub workato_url: String,
    /// What every reason for a change must contain.
    pub reason_pattern: Option<ReasonPattern>,
    /// The workspace that its token belongs to, as Workato last named it.
    pub workspace: Option<Workspace>,
    /// Its token, without the secret.
    pub token: Option<TokenFacts>,
    /// When it was retired. It has no token then, and only its past is left.
    pub retired_at: Option<OffsetDateTime>,
    /// Whether there is a token that the portal does not use, since it was changed outside the portal.
    pub token_is_bad: bool,
}

/// What every reason for a change in a team must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPattern {
    /// A regular expression that must be found somewhere in the reason.
    pub expression: String,
    /// What people read instead of it, such as "Name a ticket, such as PAY-123".
    pub hint: Option<String>,
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
    /// Since when Workato refuses it. It is not used then.
    pub refused_at: Option<OffsetDateTime>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
}

/// After how long a token should be replaced.
const TOKEN_LASTS: Duration = Duration::days(90);

impl TokenFacts {
    /// Whether it is so old that it should be replaced.
    #[must_use]
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        now - self.set_at >= TOKEN_LASTS
    }
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

/// All teams by name, without those whose rows the portal did not write.
pub async fn list(conn: &mut Read) -> Result<Vec<Team>, StoreError> {
    let rows = sql::query(concat!(include_str!("teams_with_tokens.sql"), " ORDER BY lower(name), slug"))
        .fetch_all(conn.database())
        .await?;
    let mut teams = Vec::new();
    for row in &rows {
        teams.extend(team(conn, row)?);
    }
    Ok(teams)
}

/// The team with this slug.
///
/// # Errors
/// [`StoreError::BadRow`] if the portal did not write its row.
pub async fn by_slug(conn: &mut Read, slug: &TeamSlug) -> Result<Option<Team>, StoreError> {
    let row = sql::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE slug = ?"))
        .bind(slug.as_str())
        .fetch_optional(conn.database())
        .await?;
    one(conn, row)
}

/// The team with this id.
///
/// # Errors
/// [`StoreError::BadRow`] if the portal did not write its row.
pub async fn by_id(conn: &mut Read, id: TeamId) -> Result<Option<Team>, StoreError> {
    let row = sql::query(concat!(include_str!("teams_with_tokens.sql"), " WHERE id = ?"))
        .bind(id.to_string())
        .fetch_optional(conn.database())
        .await?;
    one(conn, row)
}

fn one(conn: &Read, row: Option<Row>) -> Result<Option<Team>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    team(conn, &row)?.map(Some).ok_or_else(|| StoreError::BadRow("the row of a team is not used".to_owned()))
}

pub async fn insert(tx: &mut Write, team: &Team, told: &Entry) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO team (id, slug, name, production, approval, approval_items, break_glass, workato_url,
                           reason_pattern, reason_hint, created_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(team.id.to_string())
    .bind(team.slug.as_str())
    .bind(&team.name)
    .bind(team.production)
    .bind(team.policy.words())
    .bind(team.policy.items)
    .bind(team.policy.break_glass)
    .bind(&team.workato_url)
    .bind(team.reason_pattern.as_ref().map(|pattern| &pattern.expression))
    .bind(team.reason_pattern.as_ref().and_then(|pattern| pattern.hint.as_deref()))
    .bind(micros(told.at))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    TEAM.seal(tx, &key(team.id)).await
}

/// Writes a team as it is after this entry, with the workspace that its token belongs to, if that is known.
pub async fn update(tx: &mut Write, team: &Team, told: &Entry) -> Result<(), StoreError> {
    TEAM.guard(tx, &key(team.id)).await?;
    sql::query(
        "UPDATE team
            SET slug = ?, name = ?, production = ?, approval = ?, approval_items = ?, break_glass = ?, workato_url = ?,
                reason_pattern = ?, reason_hint = ?,
                workspace_id = ?, workspace_name = ?, retired_at = ?, recorded_in = ?
          WHERE id = ?",
    )
    .bind(team.slug.as_str())
    .bind(&team.name)
    .bind(team.production)
    .bind(team.policy.words())
    .bind(team.policy.items)
    .bind(team.policy.break_glass)
    .bind(&team.workato_url)
    .bind(team.reason_pattern.as_ref().map(|pattern| &pattern.expression))
    .bind(team.reason_pattern.as_ref().and_then(|pattern| pattern.hint.as_deref()))
    .bind(team.workspace.as_ref().map(|workspace| workspace.id))
    .bind(team.workspace.as_ref().and_then(|workspace| workspace.name.as_deref()))
    .bind(team.retired_at.map(micros))
    .bind(told.sequence)
    .bind(team.id.to_string())
    .execute(tx.database())
    .await?;
    TEAM.seal(tx, &key(team.id)).await
}

/// A team, if the portal wrote its row and no later entry has changed it; without its token, if that is not so for it.
fn team(conn: &Read, row: &Row) -> Result<Option<Team>, StoreError> {
    let key = conn.row_key();
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(row), Some(log), Some(token), Some(token_log)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Some(row) = TEAM.check(key.as_ref(), row) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(row) = TEAM.check_newest(key.as_ref(), row, newest)? else { return Ok(None) };
    let has_token = !token.is_empty();
    let token = if has_token { tokens::checked(conn, token, token_log)? } else { None };
    let facts = |token: Checked| -> Result<TokenFacts, StoreError> {
        Ok(TokenFacts {
            fingerprint: token.text("fingerprint")?.to_owned(),
            set_at: token.instant("set_at")?,
            refused_at: token.opt_instant("refused_at")?,
            last_used_at: token.opt_instant("last_used_at")?,
        })
    };
    Ok(Some(Team {
        id: row.parsed("id")?,
        slug: row.parsed("slug")?,
        name: row.text("name")?.to_owned(),
        production: row.number("production")? != 0,
        policy: Policy::stored(
            row.text("approval")?,
            row.opt_number("approval_items")?,
            row.number("break_glass")? != 0,
        )?,
        workato_url: row.text("workato_url")?.to_owned(),
        reason_pattern: match row.opt_text("reason_pattern")? {
            Some(expression) => Some(ReasonPattern {
                expression: expression.to_owned(),
                hint: row.opt_text("reason_hint")?.map(str::to_owned),
            }),
            None => None,
        },
        workspace: match row.opt_number("workspace_id")? {
            Some(id) => Some(Workspace { id, name: row.opt_text("workspace_name")?.map(str::to_owned) }),
            None => None,
        },
        retired_at: row.opt_instant("retired_at")?,
        token_is_bad: has_token && token.is_none(),
        token: token.map(facts).transpose()?,
    }))
}

fn key(id: TeamId) -> [Cell; 1] {
    [id.to_string().into()]
}
