//! The table `feed_token`. A token is stored as its keyed hash.

use time::OffsetDateTime;

use crate::{
    Entry, FeedTokenId, Read, StoreError, Target, TargetType, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::FEED_TOKEN,
    },
    sql::{self, Row},
    values::micros,
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

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT feed_token.*, 'log' AS \"table\",
                    (SELECT sequence FROM operation
                      WHERE team_id IS NULL AND target_type = 'feed' AND target_id = feed_token.id
                        AND outcome = 'succeeded'
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM feed_token ",
            $rest
        )
    };
}

/// All tokens, newest first.
pub async fn list(conn: &mut Read) -> Result<Vec<FeedToken>, StoreError> {
    let rows = sql::query(select!("ORDER BY created_at DESC, id DESC")).fetch_all(conn.database()).await?;
    let mut tokens = Vec::new();
    for row in &rows {
        tokens.extend(token(conn, row)?);
    }
    Ok(tokens)
}

pub async fn find(conn: &mut Read, id: FeedTokenId) -> Result<Option<FeedToken>, StoreError> {
    let row = sql::query(select!("WHERE id = ?")).bind(id.to_string()).fetch_optional(conn.database()).await?;
    row.map_or(Ok(None), |row| token(conn, &row))
}

/// The token with this hash, unless it is revoked.
pub async fn by_hash(conn: &mut Read, hash: &[u8]) -> Result<Option<FeedToken>, StoreError> {
    let row =
        sql::query(select!("WHERE hash = ? AND revoked_at IS NULL")).bind(hash).fetch_optional(conn.database()).await?;
    row.map_or(Ok(None), |row| token(conn, &row))
}

pub async fn insert(tx: &mut Write, token: &FeedToken, hash: &[u8], told: &Entry) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO feed_token (id, name, hash, created_at, created_by, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(token.id.to_string())
    .bind(&token.name)
    .bind(hash)
    .bind(micros(told.at))
    .bind(&token.created_by)
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    FEED_TOKEN.seal(tx, &key(token.id)).await
}

pub async fn revoke(tx: &mut Write, id: FeedTokenId, told: &Entry) -> Result<(), StoreError> {
    FEED_TOKEN.guard(tx, &key(id)).await?;
    sql::query("UPDATE feed_token SET revoked_at = ?, recorded_in = ? WHERE id = ?")
        .bind(micros(told.at))
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    FEED_TOKEN.seal(tx, &key(id)).await
}

/// Notes its last use, and the last sequence that was read with it.
pub async fn touch(tx: &mut Write, id: FeedTokenId, now: OffsetDateTime, sequence: i64) -> Result<(), StoreError> {
    sql::query("UPDATE feed_token SET last_used_at = ?, last_sequence = ? WHERE id = ?")
        .bind(micros(now))
        .bind(sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    Ok(())
}

/// A token, if the portal wrote its row and no later entry has changed it.
fn token(conn: &Read, row: &Row) -> Result<Option<FeedToken>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let key = conn.row_key();
    let Some(row) = FEED_TOKEN.check(key.as_ref(), row) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(row) = FEED_TOKEN.check_newest(key.as_ref(), row, newest)? else { return Ok(None) };
    Ok(Some(FeedToken {
        id: row.parsed("id")?,
        name: row.text("name")?.to_owned(),
        created_at: row.instant("created_at")?,
        created_by: row.text("created_by")?.to_owned(),
        last_used_at: row.opt_instant("last_used_at")?,
        last_sequence: row.opt_number("last_sequence")?,
        revoked_at: row.opt_instant("revoked_at")?,
    }))
}

fn key(id: FeedTokenId) -> [Cell; 1] {
    [id.to_string().into()]
}
