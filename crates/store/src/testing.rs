//! For tests: raw SQL, as somebody who can write the files of the data folder would run it, and query plans.

use std::path::Path;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{Store, StoreError, Write, index::Index};

/// Somebody with write access to a database file, on a connection of their own.
pub struct Attacker(SqliteConnection);

impl Attacker {
    /// Opens a file, such as `portal.db` in a data folder.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(file).busy_timeout(std::time::Duration::from_secs(5));
        Ok(Self(options.connect().await?))
    }

    /// Runs statements.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, StoreError> {
        Ok(self.0.execute(AssertSqlSafe(sql.to_owned())).await?.rows_affected())
    }

    /// Runs one statement with these bytes as its parameters.
    ///
    /// # Errors
    /// If it fails.
    pub async fn execute_with(&mut self, sql: &str, parameters: &[&[u8]]) -> Result<u64, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        for parameter in parameters {
            query = query.bind(*parameter);
        }
        Ok(query.execute(&mut self.0).await?.rows_affected())
    }

    /// The first column of every row, as text; numbers in decimal digits, bytes in hexadecimal digits.
    ///
    /// # Errors
    /// If the statement fails.
    pub async fn column(&mut self, sql: &str) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.0).await?;
        let text = |row: &sqlx::sqlite::SqliteRow| {
            row.try_get::<Option<String>, _>(0)
                .map(Option::unwrap_or_default)
                .or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()))
                .or_else(|_| row.try_get::<Vec<u8>, _>(0).map(hex::encode))
                .map_err(StoreError::from)
        };
        rows.iter().map(text).collect()
    }

    /// Removes every trigger, as somebody would who wants to change the log.
    ///
    /// # Errors
    /// If one cannot be removed.
    pub async fn drop_triggers(&mut self) -> Result<(), StoreError> {
        for trigger in self.column("SELECT name FROM sqlite_schema WHERE type = 'trigger'").await? {
            self.execute(&format!("DROP TRIGGER {trigger}")).await?;
        }
        Ok(())
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// If it cannot be closed.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.0.close().await?)
    }
}

impl Write {
    /// Runs statements in this transaction.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, StoreError> {
        Ok(self.sqlite().execute(AssertSqlSafe(sql.to_owned())).await?.rows_affected())
    }
}

impl Store {
    /// Runs statements as the portal's own writer.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&self, sql: &str) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let rows = tx.execute(sql).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

impl Index {
    /// Runs statements as the index's own writer.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&self, sql: &str) -> Result<u64, StoreError> {
        self.run(sql).await
    }
}
