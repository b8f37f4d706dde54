//! Which version of the database is committed, to know without reading it again whether what was read is still true.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use tokio::sync::Mutex;

use crate::error::StoreError;

/// The transactions whose work a statement sees that begins now. As long as this stays the same, so does what is committed.
const SNAPSHOT: &str = "SELECT pg_current_snapshot()::text";

/// A version of the database: equal ones have the same content. Only for comparing, within one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Which connection said so: the numbers of different connections have nothing to do with each other.
    connection: u64,
    number: i64,
}

/// A connection that only asks for the version. It sees each commit, of this process and of others, and it never writes.
#[derive(Clone, Debug)]
pub(crate) struct Versions {
    options: Options,
    /// How often the version was asked for.
    asked: Arc<AtomicU64>,
    open: Arc<Mutex<Asking>>,
}

#[derive(Clone, Debug)]
enum Options {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

#[derive(Debug)]
enum Asked {
    Sqlite(SqliteConnection),
    Postgres {
        connection: PgConnection,
        /// The last answer, and how many different ones there were.
        snapshot: String,
        number: i64,
    },
}

impl Options {
    async fn connect(&self) -> Result<Asked, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(options) => Asked::Sqlite(options.connect().await?),
            Self::Postgres(options) => {
                Asked::Postgres { connection: options.connect().await?, snapshot: String::new(), number: 0 }
            }
        })
    }
}

impl Asked {
    async fn number(&mut self) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await,
            Self::Postgres { connection, snapshot, number } => {
                let now: String = sqlx::query_scalar(SNAPSHOT).fetch_one(connection).await?;
                // It never goes back to an earlier one.
                if now != *snapshot {
                    (*snapshot, *number) = (now, *number + 1);
                }
                Ok(*number)
            }
        }
    }
}

#[derive(Debug, Default)]
struct Asking {
    connection: Option<Asked>,
    opened: u64,
    /// The newest answer, and up to which question it is one: it was asked for after all of them.
    newest: Option<(u64, Version)>,
}

impl Versions {
    pub(crate) fn of_sqlite(options: SqliteConnectOptions) -> Self {
        Self { options: Options::Sqlite(Box::new(options)), asked: Arc::default(), open: Arc::default() }
    }

    pub(crate) fn of_postgres(options: PgConnectOptions) -> Self {
        Self { options: Options::Postgres(Box::new(options)), asked: Arc::default(), open: Arc::default() }
    }

    /// The version that is committed now. SQLite answers from the memory that its connections share, without a read of
    /// the disk; PostgreSQL by a message there and back, and also with another version after a commit in another database of
    /// the server. Those who wait while one question is answered share the answer to the next.
    pub(crate) async fn now(&self) -> Result<Version, StoreError> {
        let question = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut asking = self.open.lock().await;
        if let Some((_, version)) = asking.newest.filter(|(up_to, _)| *up_to >= question) {
            return Ok(version);
        }
        let up_to = self.asked.load(Ordering::SeqCst);
        // Taken out, so that a connection whose answer nobody waited for is not asked again.
        let mut connection = match asking.connection.take() {
            Some(connection) => connection,
            None => {
                asking.opened += 1;
                self.options.connect().await?
            }
        };
        let number = match connection.number().await {
            Ok(number) => number,
            // PostgreSQL may have been started again since the last question.
            Err(_) => {
                asking.opened += 1;
                connection = self.options.connect().await?;
                connection.number().await?
            }
        };
        asking.connection = Some(connection);
        let version = Version { connection: asking.opened, number };
        asking.newest = Some((up_to, version));
        Ok(version)
    }

    pub(crate) async fn close(&self) {
        if let Some(connection) = self.open.lock().await.connection.take() {
            // It has nothing to lose.
            let _ = match connection {
                Asked::Sqlite(connection) => connection.close().await,
                Asked::Postgres { connection, .. } => connection.close().await,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Store;

    /// The version before and after something that changes none. PostgreSQL counts the commits of other databases, too, which
    /// other tests have.
    async fn unchanged(store: &Store, something: impl AsyncFn()) -> super::Version {
        for _ in 0..200 {
            let before = store.version().await.unwrap();
            something().await;
            if store.version().await.unwrap() == before {
                return before;
            }
        }
        panic!("each version differs from the last");
    }

    #[tokio::test]
    async fn every_commit_makes_another_version_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let first = unchanged(&store, async || {
            let _read = store.read().await.unwrap();
            drop(store.write().await.unwrap());
        })
        .await;

        store.check_writable().await.unwrap();
        assert_ne!(store.version().await.unwrap(), first);
        let second = unchanged(&store, async || ()).await;

        // Another process, as far as SQLite can tell.
        let other = Store::open(folder.path()).await.unwrap();
        other.check_writable().await.unwrap();
        assert_ne!(store.version().await.unwrap(), second);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_asks_after_a_commit_never_gets_an_answer_from_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        // Others who ask all the time, so that answers are shared.
        let busy: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { while store.version().await.is_ok() {} })
            })
            .collect();
        let mut before = store.version().await.unwrap();
        for _ in 0..200 {
            store.check_writable().await.unwrap();
            let after = store.version().await.unwrap();
            assert_ne!(after, before);
            before = after;
        }
        for task in busy {
            task.abort();
        }
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
