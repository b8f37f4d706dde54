//! Opening SQLite's database in the data folder: one writer, a few readers.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, Sqlite, SqlitePool,
    migrate::Migrator,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;

use crate::{error::StoreError, private_file};

/// The file in the data folder.
pub const DATABASE: &str = "portal.db";
/// The first SQLite without the WAL-reset bug, which can corrupt a database (https://sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// How long a writer waits for another process's lock.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// How many rows SQLite's thread may read ahead of the caller. With few, the two threads wait for each other at every
/// row.
pub const ROWS_AHEAD: usize = 2_000;
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// An open database.
pub(crate) struct Opened {
    /// `None` if it was opened for reading only.
    pub writer: Option<SqlitePool>,
    pub readers: SqlitePool,
    /// How the readers were opened.
    pub reading: SqliteConnectOptions,
    /// Holds the copy that is read where the original cannot be opened without writing beside it.
    pub copy: Option<TempDir>,
}

/// Opens the database in `folder`, creates it if it does not exist, and migrates it.
pub(crate) async fn open(folder: &Path) -> Result<Opened, StoreError> {
    let path = folder.join(DATABASE);
    private_file::prepare_database(&path)
        .map_err(|cause| StoreError::File { path: path.display().to_string(), cause })?;
    let options = options(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted, such as a withdrawn token or a replaced key, is overwritten.
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY);
    let writer = one_writer().connect_with(options.clone()).await?;
    check_version(&writer).await?;
    MIGRATIONS.run(&writer).await.map_err(StoreError::Migration)?;
    let reading = options.row_buffer_size(ROWS_AHEAD).pragma("query_only", "ON");
    let readers = readers().connect_with(reading.clone()).await?;
    Ok(Opened { writer: Some(writer), readers, reading, copy: None })
}

/// Opens the database in `folder` for reading. Changes and creates nothing in `folder`.
pub(crate) async fn open_read_only(folder: &Path) -> Result<Opened, StoreError> {
    let path = folder.join(DATABASE);
    if !path.is_file() {
        return Err(StoreError::Missing { path: path.display().to_string() });
    }
    let (source, copy) = readable(&path)?;
    let reading = source.row_buffer_size(ROWS_AHEAD);
    let readers = readers().connect_with(reading.clone()).await?;
    check_version(&readers).await?;
    check_schema(&readers, &path).await?;
    Ok(Opened { writer: None, readers, reading, copy })
}

/// What both databases of the data folder have in common. No mmap: an I/O error would end the process.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).pragma("mmap_size", "0").pragma("trusted_schema", "OFF")
}

/// One connection that lives as long as the process. Writers queue for it in order, not in SQLite.
pub(crate) fn one_writer() -> PoolOptions<Sqlite> {
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY * 2)
        // sqlx pings the connection when it is returned to the pool. A second ping would cost every entry a turn.
        .test_before_acquire(false)
        // After an error such as a full disk, SQLite ends the transaction by itself. sqlx, whose ROLLBACK then fails,
        // believes that it is still open, and could never write on this connection again.
        .before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
}

/// As with the writer, sqlx pings a connection when it is returned to the pool.
pub(crate) fn readers() -> PoolOptions<Sqlite> {
    SqlitePoolOptions::new().max_connections(READERS).idle_timeout(None).max_lifetime(None).test_before_acquire(false)
}

/// How to open a database without writing beside it.
///
/// A database in WAL mode is read through its `-shm` file, which SQLite creates if it is missing, even for a reader. So
/// a database without a log is opened as immutable, one that a portal is serving through the files that are there, and
/// a copy with a log but without its `-shm` file is copied once more, to a temporary folder.
pub(crate) fn readable(path: &Path) -> Result<(SqliteConnectOptions, Option<TempDir>), StoreError> {
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let (wal, shm) = (beside("-wal"), beside("-shm"));
    let has_log = fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0);
    if !has_log {
        return Ok((options(path).read_only(true).immutable(true), None));
    }
    if shm.is_file() {
        return Ok((options(path).read_only(true).busy_timeout(BUSY), None));
    }
    let failed = |cause| StoreError::File { path: path.display().to_string(), cause };
    let folder = tempfile::Builder::new().prefix("partner-portal-").tempdir().map_err(failed)?;
    let copy = folder.path().join(DATABASE);
    fs::copy(path, &copy).map_err(failed)?;
    fs::copy(&wal, format!("{}-wal", copy.display())).map_err(failed)?;
    Ok((options(&copy), Some(folder)))
}

async fn check_version(pool: &SqlitePool) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    if is_new_enough(&found) { Ok(()) } else { Err(StoreError::TooOld { found }) }
}

async fn check_schema(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let applied: Result<Option<i64>, _> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success = TRUE").fetch_one(pool).await;
    let found = match applied {
        Ok(Some(version)) if version == known => return Ok(()),
        Ok(Some(version)) => format!("schema {version}"),
        Ok(None) => "no schema".to_owned(),
        Err(sqlx::Error::Database(error)) if error.message().contains("no such table") => "no schema".to_owned(),
        Err(error) => return Err(error.into()),
    };
    Err(StoreError::Schema { path: path.display().to_string(), found, known })
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SQLITE
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
