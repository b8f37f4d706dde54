//! The table `session`. A session is known by the hash of its id and by nothing else.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, instant, micros, parsed};
use crate::{
    Actor, Origin, PersonId, TeamId, TeamRole,
    accounts::{SessionFacts, SessionKey},
};

/// A session that is good, with its person and that person's memberships.
pub(crate) struct Loaded {
    pub actor: Actor,
    pub expires_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
}

pub(crate) async fn insert(
    tx: &mut WriteTx,
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
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Session, person and memberships in one read.
pub(crate) async fn load(
    conn: &mut SqliteConnection,
    key: &SessionKey,
    now: OffsetDateTime,
) -> Result<Option<Loaded>, StoreError> {
    let row = sqlx::query(
        "SELECT person.id, person.name, person.email, person.role, session.expires_at, session.last_used_at,
                (SELECT json_group_object(team_id, role) FROM membership WHERE person_id = person.id) AS memberships
           FROM session JOIN person ON person.id = session.person_id
          WHERE id_hash = ? AND expires_at > ? AND person.disabled_at IS NULL",
    )
    .bind(key.as_bytes())
    .bind(micros(now))
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, role): (String, String) = (row.try_get("id")?, row.try_get("role")?);
    let memberships: String = row.try_get("memberships")?;
    let memberships: BTreeMap<TeamId, TeamRole> =
        serde_json::from_str(&memberships).map_err(|error| StoreError::damaged("membership", error))?;
    Ok(Some(Loaded {
        actor: Actor {
            id: parsed("person id", &id)?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            role: parsed("portal role", &role)?,
            memberships,
            origin: Origin { session: Some(key.label()), ..Origin::default() },
        },
        expires_at: instant(row.try_get("expires_at")?)?,
        last_used_at: instant(row.try_get("last_used_at")?)?,
    }))
}

pub(crate) async fn touch(tx: &mut WriteTx, key: &SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("UPDATE session SET last_used_at = ? WHERE id_hash = ?")
        .bind(micros(now))
        .bind(key.as_bytes())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A person's sessions, the most recently used first.
pub(crate) async fn list(
    conn: &mut SqliteConnection,
    person: PersonId,
    now: OffsetDateTime,
) -> Result<Vec<SessionFacts>, StoreError> {
    sqlx::query("SELECT * FROM session WHERE person_id = ? AND expires_at > ? ORDER BY last_used_at DESC")
        .bind(person.to_string())
        .bind(micros(now))
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(facts)
        .collect()
}

/// Ends one session; says whether there was one.
pub(crate) async fn remove(tx: &mut WriteTx, key: &SessionKey) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE id_hash = ?").bind(key.as_bytes()).execute(&mut **tx).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends one of a person's sessions by its label; says whether there was one.
pub(crate) async fn remove_by_label(tx: &mut WriteTx, person: PersonId, label: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND lower(substr(hex(id_hash), 1, 16)) = ?")
        .bind(person.to_string())
        .bind(label)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's sessions, all but `keep`; says how many.
pub(crate) async fn remove_all(
    tx: &mut WriteTx,
    person: PersonId,
    keep: Option<&SessionKey>,
) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND id_hash IS NOT ?")
        .bind(person.to_string())
        .bind(keep.map(SessionKey::as_bytes))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn remove_expired(tx: &mut WriteTx, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session WHERE expires_at <= ?").bind(micros(now)).execute(&mut **tx).await?;
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
