//! The table `feed_token`. A token is stored as its hash.

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    FeedTokenId, Read, StoreError, Target, TargetType, Write,
    values::{instant, micros, parsed},
};

/// A token of the feed, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedToken {
    /// Its id.
    pub id: FeedTokenId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// Who created it.
    pub created_by: String,
    /// When it was last used, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// The last sequence that was read with it.
    pub last_sequence: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
}

impl FeedToken {
    /// The token as the log names it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::Feed, self.id, Some(&self.name))
    }
}

/// All tokens, newest first.
pub async fn list(conn: &mut Read) -> Result<Vec<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token ORDER BY created_at DESC, id DESC")
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(token)
        .collect()
}

pub async fn find(conn: &mut Read, id: FeedTokenId) -> Result<Option<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| token(&row))
        .transpose()
}

/// The token with this hash, unless it is revoked.
pub async fn by_hash(conn: &mut Read, hash: &[u8]) -> Result<Option<FeedToken>, StoreError> {
    sqlx::query("SELECT * FROM feed_token WHERE hash = ? AND revoked_at IS NULL")
        .bind(hash)
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| token(&row))
        .transpose()
}

pub async fn insert(tx: &mut Write, token: &FeedToken, hash: &[u8]) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO feed_token (id, name, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?)")
        .bind(token.id.to_string())
        .bind(&token.name)
        .bind(hash)
        .bind(micros(token.created_at))
        .bind(&token.created_by)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn revoke(tx: &mut Write, id: FeedTokenId, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("UPDATE feed_token SET revoked_at = ? WHERE id = ?")
        .bind(micros(now))
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Notes its last use, and the last sequence that was read with it.
pub async fn touch(tx: &mut Write, id: FeedTokenId, now: OffsetDateTime, sequence: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE feed_token SET last_used_at = ?, last_sequence = ? WHERE id = ?")
        .bind(micros(now))
        .bind(sequence)
        .bind(id.to_string())
        .execute(tx.sqlite())
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
