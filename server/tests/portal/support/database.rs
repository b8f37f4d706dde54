//! The portal's database in the hands of somebody who can write its file: read and changed past the portal.
//! No other file of these tests names SQL's library.

use std::{path::Path, time::Duration};

use portal::audit::Entry;
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

/// Refuses every new entry, as a full disk does.
const REFUSE_ENTRIES: &str =
    "CREATE TRIGGER no_entries BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
const TAKE_ENTRIES: &str = "DROP TRIGGER no_entries";
/// Refuses the outcomes of operations alone.
const REFUSE_OUTCOMES: &str = "CREATE TRIGGER no_outcomes BEFORE INSERT ON entry_body WHEN NEW.stage = 'outcome'
                               BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
const TAKE_OUTCOMES: &str = "DROP TRIGGER no_outcomes";
/// What keeps the log append-only.
const DROP_GUARDS: &str = "DROP TRIGGER entry_is_never_changed; DROP TRIGGER entry_body_is_never_changed;
                           DROP TRIGGER entry_is_never_deleted; DROP TRIGGER entry_body_is_never_deleted;
                           DROP TRIGGER checkpoint_is_never_deleted;";

/// A connection beside the portal's own.
pub struct Database(SqliteConnection);

impl Database {
    /// Opens the database in a data folder.
    pub async fn open(data_dir: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(data_dir.join("portal.db"))
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(false);
        Self(SqliteConnection::connect_with(&options).await.unwrap())
    }

    /// Every entry of the log, oldest first.
    pub async fn entries(&mut self) -> Vec<Entry> {
        let rows = sqlx::query("SELECT body FROM entry_body ORDER BY sequence").fetch_all(&mut self.0).await.unwrap();
        let read = |row: &SqliteRow| serde_json::from_slice(row.get(0)).unwrap();
        rows.iter().map(read).collect()
    }

    /// Runs statements with the guards in place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn try_run(&mut self, statements: &'static str) -> Result<(), String> {
        match sqlx::raw_sql(statements).execute(&mut self.0).await {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Removes what keeps the log append-only, and then runs statements.
    pub async fn tamper(&mut self, statements: &'static str) {
        self.run(DROP_GUARDS).await;
        self.run(statements).await;
    }

    pub async fn refuse_entries(&mut self) {
        self.run(REFUSE_ENTRIES).await;
    }

    pub async fn take_entries_again(&mut self) {
        self.run(TAKE_ENTRIES).await;
    }

    pub async fn refuse_outcomes(&mut self) {
        self.run(REFUSE_OUTCOMES).await;
    }

    pub async fn take_outcomes_again(&mut self) {
        self.run(TAKE_OUTCOMES).await;
    }

    /// Takes the write lock. The portal waits for it until [`Database::unlock`], and gives up after some seconds.
    pub async fn lock(&mut self) {
        self.run("BEGIN IMMEDIATE").await;
    }

    pub async fn unlock(&mut self) {
        self.run("ROLLBACK").await;
    }

    async fn run(&mut self, statements: &'static str) {
        self.try_run(statements).await.unwrap();
    }
}
