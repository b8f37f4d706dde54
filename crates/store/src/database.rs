//! The database in the data folder: one writer, a few readers. Nothing outside this crate knows that it is SQLite.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Connection, Sqlite, SqlitePool,
    migrate::Migrator,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{
    EntryKey,
    clock::Clock,
    connection::{Read, Write},
    error::StoreError,
    key_ring::KeyRing,
    private_file,
    together::Together,
    version::{Version, Versions},
};

/// The file in the data folder.
pub const DATABASE: &str = "portal.db";
/// The first SQLite without the WAL-reset bug, which can corrupt a database (https://sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// How long a writer waits for another process's lock.
const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// How many rows SQLite's thread may read ahead of the caller. With few, the two threads wait for each other at every
/// row.
pub const ROWS_AHEAD: usize = 2_000;
/// Marks the file as a database of the portal ("WkPP"). SQLite writes the page that holds the mark even if the mark is
/// there already (3.40 and 3.51: one more frame of 4,120 bytes in the WAL each time); an UPDATE to the same value
/// writes nothing.
const SET_APPLICATION_ID: &str = "PRAGMA application_id = 1466650704";
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// None if the database was opened for reading only.
    writer: Option<SqlitePool>,
    together: Together,
    readers: SqlitePool,
    pub(crate) versions: Versions,
    /// Whether the log contradicts a signature. Shared by every clone.
    history_in_doubt: Arc<AtomicBool>,
    /// Holds the copy that is read where the original cannot be opened without writing beside it.
    _copy: Option<Arc<TempDir>>,
    /// Without a key, rows that grant something cannot be written, and are read unchecked.
    keys: Option<Arc<KeyRing>>,
    /// Without a key, entries have no HMAC, and the portal signs none of them.
    entry_key: Option<EntryKey>,
    /// Where the instants of what is written come from.
    clock: Clock,
}

