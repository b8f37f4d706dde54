//! Which version of the database is committed, to know without reading it again whether what was read is still true.

use std::sync::Arc;

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::Mutex;

use crate::error::StoreError;

/// A version of the database: equal ones have the same content. Only for comparing, within one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Which connection said so: SQLite counts for each of them.
    connection: u64,
    number: i64,
}

/// A connection that only asks for the version. It sees each commit, of this process and of others, and it never writes.
#[derive(Clone, Debug)]
pub(crate) struct Versions {
    options: SqliteConnectOptions,
    open: Arc<Mutex<Asking>>,
}

#[derive(Debug, Default)]
struct Asking {
    connection: Option<SqliteConnection>,
    opened: u64,
}

impl Versions {
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        Self { options, open: Arc::default() }
    }

    /// The version that is committed now. SQLite answers from the memory that its connections share, without a read of
    /// the disk.
    pub(crate) async fn now(&self) -> Result<Version, StoreError> {
        let mut asking = self.open.lock().await;
        // Taken out, so that a connection whose answer nobody waited for is not asked again.
        let mut connection = match asking.connection.take() {
            Some(connection) => connection,
            None => {
                asking.opened += 1;
                SqliteConnection::connect_with(&self.options).await?
            }
        };
        let number = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut connection).await?;
        asking.connection = Some(connection);
        Ok(Version { connection: asking.opened, number })
    }

    pub(crate) async fn close(&self) {
        if let Some(connection) = self.open.lock().await.connection.take() {
            // It has nothing to lose.
            let _ = connection.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Store;

    #[tokio::test]
    async fn every_commit_makes_another_version_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let first = store.version().await.unwrap();
        let _read = store.read().await.unwrap();
        let dropped = store.write().await.unwrap();
        drop(dropped);
        assert_eq!(store.version().await.unwrap(), first);

        store.check_writable().await.unwrap();
        let second = store.version().await.unwrap();
        assert_ne!(second, first);
        assert_eq!(store.version().await.unwrap(), second);

        // Another process, as far as SQLite can tell.
        let other = Store::open(folder.path()).await.unwrap();
        other.check_writable().await.unwrap();
        assert_ne!(store.version().await.unwrap(), second);
    }

    #[tokio::test]
    async fn a_connection_that_was_lost_never_repeats_an_earlier_version() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let before = store.version().await.unwrap();
        store.check_writable().await.unwrap();
        store.versions.close().await;
        assert_ne!(store.version().await.unwrap(), before);
    }
}
