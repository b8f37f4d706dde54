//! The table `feed_token`. A token is known by its hash.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, instant, micros, parsed};
use crate::{FeedTokenId, audit::FeedToken};

/// All of them, the newest first.
pub(crate) async fn list(conn: &mut SqliteConnection) -> Result<Vec<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token ORDER BY created_at DESC, id DESC")
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(token)
        .collect()
}

pub(crate) async fn find(conn: &mut SqliteConnection, id: FeedTokenId) -> Result<Option<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| token(&row))
        .transpose()
}

/// The good one with this hash.
pub(crate) async fn by_hash(conn: &mut SqliteConnection, hash: &[u8]) -> Result<Option<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token WHERE hash = ? AND revoked_at IS NULL")
        .bind(hash)
        .fetch_optional(conn)
        .await?
        .map(|row| token(&row))
        .transpose()
}

pub(crate) async fn insert(tx: &mut WriteTx, token: &FeedToken, hash: &[u8]) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO feed_token (id, name, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?)")
        .bind(token.id.to_string())
        .bind(&token.name)
        .bind(hash)
        .bind(micros(token.created_at))
        .bind(&token.created_by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn revoke(tx: &mut WriteTx, id: FeedTokenId, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("UPDATE feed_token SET revoked_at = ? WHERE id = ?")
        .bind(micros(now))
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes that it was used, and up to where the log was handed out.
pub(crate) async fn touch(
    tx: &mut WriteTx,
    id: FeedTokenId,
    now: OffsetDateTime,
    sequence: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE feed_token SET last_used_at = ?, last_sequence = ? WHERE id = ?")
        .bind(micros(now))
        .bind(sequence)
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn token(row: &SqliteRow) -> Result<FeedToken, StoreError> {
    let id: String = row.try_get("id")?;
    let at = |column: &str| -> Result<Option<OffsetDateTime>, StoreError> {
        row.try_get::<Option<i64>, _>(column)?.map(instant).transpose()
    };
    Ok(FeedToken {
        id: parsed("feed token", &id)?,
        name: row.try_get("name")?,
        created_at: instant(row.try_get("created_at")?)?,
        created_by: row.try_get("created_by")?,
        last_used_at: at("last_used_at")?,
        last_sequence: row.try_get("last_sequence")?,
        revoked_at: at("revoked_at")?,
    })
}
