//! The append-only tables `signing_key` and `checkpoint`, and the table `checkpoint_destination`.

use crate::{
    Read, StoreError, Write,
    sql::{self, Row},
    values::{instant, micros},
};
use time::OffsetDateTime;

/// A stored checkpoint whose note was not parsed.
#[derive(Clone, Debug)]
pub struct StoredCheckpoint {
    /// Its number, counted from 1.
    pub number: i64,
    pub size: i64,
    pub note: String,
    pub at: OffsetDateTime,
    /// How many entries the log had when it was signed.
    pub head: i64,
}

/// What a destination has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// The size of the largest checkpoint that it has taken; 0 if it has taken none.
    pub size: i64,
    /// That checkpoint's root in base64.
    pub root: String,
    pub last_at: Option<OffsetDateTime>,
    pub failing_since: Option<OffsetDateTime>,
    pub failure: Option<String>,
}

/// The checkpoint of the largest size.
pub async fn newest(conn: &mut Read) -> Result<Option<StoredCheckpoint>, StoreError> {
    sql::query("SELECT number, size, note, at, head FROM checkpoint ORDER BY size DESC, number DESC LIMIT 1")
        .fetch_optional(conn.database())
        .await?
        .map(|row| stored(&row))
        .transpose()
}

/// The checkpoint of the largest size that is not above `size`.
pub async fn newest_up_to(conn: &mut Read, size: i64) -> Result<Option<StoredCheckpoint>, StoreError> {
    sql::query(
        "SELECT number, size, note, at, head FROM checkpoint WHERE size <= ? ORDER BY size DESC, number DESC LIMIT 1",
    )
    .bind(size)
    .fetch_optional(conn.database())
    .await?
    .map(|row| stored(&row))
    .transpose()
}

/// Every checkpoint of a size above `from` and up to `to`, smallest first.
pub async fn of_sizes(conn: &mut Read, from: i64, to: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
    sql::query("SELECT number, size, note, at, head FROM checkpoint WHERE size > ? AND size <= ? ORDER BY size, number")
        .bind(from)
        .bind(to)
        .fetch_all(conn.database())
        .await?
        .iter()
        .map(stored)
        .collect()
}

/// The checkpoints of a size above `size`, smallest first, at most `limit`.
pub async fn larger_than(conn: &mut Read, size: i64, limit: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
    sql::query("SELECT number, size, note, at, head FROM checkpoint WHERE size > ? ORDER BY size, number LIMIT ?")
        .bind(size)
        .bind(limit)
        .fetch_all(conn.database())
        .await?
        .iter()
        .map(stored)
        .collect()
}

/// How many checkpoints there are.
pub async fn count(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM checkpoint").fetch_one(conn.database()).await?)
}

/// Whether an entry says that a key began to sign. Reads the whole log: for a log without any other sign of having been
/// signed.
pub async fn is_key_named(conn: &mut Read) -> Result<bool, StoreError> {
    Ok(sql::query_scalar(sql::each(
        "SELECT EXISTS (SELECT 1 FROM entry_body WHERE CAST(body AS TEXT) ->> 'action' = 'audit.key.set')",
        "SELECT EXISTS (SELECT 1 FROM entry_body
                         WHERE convert_from(body, 'UTF8')::json ->> 'action' = 'audit.key.set')",
    ))
    .fetch_one(conn.database())
    .await?)
}

/// Whether an entry says that this key began to sign. Reads the whole log, after an alarm.
pub async fn is_named(conn: &mut Read, verifier_key: &str) -> Result<bool, StoreError> {
    Ok(sql::query_scalar(sql::each(
        "SELECT EXISTS (SELECT 1 FROM entry_body
                         WHERE CAST(body AS TEXT) ->> 'action' = 'audit.key.set'
                           AND CAST(body AS TEXT) ->> '$.parameters.verifier_key' = ?)",
        "SELECT EXISTS (SELECT 1 FROM entry_body
                         WHERE convert_from(body, 'UTF8')::json ->> 'action' = 'audit.key.set'
                           AND convert_from(body, 'UTF8')::json #>> '{parameters,verifier_key}' = ?)",
    ))
    .bind(verifier_key)
    .fetch_one(conn.database())
    .await?)
}

