//! The portal's database, opened beside the portal by somebody who can write its file.
//! No other file of these tests runs SQL.

use std::{path::Path, sync::Arc};

use portal::{
    audit::Entry,
    key_ring,
    vault::{MasterKeys, Vault},
};
use store::{Store, testing::Attacker};

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

/// Changes rows of one table as the portal would write them, with the master key at hand and without an entry.
pub async fn write_with_key(data_dir: &Path, key_file: &Path, table: &str, statements: &str) {
    let store = Store::open(data_dir).await.unwrap();
    let sealed = store::data_keys::all(&mut store.read().await.unwrap()).await.unwrap();
    let vault = Arc::new(Vault::open(MasterKeys::from_file(key_file).unwrap(), &sealed).unwrap());
    let store = store.with_keys(key_ring(&vault, sealed, |_| ()).unwrap());
    let mut tx = store.write().await.unwrap();
    tx.execute(statements).await.unwrap();
    tx.write_macs(table).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

/// A connection beside the portal's own.
pub struct Database(Attacker);

impl Database {
    /// Opens the database in a data folder.
    pub async fn open(data_dir: &Path) -> Self {
        let mut attacker = Attacker::open(&data_dir.join("portal.db")).await.unwrap();
        attacker.execute("PRAGMA foreign_keys = OFF").await.unwrap();
        Self(attacker)
    }

    /// Every entry of the log, oldest first.
    pub async fn entries(&mut self) -> Vec<Entry> {
        let bodies = self.0.column("SELECT CAST(body AS TEXT) FROM entry_body ORDER BY sequence").await.unwrap();
        bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// How many rows there are, such as of `entry WHERE sequence > 7`.
    pub async fn count(&mut self, rows: &'static str) -> usize {
        let count = self.0.column(&format!("SELECT count(*) FROM {rows}")).await.unwrap();
        count[0].parse().unwrap()
    }

    /// A number that changes whenever somebody else has written anything.
    pub async fn version(&mut self) -> String {
        self.0.column("PRAGMA data_version").await.unwrap().remove(0)
    }

    /// Runs statements with the guards in place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn try_run(&mut self, statements: &'static str) -> Result<(), String> {
        self.0.execute(statements).await.map(drop).map_err(|error| error.to_string())
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
