//! Reading the tables `entry` and `entry_body`. `append` writes them, `retention` removes bodies, nothing changes them.

use futures::{Stream, StreamExt, TryStreamExt};
use time::OffsetDateTime;

use crate::{
    Entry, EntryKey, OperationId, Read, StoreError,
    sql::{self, Row},
    values::{instant, json_list},
};

/// The first entry above one place and up to another that nobody with the key appended.
pub async fn first_forged(conn: &mut Read, above: i64, up_to: i64, key: &EntryKey) -> Result<Option<i64>, StoreError> {
    let all = "SELECT sequence, leaf_hash, mac FROM entry WHERE sequence > ? AND sequence <= ? ORDER BY sequence";
    let mut rows = sql::query(all).bind(above).bind(up_to).fetch(conn.database());
    while let Some(row) = rows.try_next().await? {
        let (sequence, leaf): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let mac: Option<Vec<u8>> = row.try_get(2)?;
        if !mac.is_some_and(|mac| key.is_genuine(sequence, &leaf, &mac)) {
            return Ok(Some(sequence));
        }
    }
    Ok(None)
}

/// A stored entry that was neither parsed nor verified.
pub struct StoredEntry {
    pub sequence: i64,
    pub leaf: Vec<u8>,
    /// The hashes of the subtrees that it completes, one after the other.
    pub subtrees: Vec<u8>,
    /// `None` if the body is missing.
    pub body: Option<StoredBody>,
    /// The removal of the body by retention.
    pub removed: Option<RemovedBody>,
}

/// The hashed bytes, and the columns derived from them.
pub struct StoredBody {
    pub bytes: Vec<u8>,
    pub operation_id: String,
    pub stage: String,
}

/// The removal of a body.
#[derive(Clone, Debug)]
pub struct RemovedBody {
    pub operation_id: String,
    /// The sequence of the entry that records the removal.
    pub run: i64,
    /// For how many days bodies were kept.
    pub days: i64,
    pub at: OffsetDateTime,
}

macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT entry.sequence, leaf_hash, subtrees, body, entry_body.operation_id, stage,
                    removed_body.operation_id, run, days, at
               FROM ",
            $from,
        )
    };
}

/// Every entry up to `up_to` of the operations whose first entries have these sequences, by operation, oldest first.
pub async fn of_operations(conn: &mut Read, sequences: &[i64], up_to: i64) -> Result<Vec<StoredEntry>, StoreError> {
    sql::query(select!(
        "(SELECT operation.sequence AS first, entry_body.sequence AS place
            FROM operation JOIN entry_body ON entry_body.operation_id = operation.id
           WHERE operation.sequence IN (SELECT value FROM json_each(?1))
          UNION
          SELECT operation.sequence, removed_body.sequence
            FROM operation JOIN removed_body ON removed_body.operation_id = operation.id
           WHERE operation.sequence IN (SELECT value FROM json_each(?1))) AS of_them
           JOIN entry ON entry.sequence = of_them.place
           LEFT JOIN entry_body    ON entry_body.sequence    = entry.sequence
           LEFT JOIN removed_body  ON removed_body.sequence  = entry.sequence
           LEFT JOIN retention_run ON retention_run.sequence = removed_body.run
          WHERE entry.sequence <= ?2
          ORDER BY of_them.first, entry.sequence"
    ))
    .bind(json_list(sequences))
    .bind(up_to)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// The newest entries of these operations, of those that begin at these sequences.
pub async fn newest_of(conn: &mut Read, sequences: &[i64]) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar("SELECT last_sequence FROM operation WHERE sequence IN (SELECT value FROM json_each(?))")
        .bind(json_list(sequences))
        .fetch_all(conn.database())
        .await?)
}

/// Every entry of an operation, oldest first.
pub async fn of_operation(conn: &mut Read, operation: OperationId) -> Result<Vec<StoredEntry>, StoreError> {
    sql::query(select!(
        "(SELECT sequence FROM entry_body WHERE operation_id = ?1
          UNION SELECT sequence FROM removed_body WHERE operation_id = ?1) AS of_it
           JOIN entry USING (sequence)
           LEFT JOIN entry_body    ON entry_body.sequence    = entry.sequence
           LEFT JOIN removed_body  ON removed_body.sequence  = entry.sequence
           LEFT JOIN retention_run ON retention_run.sequence = removed_body.run
          ORDER BY entry.sequence"
    ))
    .bind(operation.to_string())
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// The next entries in the order of the log, at most `limit`.
pub async fn after(conn: &mut Read, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, StoreError> {
    sql::query(select!(
        "entry
           LEFT JOIN entry_body    ON entry_body.sequence    = entry.sequence
           LEFT JOIN removed_body  ON removed_body.sequence  = entry.sequence
           LEFT JOIN retention_run ON retention_run.sequence = removed_body.run
          WHERE entry.sequence > ?
          ORDER BY entry.sequence LIMIT ?"
    ))
    .bind(sequence)
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// The entries above one sequence and up to another, as a stream in the order of the log, without removals.
pub fn between(conn: &mut Read, above: i64, up_to: i64) -> impl Stream<Item = Result<StoredEntry, StoreError>> + Send {
    let rows = sql::query(
        "SELECT entry.sequence, leaf_hash, subtrees, body, operation_id, stage
           FROM entry LEFT JOIN entry_body ON entry_body.sequence = entry.sequence
          WHERE entry.sequence > ? AND entry.sequence <= ?
          ORDER BY entry.sequence",
    )
    .bind(above)
    .bind(up_to)
    .fetch(conn.database());
    rows.map(|row| stored_alone(&row?))
}

/// The first body without an entry. There is none unless somebody wrote it by hand.
pub async fn first_stray_body(conn: &mut Read) -> Result<Option<i64>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT sequence FROM entry_body WHERE sequence NOT IN (SELECT sequence FROM entry) ORDER BY sequence LIMIT 1",
    )
    .fetch_optional(conn.database())
    .await?)
}

fn stored(row: &Row) -> Result<StoredEntry, StoreError> {
    let removed = match row.try_get::<Option<i64>, _>(9)? {
        None => None,
        Some(at) => Some(RemovedBody {
            operation_id: row.try_get(6)?,
            run: row.try_get(7)?,
            days: row.try_get(8)?,
            at: instant(at)?,
        }),
    };
    Ok(StoredEntry { removed, ..stored_alone(row)? })
}

/// A stored entry without its removal.
fn stored_alone(row: &Row) -> Result<StoredEntry, StoreError> {
    let body = match row.try_get::<Option<Vec<u8>>, _>(3)? {
        None => None,
        Some(bytes) => Some(StoredBody { bytes, operation_id: row.try_get(4)?, stage: row.try_get(5)? }),
    };
    Ok(StoredEntry {
        sequence: row.try_get(0)?,
        leaf: row.try_get(1)?,
        subtrees: row.try_get::<Option<_>, _>(2)?.unwrap_or_default(),
        body,
        removed: None,
    })
}

/// Parses an entry.
pub fn read(bytes: &[u8]) -> Result<Entry, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::damaged("audit entry", error))
}
