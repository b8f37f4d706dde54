//! A connection to either database, as statements get it.

use sqlx::{AssertSqlSafe, Error, Executor, PgConnection, SqliteConnection};

/// A connection to either database.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Connection<'_> {
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The same connection, for one statement of several.
    #[cfg(any(test, feature = "testing"))]
    pub fn again(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }

    /// Runs statements without arguments, in the database's own dialect. Returns how many rows they changed.
    pub async fn run(self, statements: impl Into<String>) -> Result<u64, Error> {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.into()));
        Ok(match self {
            Self::Sqlite(connection) => connection.execute(statements).await?.rows_affected(),
            Self::Postgres(connection) => Box::pin(connection.execute(statements)).await?.rows_affected(),
        })
    }
}
