//! The database: one writer, a few readers. It is SQLite's in the data folder, or one on a PostgreSQL server that several
//! instances share. Nothing outside this crate knows which.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{
    EntryKey,
    clock::Clock,
    connection::{Read, Write},
    error::StoreError,
    key_ring::KeyRing,
    leases::Fence,
    postgres,
    sql::{self, Pool},
    sqlite,
    together::Together,
    version::{Version, Versions},
};

/// Marks the file as a database of the portal ("WkPP"). SQLite writes the page that holds the mark even if the mark is
/// there already (3.40 and 3.51: one more frame of 4,120 bytes in the WAL each time); an UPDATE to the same value
/// writes nothing.
///
/// PostgreSQL writes the message to its log, waits for the disk, and does nothing else.
const WRITES_NOTHING: sql::Statement = sql::each(
    "PRAGMA application_id = 1466650704",
    "SELECT pg_logical_emit_message(true, 'partner-portal', 'the database can be written')",
);
/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// None if the database was opened for reading only.
    writer: Option<Pool>,
    together: Together,
    readers: Pool,
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
    /// Opens the database in `folder`, creates it if it does not exist, and migrates it.
    ///
    /// # Errors
    /// If it cannot be opened or migrated, is newer than this version of the portal, or the SQLite library is too old.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(url) = crate::testing::in_place::url(folder).await? {
            return Self::connect(&url).await;
        }
        Self::open_file(folder).await
    }

    /// Opens SQLite's database in `folder`, also where tests use PostgreSQL in its place.
    pub(crate) async fn open_file(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self::of_sqlite(sqlite::open(folder).await?))
    }

    /// Whether there is a database in `folder`.
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if crate::testing::in_place::is_postgres() {
            return true;
        }
        folder.join(sqlite::DATABASE).is_file()
    }

    /// Opens the database in `folder` for reading. Changes and creates nothing in `folder`, which may be read-only, a
    /// copy, or the folder of a portal that is serving.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without a database, [`StoreError::Schema`] if its schema is older or newer than this
    /// version's.
    pub async fn open_read_only(folder: &Path) -> Result<Self, StoreError> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(url) = crate::testing::in_place::url(folder).await? {
            return Self::connect_read_only(&url).await;
        }
        Self::open_file_read_only(folder).await
    }

    /// Opens SQLite's database in `folder` for reading, also where tests use PostgreSQL in its place.
    pub(crate) async fn open_file_read_only(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self::of_sqlite(sqlite::open_read_only(folder).await?))
    }

    /// Opens the database at this URL, such as `postgres://portal@db.example.com/portal?sslmode=verify-full`, and migrates it.
    ///
    /// # Errors
    /// If it cannot be opened or migrated, or is newer than this version of the portal; [`StoreError::Unsuitable`] if the
    /// server is too old, or the database cannot hold every text.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self::of_postgres(postgres::connect(url).await?))
    }

    /// Opens the database at this URL for reading. Changes nothing.
    ///
    /// # Errors
    /// As [`Store::connect`], and [`StoreError::Schema`] if its schema is older or newer than this version's.
    pub async fn connect_read_only(url: &str) -> Result<Self, StoreError> {
        Ok(Self::of_postgres(postgres::connect_read_only(url).await?))
    }

    fn of_sqlite(opened: sqlite::Opened) -> Self {
        let versions = Versions::of_sqlite(opened.reading);
        let copy = opened.copy.map(Arc::new);
        Self::new(opened.writer.map(Pool::Sqlite), Pool::Sqlite(opened.readers), versions, copy)
    }

    fn of_postgres(opened: postgres::Opened) -> Self {
        let versions = Versions::of_postgres(opened.reading);
        Self::new(opened.writer.map(Pool::Postgres), Pool::Postgres(opened.readers), versions, None)
    }

    fn new(writer: Option<Pool>, readers: Pool, versions: Versions, _copy: Option<Arc<TempDir>>) -> Self {
        Self {
            writer,
            together: Together::default(),
            readers,
            versions,
            history_in_doubt: Arc::default(),
            _copy,
            keys: None,
            entry_key: None,
            clock: Clock::system(),
        }
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
    /// [`StoreError::Unwritable`] if the lock cannot be had in time, or the database was opened for reading only;
    /// [`StoreError::LeaseLost`] if the task works under a lease that another instance has now.
    pub async fn write(&self) -> Result<Write, StoreError> {
        let writer = self.writer.as_ref().ok_or(StoreError::Unwritable(sqlx::Error::PoolClosed))?;
        let transaction = writer.begin_writing().await.map_err(StoreError::Unwritable)?;
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
        let turn = self.together.turn(writer, sqlite::BUSY * 2).await.map_err(StoreError::Unwritable)?;
        self.writing(Read::together(turn, self.clock.clone())).await
    }

    async fn writing(&self, read: Read) -> Result<Write, StoreError> {
        let mut tx = Write::new(read, self.entry_key.clone(), self.is_history_in_doubt());
        if let Some(fence) = Fence::current() {
            fence.check(&mut tx).await?;
        }
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
        self.checking(Read::snapshot(self.readers.begin_reading().await?, self.clock.clone())).await
    }

    async fn checking(&self, mut conn: Read) -> Result<Read, StoreError> {
        if let Some(keys) = &self.keys {
            let key = keys.for_reading(&mut conn).await?;
            conn.check_rows_with(key);
        }
        Ok(conn)
    }

    /// Writes committed changes from SQLite's write-ahead log into the database file and empties the log, so that
    /// overwritten content does not stay on disk. On PostgreSQL, how long it stays is up to the server.
    ///
    /// # Errors
    /// If a reader holds the log for too long.
    pub async fn write_back(&self) -> Result<(), StoreError> {
        if let Some(Pool::Sqlite(writer)) = &self.writer {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?;
        }
        Ok(())
    }

    /// Writes a consistent copy of the whole database into an empty file. Others may write meanwhile.
    ///
    /// # Errors
    /// If the file is not empty or cannot be written; [`StoreError::Unsuitable`] on PostgreSQL, which has tools for this.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let writer = match &self.writer {
            Some(Pool::Sqlite(writer)) => writer,
            Some(Pool::Postgres(_)) => {
                return Err(StoreError::Unsuitable { why: "use pg_dump to back up a PostgreSQL database".to_owned() });
            }
            None => return Err(StoreError::Unwritable(sqlx::Error::PoolClosed)),
        };
        let name = file.to_str().ok_or_else(|| StoreError::damaged("file name", "it is not UTF-8"))?;
        sqlx::query("VACUUM INTO ?").bind(name).execute(writer).await?;
        Ok(())
    }

    /// How many bytes a PostgreSQL database takes. `None` for SQLite's, whose files are in the data folder.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn bytes_on_server(&self) -> Result<Option<u64>, StoreError> {
        let mut conn = self.read().await?;
        if !conn.database().is_postgres() {
            return Ok(None);
        }
        let size = "SELECT pg_database_size(current_database())";
        let bytes: i64 = sql::query_scalar(size).fetch_one(conn.database()).await?;
        Ok(Some(bytes.unsigned_abs()))
    }

    /// Checks that the database can be read.
    ///
    /// # Errors
    /// If it cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let _one: i64 = sql::query_scalar("SELECT 1").fetch_one(self.read().await?.database()).await?;
        Ok(())
    }

    /// Checks that the database can be written: commits a transaction, waits for the disk, and changes nothing that the
    /// portal reads. A rollback would prove nothing, since the disk is written when a transaction commits.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if the disk is full, the file is read-only, or another process holds the lock.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sql::query(WRITES_NOTHING).execute(tx.database()).await.map_err(StoreError::Unwritable)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Store;

    #[tokio::test]
    async fn the_check_that_the_database_can_be_written_writes_to_the_disk_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(folder.path()).await.unwrap();
        let wal = || fs::metadata(folder.path().join("portal.db-wal")).unwrap().len();
        store.write_back().await.unwrap();
        for _ in 0..3 {
            let before = wal();
            store.check_writable().await.unwrap();
            assert!(wal() > before, "{before}");
        }
    }
}
