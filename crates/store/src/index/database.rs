//! The file `index.db`: opened, created, and replaced if it is damaged.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Row, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::{
    error::StoreError,
    private_file,
    sqlite::{ROWS_AHEAD, one_writer, options, readers},
};

/// The file in the data folder.
pub const FILE: &str = "index.db";
/// The version of `index.sql`. A file of another version is replaced.
pub(super) const SCHEMA: i64 = 2;
const BUSY: Duration = Duration::from_secs(5);

/// The index. Cheap to clone.
#[derive(Clone)]
pub struct Index(pub(super) Arc<Inner>);

pub(super) struct Inner {
    path: PathBuf,
    pub(super) pools: Arc<RwLock<Pools>>,
    is_damaged: AtomicBool,
    /// Another process wrote into it, and it was not restarted since.
    is_foreign: AtomicBool,
}

pub(super) struct Pools {
    pub(super) writer: SqlitePool,
    readers: SqlitePool,
    /// Which file this is, so that its removal is noticed.
    file: Option<(u64, u64)>,
    /// SQLite's counter of what other connections than the writer committed, when it was last looked at.
    changes: AtomicI64,
    /// The file came with triggers. The portal adds none, and one could undo what is written.
    has_triggers: bool,
}

/// How far the log is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The version of the documents.
    pub version: i64,
    /// The last entry that is indexed.
    pub indexed: i64,
    /// The root of the log's tree over all entries up to that one: a hash of everything that was indexed.
    pub root: Option<Vec<u8>>,
}

impl Progress {
    pub(super) async fn read(conn: &mut SqliteConnection) -> Result<Self, StoreError> {
        let row = sqlx::query("SELECT version, indexed, root FROM state").fetch_one(conn).await?;
        Ok(Self { version: row.try_get("version")?, indexed: row.try_get("indexed")?, root: row.try_get("root")? })
    }
}

impl Index {
    /// Opens the index in `folder`. Makes it anew if it is missing, old or damaged.
    ///
    /// # Errors
    /// If the file can be neither opened nor replaced.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let pools = open_or_replace(&path).await?;
        Ok(Self(Arc::new(Inner {
            path,
            pools: Arc::new(RwLock::new(pools)),
            is_damaged: AtomicBool::new(false),
            is_foreign: AtomicBool::new(false),
        })))
    }

    /// Makes the index anew if SQLite reported damage since it was opened, or somebody removed or replaced the file.
    /// Returns whether it did.
    ///
    /// # Errors
    /// If the file cannot be replaced.
    pub async fn repair(&self) -> Result<bool, StoreError> {
        let is_damaged = self.0.is_damaged.load(Ordering::Relaxed);
        if !is_damaged && self.0.pools.read().await.file == file_id(&self.0.path) {
            return Ok(false);
        }
        let mut pools = self.0.pools.write().await;
        tracing::warn!(path = %self.0.path.display(), "the search index is missing or damaged and is made anew");
        pools.close().await;
        // A file that somebody put there is not the portal's, whatever it holds.
        remove(&self.0.path)?;
        *pools = open_or_replace(&self.0.path).await?;
        self.0.is_damaged.store(false, Ordering::Relaxed);
        self.is_restarted();
        Ok(true)
    }

    /// Replaces the file, with whatever somebody may have added to it.
    ///
    /// # Errors
    /// If the file cannot be replaced.
    pub async fn replace(&self) -> Result<(), StoreError> {
        self.0.is_damaged.store(true, Ordering::Relaxed);
        self.repair().await?;
        Ok(())
    }

    /// Whether the next repair replaces the file.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.0.is_damaged.load(Ordering::Relaxed)
    }

    /// Whether another process than this one wrote into the index since it was opened or last restarted.
    /// This process writes through one connection, and SQLite counts for it what all others commit.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn was_written_by_others(&self) -> Result<bool, StoreError> {
        let pools = self.0.pools.read().await;
        let changes = self.noticing(changes(&pools.writer).await)?;
        if pools.has_triggers || pools.changes.load(Ordering::Relaxed) != changes {
            // First the flag, so that no search that asks meanwhile misses both.
            self.0.is_foreign.store(true, Ordering::SeqCst);
            pools.changes.store(changes, Ordering::SeqCst);
        }
        Ok(self.0.is_foreign.load(Ordering::SeqCst))
    }

    pub(super) fn is_restarted(&self) {
        self.0.is_foreign.store(false, Ordering::SeqCst);
    }

    /// How far the log is indexed.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn progress(&self) -> Result<Progress, StoreError> {
        let mut conn = self.read().await?;
        self.noticing(Progress::read(&mut conn.connection).await)
    }

    /// The folder that the index is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.path.parent().unwrap_or(Path::new("."))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn run(&self, sql: &str) -> Result<u64, StoreError> {
        use sqlx::Executor;
        let mut tx = self.write().await?;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows = tx.transaction.execute(sql).await.map_err(StoreError::from)?.rows_affected();
        tx.transaction.commit().await.map_err(StoreError::Unwritable)?;
        Ok(rows)
    }

    #[cfg(test)]
    pub(crate) async fn fetch(
        &self,
        sql: sqlx::AssertSqlSafe<String>,
    ) -> Result<Vec<sqlx::sqlite::SqliteRow>, StoreError> {
        Ok(sqlx::query(sql).fetch_all(&mut *self.read().await?.connection).await?)
    }

    /// Closes every connection after its current work.
    pub async fn close(&self) {
        self.0.pools.read().await.close().await;
    }

    pub(super) async fn read(&self) -> Result<IndexRead, StoreError> {
        let pools = Arc::clone(&self.0.pools).read_owned().await;
        let connection = self.noticing(pools.readers.acquire().await.map_err(StoreError::from))?;
        Ok(IndexRead { connection, _pools: pools })
    }

    pub(super) async fn write(&self) -> Result<IndexWrite, StoreError> {
        let pools = Arc::clone(&self.0.pools).read_owned().await;
        let begun = pools.writer.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::Unwritable);
        Ok(IndexWrite { transaction: self.noticing(begun)?, _pools: pools })
    }

    /// Remembers that the file is damaged, if that is what an error says.
    pub(super) fn noticing<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.as_ref().is_err_and(|error| error.is_corruption() || error.is_other_format()) {
            self.0.is_damaged.store(true, Ordering::Relaxed);
        }
        result
    }
}