/// The bytes of the entries that acknowledge alarms, oldest first.
pub async fn acknowledgements(conn: &mut Read) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT body FROM operation JOIN entry_body ON entry_body.sequence = operation.sequence
          WHERE operation.action = 'audit.alarm.acknowledge' ORDER BY operation.sequence",
    )
    .fetch_all(conn.database())
    .await?)
}

/// The number of the last checkpoint.
pub async fn last_number(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT coalesce(max(number), 0) FROM checkpoint").fetch_one(conn.database()).await?)
}

pub async fn insert(tx: &mut Write, size: i64, note: &str, at: OffsetDateTime) -> Result<(), StoreError> {
    sql::query(sql::each(
        "INSERT INTO checkpoint (size, note, at, head) VALUES (?, ?, ?, (SELECT max(sequence) FROM entry))",
        "INSERT INTO checkpoint (number, size, note, at, head)
         SELECT coalesce(max(number), 0) + 1, ?, ?, ?, (SELECT max(sequence) FROM entry) FROM checkpoint",
    ))
    .bind(size)
    .bind(note)
    .bind(micros(at))
    .execute(tx.database())
    .await?;
    Ok(())
}

/// The keys that have signed, newest last.
pub async fn keys(conn: &mut Read) -> Result<Vec<String>, StoreError> {
    Ok(sql::query_scalar("SELECT verifier_key FROM signing_key ORDER BY at").fetch_all(conn.database()).await?)
}

pub async fn insert_key(tx: &mut Write, key: &str, at: OffsetDateTime) -> Result<(), StoreError> {
    sql::query("INSERT INTO signing_key (verifier_key, at) VALUES (?, ?)")
        .bind(key)
        .bind(micros(at))
        .execute(tx.database())
        .await?;
    Ok(())
}

/// Every destination that was ever configured.
pub async fn destinations(conn: &mut Read) -> Result<Vec<String>, StoreError> {
    Ok(sql::query_scalar("SELECT name FROM checkpoint_destination ORDER BY name").fetch_all(conn.database()).await?)
}

/// What a destination has taken, if it was ever configured.
pub async fn handed(conn: &mut Read, destination: &str) -> Result<Option<Handed>, StoreError> {
    sql::query("SELECT * FROM checkpoint_destination WHERE name = ?")
        .bind(destination)
        .fetch_optional(conn.database())
        .await?
        .map(|row| {
            let instant_of = |column: &str| row.try_get::<Option<i64>, _>(column)?.map(instant).transpose();
            Ok(Handed {
                size: row.try_get("size")?,
                root: row.try_get("root")?,
                last_at: instant_of("last_at")?,
                failing_since: instant_of("failing_since")?,
                failure: row.try_get("failure")?,
            })
        })
        .transpose()
}

pub async fn set_handed(tx: &mut Write, destination: &str, handed: &Handed) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO checkpoint_destination (name, size, root, last_at, failing_since, failure)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE
            SET size = excluded.size, root = excluded.root, last_at = excluded.last_at,
                failing_since = excluded.failing_since, failure = excluded.failure",
    )
    .bind(destination)
    .bind(handed.size)
    .bind(&handed.root)
    .bind(handed.last_at.map(micros))
    .bind(handed.failing_since.map(micros))
    .bind(&handed.failure)
    .execute(tx.database())
    .await?;
    Ok(())
}

fn stored(row: &Row) -> Result<StoredCheckpoint, StoreError> {
    Ok(StoredCheckpoint {
        number: row.try_get("number")?,
        size: row.try_get("size")?,
        note: row.try_get("note")?,
        at: instant(row.try_get("at")?)?,
        head: row.try_get("head")?,
    })
}
