//! Pools of connections, and transactions, of either database.

use std::time::Duration;

use sqlx::{Error, PgPool, Postgres, Sqlite, SqlitePool, pool::PoolConnection, postgres::PgConnection};
use tokio::time::sleep;

use super::connection::Connection;

/// The key of the advisory lock that PostgreSQL's writers hold, as SQLite's writers hold the database's lock: the letters
/// "WkPP". Sequence and tree have no gaps, and entries are committed in the order of the log.
const WRITER: i64 = 0x576b_5050;
/// A transaction that only reads, and sees one state of the database.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// How often and after how long PostgreSQL is asked what became of a commit whose answer was lost.
const ASKED: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Connections to either database.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A connection of a pool.
pub(crate) enum Pooled {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A transaction. Dropped, it changes nothing.
#[derive(Debug)]
pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres { transaction: sqlx::Transaction<'static, Postgres>, pool: PgPool },
}

impl Pool {
    pub async fn acquire(&self) -> Result<Pooled, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Pooled::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
        })
    }

    /// Begins a transaction that holds the write lock.
    pub async fn begin_writing(&self) -> Result<Transaction, Error> {
        match self {
            Self::Sqlite(pool) => Ok(Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => {
                let mut transaction = begin(pool, "BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITER);
                Box::pin(lock.execute(&mut *transaction)).await?;
                Ok(Transaction::Postgres { transaction, pool: pool.clone() })
            }
        }
    }

    /// Begins a transaction that sees one state of the database.
    pub async fn begin_reading(&self) -> Result<Transaction, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Transaction::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                Transaction::Postgres { transaction: begin(pool, SNAPSHOT).await?, pool: pool.clone() }
            }
        })
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction of PostgreSQL in a task of its own. If the caller hung up between the question and the answer, sqlx
/// would put a connection back that has a transaction open, and the next to read with it would see the past.
async fn begin(pool: &PgPool, statement: &'static str) -> Result<sqlx::Transaction<'static, Postgres>, Error> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin_with(statement).await }).await.map_err(|_| Error::WorkerCrashed)?
}

impl Pooled {
    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

impl Transaction {
    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(transaction) => Connection::Sqlite(transaction),
            Self::Postgres { transaction, .. } => Connection::Postgres(transaction),
        }
    }

    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres { transaction, pool } => Box::pin(commit(transaction, &pool)).await,
        }
    }
}

/// Commits a transaction of PostgreSQL. Its number is asked for first, for two reasons: PostgreSQL answers COMMIT without an
/// error in a transaction that it has given up, but not this; and if the connection is lost before COMMIT is answered, the
/// number tells what became of it.
async fn commit(mut transaction: sqlx::Transaction<'static, Postgres>, pool: &PgPool) -> Result<(), Error> {
    let number: Option<String> =
        sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned()::text").fetch_one(&mut *transaction).await?;
    match (transaction.commit().await, number) {
        (Err(Error::Io(lost)), Some(number)) => match became(pool, &number).await {
            Some(true) => Ok(()),
            _ => Err(Error::Io(lost)),
        },
        (done, _) => done,
    }
}

/// Whether a transaction was committed, if PostgreSQL says so.
async fn became(pool: &PgPool, number: &str) -> Option<bool> {
    for wait in ASKED {
        sleep(wait).await;
        let Ok(mut connection) = pool.acquire().await else { continue };
        match status(&mut connection, number).await.as_deref() {
            Ok("committed") => return Some(true),
            Ok("aborted") => return Some(false),
            // It is still in progress, or PostgreSQL cannot be reached.
            _ => {}
        }
    }
    None
}

async fn status(connection: &mut PgConnection, number: &str) -> Result<String, Error> {
    sqlx::query_scalar("SELECT coalesce(pg_xact_status($1::text::xid8), '')").bind(number).fetch_one(connection).await
}