pub(super) struct IndexRead {
    pub(super) connection: PoolConnection<Sqlite>,
    _pools: OwnedRwLockReadGuard<Pools>,
}

pub(super) struct IndexWrite {
    pub(super) transaction: Transaction<'static, Sqlite>,
    _pools: OwnedRwLockReadGuard<Pools>,
}

impl Pools {
    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn open_or_replace(path: &Path) -> Result<Pools, StoreError> {
    match open(path).await {
        Ok(Some(pools)) => return Ok(pools),
        Ok(None) => tracing::info!(path = %path.display(), "the search index has an old format and is made anew"),
        Err(error) if error.is_corruption() => {
            tracing::warn!(path = %path.display(), %error, "the search index is damaged and is made anew");
        }
        Err(error) => return Err(error),
    }
    remove(path)?;
    open(path).await?.ok_or_else(|| StoreError::damaged("search index", "a new file has the wrong format"))
}

/// Opens the file, and creates its tables if it is empty. None if it has another format.
async fn open(path: &Path) -> Result<Option<Pools>, StoreError> {
    private_file::prepare_database(path)
        .map_err(|cause| StoreError::File { path: path.display().to_string(), cause })?;
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Whatever a power failure takes away is indexed again.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY);
    let writer = one_writer().connect_with(options.clone()).await?;
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    let is_empty: bool =
        sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)").fetch_one(&mut *tx).await?;
    let has_triggers: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view'))")
            .fetch_one(&mut *tx)
            .await?;
    if is_empty {
        sqlx::raw_sql(include_str!("index.sql")).execute(&mut *tx).await?;
        sqlx::query("PRAGMA user_version = 2").execute(&mut *tx).await?;
    } else if found != SCHEMA {
        tx.rollback().await?;
        writer.close().await;
        return Ok(None);
    }
    tx.commit().await?;
    let readers = readers().connect_with(options.row_buffer_size(ROWS_AHEAD).pragma("query_only", "ON")).await?;
    let changes = AtomicI64::new(changes(&writer).await?);
    Ok(Some(Pools { writer, readers, file: file_id(path), changes, has_triggers }))
}

async fn changes(writer: &SqlitePool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(writer).await?)
}

fn file_id(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{ending}", path.display()));
        match fs::remove_file(&file) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File { path: file.display().to_string(), cause });
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
