//! The table `session`. A session is stored under the hash of its id.

use std::{collections::BTreeMap, net::IpAddr};

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    PersonId, PortalRole, Read, StoreError, TeamId, TeamRole, Write,
    values::{instant, micros, parsed},
};

/// The hash of a session's id. It finds the session's row and cannot be used to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key with this hash.
    #[must_use]
    pub const fn from_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The session's label in lists and in the log: 16 hexadecimal digits.
    #[must_use]
    pub fn label(&self) -> String {
        hex::encode(&self.0[..8])
    }
}

/// A session, as its person sees it.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    /// Its label.
    pub label: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: OffsetDateTime,
    /// When it expires.
    pub expires_at: OffsetDateTime,
    /// The address that it began from.
    pub ip: Option<String>,
    /// The browser that it began with.
    pub user_agent: Option<String>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The session's label.
    pub session: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The browser's User-Agent, cut to 200 characters.
    pub user_agent: Option<String>,
}

/// A session that has not expired, with its person and that person's memberships.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub person: PersonId,
    pub name: String,
    pub email: String,
    pub role: PortalRole,
    pub memberships: BTreeMap<TeamId, TeamRole>,
    pub expires_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
}

pub async fn insert(
    tx: &mut Write,
    key: &SessionKey,
    person: PersonId,
    origin: &Origin,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO session (id_hash, person_id, created_at, last_used_at, expires_at, ip, user_agent)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
    )
    .bind(key.as_bytes())
    .bind(person.to_string())
    .bind(micros(now))
    .bind(micros(expires_at))
    .bind(origin.ip.map(|ip| ip.to_string()))
    .bind(&origin.user_agent)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Session, person and memberships in one read.
pub async fn load(conn: &mut Read, key: &SessionKey, now: OffsetDateTime) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(
        "SELECT person.id, person.name, person.email, person.role, session.expires_at, session.last_used_at,
                (SELECT json_group_object(team_id, role) FROM membership WHERE person_id = person.id) AS memberships
           FROM session JOIN person ON person.id = session.person_id
          WHERE id_hash = ? AND expires_at > ? AND person.disabled_at IS NULL",
    )
    .bind(key.as_bytes())
    .bind(micros(now))
    .fetch_optional(conn.sqlite())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, role): (String, String) = (row.try_get("id")?, row.try_get("role")?);
    let memberships: String = row.try_get("memberships")?;
    let memberships: BTreeMap<TeamId, TeamRole> =
        serde_json::from_str(&memberships).map_err(|error| StoreError::damaged("membership", error))?;
    Ok(Some(SessionRow {
        person: parsed("person id", &id)?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: parsed("portal role", &role)?,
        memberships,
        expires_at: instant(row.try_get("expires_at")?)?,
        last_used_at: instant(row.try_get("last_used_at")?)?,
    }))
}

pub async fn touch(tx: &mut Write, key: &SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("UPDATE session SET last_used_at = ? WHERE id_hash = ?")
        .bind(micros(now))
        .bind(key.as_bytes())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// A person's sessions, most recently used first.
pub async fn list(conn: &mut Read, person: PersonId, now: OffsetDateTime) -> Result<Vec<SessionFacts>, StoreError> {
    sqlx::query("SELECT * FROM session WHERE person_id = ? AND expires_at > ? ORDER BY last_used_at DESC")
        .bind(person.to_string())
        .bind(micros(now))
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(facts)
        .collect()
}

/// Ends a session. Returns whether there was one.
pub async fn remove(tx: &mut Write, key: &SessionKey) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE id_hash = ?").bind(key.as_bytes()).execute(tx.sqlite()).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's session by its label. Returns whether there was one.
pub async fn remove_by_label(tx: &mut Write, person: PersonId, label: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND lower(substr(hex(id_hash), 1, 16)) = ?")
        .bind(person.to_string())
        .bind(label)
        .execute(tx.sqlite())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's sessions, except `keep`. Returns how many.
pub async fn remove_all(tx: &mut Write, person: PersonId, keep: Option<&SessionKey>) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND id_hash IS NOT ?")
        .bind(person.to_string())
        .bind(keep.map(SessionKey::as_bytes))
        .execute(tx.sqlite())
        .await?;
    Ok(done.rows_affected())
}

pub async fn remove_expired(tx: &mut Write, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session WHERE expires_at <= ?").bind(micros(now)).execute(tx.sqlite()).await?;
    Ok(())
}

fn facts(row: &SqliteRow) -> Result<SessionFacts, StoreError> {
    let hash: Vec<u8> = row.try_get("id_hash")?;
    let hash: [u8; 32] = hash.try_into().map_err(|_| StoreError::damaged("session", "not 32 bytes"))?;
    Ok(SessionFacts {
        label: SessionKey::from_hash(hash).label(),
        created_at: instant(row.try_get("created_at")?)?,
        last_used_at: instant(row.try_get("last_used_at")?)?,
        expires_at: instant(row.try_get("expires_at")?)?,
        ip: row.try_get("ip")?,
        user_agent: row.try_get("user_agent")?,
    })
}
