//! The tables `entry` and `entry_body`: appended to, never changed.
//! The hashes that make a tree of them are `tree`'s.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{StoreError, WriteTx};
use crate::{
    OperationId,
    audit::{Entry, Hash},
};

/// One entry as it lies in the database, unread and unchecked.
pub(crate) struct StoredEntry {
    pub sequence: i64,
    pub leaf: Vec<u8>,
    /// The hashes of the subtrees that it completes.
    pub subtrees: Vec<u8>,
    /// None where the body is missing.
    pub body: Option<StoredBody>,
}

/// The hashed bytes and what was derived from them.
pub(crate) struct StoredBody {
    pub bytes: Vec<u8>,
    pub operation_id: String,
    pub stage: String,
    pub search: String,
}

macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT entry.sequence, leaf_hash, subtrees, body, operation_id, stage, search
               FROM ",
            $from,
        )
    };
}

pub(crate) async fn insert(
    tx: &mut WriteTx,
    entry: &Entry,
    bytes: &[u8],
    leaf: Hash,
    subtrees: &[u8],
    search: &str,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO entry (sequence, leaf_hash, subtrees) VALUES (?, ?, ?)")
        .bind(entry.sequence)
        .bind(leaf.as_slice())
        .bind(subtrees)
        .execute(&mut **tx)
        .await?;
    sqlx::query("INSERT INTO entry_body (sequence, body, operation_id, stage, search) VALUES (?, ?, ?, ?, ?)")
        .bind(entry.sequence)
        .bind(bytes)
        .bind(entry.operation_id.to_string())
        .bind(entry.stage.as_str())
        .bind(search)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Every entry of an operation, oldest first.
pub(crate) async fn of_operation(
    conn: &mut SqliteConnection,
    operation: OperationId,
) -> Result<Vec<StoredEntry>, StoreError> {
    sqlx::query(select!(
        "entry_body JOIN entry USING (sequence)
          WHERE operation_id = ?
          ORDER BY entry_body.sequence"
    ))
    .bind(operation.to_string())
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// The next entries in the order of the log, `limit` at most.
pub(crate) async fn after(
    conn: &mut SqliteConnection,
    sequence: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, StoreError> {
    sqlx::query(select!(
        "entry LEFT JOIN entry_body USING (sequence)
          WHERE entry.sequence > ?
          ORDER BY entry.sequence LIMIT ?"
    ))
    .bind(sequence)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// Bodies that belong to no entry: there can be none, unless somebody wrote them by hand.
pub(crate) async fn first_stray_body(conn: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT sequence FROM entry_body WHERE sequence NOT IN (SELECT sequence FROM entry) ORDER BY sequence LIMIT 1",
    )
    .fetch_optional(&mut *conn)
    .await?)
}

fn stored(row: &SqliteRow) -> Result<StoredEntry, StoreError> {
    let body = match row.try_get::<Option<Vec<u8>>, _>(3)? {
        None => None,
        Some(bytes) => {
            Some(StoredBody { bytes, operation_id: row.try_get(4)?, stage: row.try_get(5)?, search: row.try_get(6)? })
        }
    };
    Ok(StoredEntry {
        sequence: row.try_get(0)?,
        leaf: row.try_get(1)?,
        subtrees: row.try_get::<Option<_>, _>(2)?.unwrap_or_default(),
        body,
    })
}

/// An entry from its bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<Entry, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::damaged("audit entry", error))
}
