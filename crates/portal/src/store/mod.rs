//! Where everything is kept. All SQL of the portal stands in this folder, one file a resource;
//! nothing outside it knows that the database is SQLite.

pub(crate) mod appending;
pub(crate) mod checkpoints;
pub(crate) mod entries;
pub(crate) mod feed_tokens;
pub(crate) mod figures;
pub(crate) mod invitations;
pub(crate) mod log_reads;
pub(crate) mod members;
pub(crate) mod operations;
pub(crate) mod people;
pub(crate) mod retention;
pub(crate) mod reviews;
pub(crate) mod saved_searches;
pub(crate) mod search;
pub(crate) mod search_index;
pub(crate) mod seen;
pub(crate) mod sessions;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod tree;

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use time::OffsetDateTime;

/// The first SQLite that cannot corrupt a WAL database under a checkpoint.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// How long a writer waits for another process's lock before it gives up.
const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// How many rows a reader's thread may be ahead of whoever asked: with few the two wait for each other at every row.
pub(crate) const ROWS_AHEAD: usize = 2_000;

/// A transaction that holds the write lock from its first statement on.
pub(crate) type WriteTx = Transaction<'static, Sqlite>;

/// What the database answered instead of doing what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database itself.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The database takes no writing: full, locked, read-only, or a trigger that refuses. Nothing was changed.
    #[error("the database cannot be written: {0}")]
    Unwritable(#[source] sqlx::Error),
    /// A migration could not be applied.
    #[error("the database's migrations: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The library is one that can lose data.
    #[error("SQLite {found} is too old: 3.51.3 is the oldest that keeps a WAL database whole")]
    TooOld {
        /// The version found.
        found: String,
    },
    /// A row holds what the portal did not write.
    #[error("the database holds a {what} that cannot be read: {why}")]
    Damaged {
        /// What kind of value.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// A value that cannot be read, or a session that cannot be kept.
    pub fn other(what: &'static str, why: impl ToString) -> Self {
        Self::damaged(what, why)
    }

    /// The same error, met while writing.
    pub(crate) fn while_writing(self) -> Self {
        match self {
            Self::Database(error) => Self::Unwritable(error),
            other => other,
        }
    }

    pub(crate) fn damaged(what: &'static str, why: impl ToString) -> Self {
        Self::Damaged { what, why: why.to_string() }
    }
}

/// The database: one writer, a few readers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database in `folder`, creates it if there is none, and brings it up to date.
    ///
    /// # Errors
    /// When it cannot be opened, is newer than this portal, or the SQLite library is too old.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("portal.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("mmap_size", "0")
            .pragma("trusted_schema", "OFF");
        // One writer for as long as the process lives: writers queue here, in order, and not in SQLite.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(BUSY * 2)
            // It was asked whether it still answers when it came back; asking once more would cost every entry a turn.
            .test_before_acquire(false)
            // After an error such as a full disk SQLite ends the transaction by itself, and sqlx, whose ROLLBACK then
            // fails, takes it for open for ever: such a connection could never write again.
            .before_acquire(|connection, _| {
                let is_free = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_free) })
            })
            .connect_with(options.clone())
            .await?;
        let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
        if !is_new_enough(&found) {
            return Err(StoreError::TooOld { found });
        }
        sqlx::migrate!("../../migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.row_buffer_size(ROWS_AHEAD).pragma("query_only", "ON"))
            .await?;
        let store = Self { writer, readers };
        let mut tx = store.write().await?;
        tree::plant(&mut tx).await?;
        tx.commit().await?;
        Ok(store)
    }

    /// Begins a transaction that holds the write lock at once, so that what it reads stays true until it commits.
    pub(crate) async fn write(&self) -> Result<WriteTx, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::Unwritable)
    }

    /// A connection that cannot write.
    pub(crate) async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.readers.acquire().await?)
    }

    /// Writes what was committed back into the database itself, and empties the log beside it.
    pub(crate) async fn write_back(&self) -> Result<(), StoreError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let _one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *self.read().await?).await?;
        Ok(())
    }

    /// Closes every connection, after what they are doing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SQLITE
}

/// An instant as the database keeps it: microseconds since 1970.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The instant that the database kept.
pub(crate) fn instant(micros: i64) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .map_err(|error| StoreError::damaged("instant", error))
}

/// Parses a word or an id that the portal itself wrote.
pub(crate) fn parsed<T>(what: &'static str, text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::damaged(what, error))
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn a_sqlite_that_can_lose_data_is_refused() {
        assert!(!is_new_enough("3.45.1"));
        assert!(!is_new_enough("3.51.2"));
        assert!(is_new_enough("3.51.3"));
        assert!(is_new_enough("3.53.0"));
        assert!(is_new_enough("4.0"));
    }
}
