//! The tables `entry` and `entry_body`: appended to, never changed.

use futures::{Stream, TryStreamExt};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{StoreError, WriteTx};
use crate::{
    OperationId,
    audit::{Entry, Hash},
};

/// The last entry's place and chain hash.
pub(crate) struct Head {
    pub sequence: i64,
    pub chain: Hash,
}

/// One entry as it lies in the database, unread and unchecked.
pub(crate) struct StoredEntry {
    pub sequence: i64,
    pub leaf: Vec<u8>,
    pub chain: Vec<u8>,
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

/// The head inside a write transaction: never cached, since the command line writes beside the server.
pub(crate) async fn head(tx: &mut WriteTx) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query("SELECT sequence, chain_hash FROM entry ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| {
        let chain: Vec<u8> = row.try_get("chain_hash")?;
        Ok(Head { sequence: row.try_get("sequence")?, chain: hash("chain hash", &chain)? })
    })
    .transpose()
}

pub(crate) async fn insert(
    tx: &mut WriteTx,
    entry: &Entry,
    bytes: &[u8],
    leaf: Hash,
    chain: Hash,
    search: &str,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO entry (sequence, leaf_hash, chain_hash) VALUES (?, ?, ?)")
        .bind(entry.sequence)
        .bind(leaf.as_slice())
        .bind(chain.as_slice())
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

/// The bytes and the leaf hash of every entry of an operation, oldest first.
pub(crate) async fn of_operation(
    conn: &mut SqliteConnection,
    operation: OperationId,
) -> Result<Vec<StoredEntry>, StoreError> {
    sqlx::query(
        "SELECT entry.sequence, leaf_hash, chain_hash, body, operation_id, stage, search
           FROM entry_body JOIN entry USING (sequence)
          WHERE operation_id = ?
          ORDER BY entry_body.sequence",
    )
    .bind(operation.to_string())
    .fetch_all(&mut *conn)
    .await?
    .into_iter()
    .map(stored)
    .collect()
}

/// Every entry in the order of the log, bodies beside them where there are any. Bodies without an entry come too.
pub(crate) fn all(conn: &mut SqliteConnection) -> impl Stream<Item = Result<StoredEntry, StoreError>> + '_ {
    sqlx::query(
        "SELECT entry.sequence, leaf_hash, chain_hash, body, operation_id, stage, search
           FROM entry LEFT JOIN entry_body USING (sequence)
          ORDER BY entry.sequence",
    )
    .fetch(&mut *conn)
    .map_err(StoreError::from)
    .and_then(async |row| stored(row))
}

/// Bodies that belong to no entry: there can be none, unless somebody wrote them by hand.
pub(crate) async fn first_stray_body(conn: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT sequence FROM entry_body WHERE sequence NOT IN (SELECT sequence FROM entry) ORDER BY sequence LIMIT 1",
    )
    .fetch_optional(&mut *conn)
    .await?)
}

fn stored(row: SqliteRow) -> Result<StoredEntry, StoreError> {
    let bytes: Option<Vec<u8>> = row.try_get("body")?;
    let body = match bytes {
        None => None,
        Some(bytes) => Some(StoredBody {
            bytes,
            operation_id: row.try_get("operation_id")?,
            stage: row.try_get("stage")?,
            search: row.try_get("search")?,
        }),
    };
    Ok(StoredEntry {
        sequence: row.try_get("sequence")?,
        leaf: row.try_get("leaf_hash")?,
        chain: row.try_get("chain_hash")?,
        body,
    })
}

/// An entry from its bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<Entry, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::damaged("audit entry", error))
}

fn hash(what: &'static str, bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::damaged(what, "not 32 bytes"))
}