impl Store {
    /// Opens the database in `folder`. Creates it if there is none, and migrates it.
    ///
    /// # Errors
    /// If it cannot be opened or migrated, is newer than this version of the portal, or the SQLite library is too old.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
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
        Ok(Self {
            writer: Some(writer),
            together: Together::default(),
            readers,
            versions: Versions::new(reading),
            history_in_doubt: Arc::default(),
            _copy: None,
            keys: None,
            entry_key: None,
            clock: Clock::system(),
        })
    }

    /// Opens the database in `folder` for reading. Changes and creates nothing in `folder`, which may be read-only, a
    /// copy, or the folder of a portal that is serving.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without a database, [`StoreError::Schema`] if its schema is older or newer than this
    /// version's.
    pub async fn open_read_only(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(DATABASE);
        if !path.is_file() {
            return Err(StoreError::Missing { path: path.display().to_string() });
        }
        let (source, copy) = readable(&path)?;
        let source = source.row_buffer_size(ROWS_AHEAD);
        let versions = Versions::new(source.clone());
        let readers = readers().connect_with(source).await?;
        check_version(&readers).await?;
        check_schema(&readers, &path).await?;
        let _copy = copy.map(Arc::new);
        let (history_in_doubt, clock) = (Arc::default(), Clock::system());
        Ok(Self {
            writer: None,
            together: Together::default(),
            readers,
            versions,
            history_in_doubt,
            _copy,
            keys: None,
            entry_key: None,
            clock,
        })
    }

    /// The same database, with another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// What the database's clock says.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// The same database, with every row that grants something checked when it is read.
    #[must_use]
    pub fn with_keys(self, keys: Arc<KeyRing>) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// The same database, with an HMAC for every entry that is appended.
    #[must_use]
    pub fn with_entry_key(self, key: EntryKey) -> Self {
        Self { entry_key: Some(key), ..self }
    }

    /// Begins a transaction that holds the write lock at once.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if the lock cannot be had in time, or the database was opened for reading only.
    pub async fn write(&self) -> Result<Write, StoreError> {
        let writer = self.writer.as_ref().ok_or(StoreError::Unwritable(sqlx::Error::PoolClosed))?;
        let transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::Unwritable)?;
        self.writing(Read::snapshot(transaction, self.clock.clone())).await
    }

    /// The same for what many people do at once: transactions that wait for their turn together are committed together.
    /// Each of them ends with [`Write::commit`] or [`Write::leave`] before anybody is told what it found. It must not wait
    /// for anything but the database: those before it in its group wait for it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_together(&self) -> Result<Write, StoreError> {
        let writer = self.writer.as_ref().ok_or(StoreError::Unwritable(sqlx::Error::PoolClosed))?;
        let turn = self.together.turn(writer, BUSY * 2).await.map_err(StoreError::Unwritable)?;
        self.writing(Read::together(turn, self.clock.clone())).await
    }

    async fn writing(&self, read: Read) -> Result<Write, StoreError> {
        let mut tx = Write::new(read, self.entry_key.clone(), self.is_history_in_doubt());
        if let Some(keys) = &self.keys {
            let key = keys.for_writing(&mut tx).await?;
            tx.check_rows_with(key.for_writing());
        }
        Ok(tx)
    }

    /// Whether the log contradicts a signature, as far as [`Store::put_history_in_doubt`] was told.
    #[must_use]
    pub fn is_history_in_doubt(&self) -> bool {
        self.history_in_doubt.load(Ordering::Acquire)
    }

    /// From now on, [`crate::append`] takes only entries that must be written even if the log contradicts a signature;
    /// or, if `in_doubt` is false, every entry again.
    pub fn put_history_in_doubt(&self, in_doubt: bool) {
        self.history_in_doubt.store(in_doubt, Ordering::Release);
    }

    /// The version of the database that is committed now. As long as it stays the same, so does what was read after it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn version(&self) -> Result<Version, StoreError> {
        self.versions.now().await
    }

    /// A connection that cannot write.
    ///
    /// # Errors
    /// If none is free in time.
    pub async fn read(&self) -> Result<Read, StoreError> {
        self.checking(Read::pooled(self.readers.acquire().await?, self.clock.clone())).await
    }

    /// One view of the database, whatever is written meanwhile.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn snapshot(&self) -> Result<Read, StoreError> {
        self.checking(Read::snapshot(self.readers.begin().await?, self.clock.clone())).await
    }

    async fn checking(&self, mut conn: Read) -> Result<Read, StoreError> {
        if let Some(keys) = &self.keys {
            let key = keys.for_reading(&mut conn).await?;
            conn.check_rows_with(key);
        }
        Ok(conn)
    }

    /// Writes committed changes from the write-ahead log into the database file and empties the log, so that
    /// overwritten content does not stay on disk.
    ///
    /// # Errors
    /// If a reader holds the log for too long.
    pub async fn write_back(&self) -> Result<(), StoreError> {
        if let Some(writer) = &self.writer {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?;
        }
        Ok(())
    }

    /// Writes a consistent copy of the whole database into an empty file. Others may write meanwhile.
    ///
    /// # Errors
    /// If the file is not empty or cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let writer = self.writer.as_ref().ok_or(StoreError::Unwritable(sqlx::Error::PoolClosed))?;
        let name = file.to_str().ok_or_else(|| StoreError::damaged("file name", "it is not UTF-8"))?;
        sqlx::query("VACUUM INTO ?").bind(name).execute(writer).await?;
        Ok(())
    }

    /// Checks that the database can be read.
    ///
    /// # Errors
    /// If it cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let _one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(self.read().await?.sqlite()).await?;
        Ok(())
    }

    /// Checks that the database can be written: commits a transaction, waits for the disk, and changes nothing that the
    /// portal reads. A rollback would prove nothing, since SQLite writes to the disk when it commits.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if the disk is full, the file is read-only, or another process holds the lock.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(SET_APPLICATION_ID).execute(tx.sqlite()).await.map_err(StoreError::Unwritable)?;
        tx.commit().await
    }

    /// How many groups of transactions have begun.
    #[cfg(test)]
    pub(crate) async fn groups(&self) -> u64 {
        self.together.groups().await
    }

    /// Closes every connection after its current work.
    pub async fn close(&self) {
        self.versions.close().await;
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
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
    use std::fs;

    use super::{Store, is_new_enough};

    #[tokio::test]
    async fn the_check_that_the_database_can_be_written_writes_to_the_disk_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let wal = || fs::metadata(folder.path().join("portal.db-wal")).unwrap().len();
        store.write_back().await.unwrap();
        for _ in 0..3 {
            let before = wal();
            store.check_writable().await.unwrap();
            assert!(wal() > before, "{before}");
        }
    }

    #[test]
    fn a_sqlite_that_can_lose_data_is_refused() {
        assert!(!is_new_enough("3.45.1"));
        assert!(!is_new_enough("3.51.2"));
        assert!(is_new_enough("3.51.3"));
        assert!(is_new_enough("3.53.0"));
        assert!(is_new_enough("4.0"));
    }
}
