//! The tables `team_token` and `master_key`: sealed tokens, and which key sealed them.

use sqlx::Row;
use time::OffsetDateTime;

use crate::{Read, StoreError, TeamId, Write, values::micros};

/// A sealed token.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The id of the key that sealed it.
    pub key_id: String,
    /// 24 random bytes.
    pub nonce: Vec<u8>,
    /// The ciphertext.
    pub bytes: Vec<u8>,
}

pub async fn set(
    tx: &mut Write,
    team: TeamId,
    sealed: &Sealed,
    fingerprint: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO team_token (team_id, key_id, nonce, sealed, fingerprint, set_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (team_id) DO UPDATE
            SET key_id = excluded.key_id, nonce = excluded.nonce, sealed = excluded.sealed,
                fingerprint = excluded.fingerprint, set_at = excluded.set_at",
    )
    .bind(team.to_string())
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.bytes)
    .bind(fingerprint)
    .bind(micros(at))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Read, team: TeamId) -> Result<Option<Sealed>, StoreError> {
    let row = sqlx::query("SELECT key_id, nonce, sealed FROM team_token WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_optional(conn.sqlite())
        .await?;
    row.map(|row| {
        Ok(Sealed { key_id: row.try_get("key_id")?, nonce: row.try_get("nonce")?, bytes: row.try_get("sealed")? })
    })
    .transpose()
}

/// The id of the master key of this database. Stores `key_id` if there is none yet.
pub async fn master_key(tx: &mut Write, key_id: &str) -> Result<String, StoreError> {
    sqlx::query("INSERT INTO master_key (only_row, key_id) VALUES (1, ?) ON CONFLICT DO NOTHING")
        .bind(key_id)
        .execute(tx.sqlite())
        .await?;
    Ok(sqlx::query_scalar("SELECT key_id FROM master_key").fetch_one(tx.sqlite()).await?)
}
