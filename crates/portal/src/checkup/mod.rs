//! Examines an installation for `partner-portal check`: its keys, files, database and clock, and what each team's token may
//! read. It changes nothing and starts nothing, so it works beside a portal that serves and without one.

mod files;
mod log;
mod teams;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use store::{BadRow, Store};

pub use self::{
    files::{FileFault, file_faults},
    log::LogFacts,
    teams::{Answers, TeamCheckup, TeamState},
};
use crate::{
    Settings, StartError,
    alarms::Alarm,
    bad_rows::{alarm, key_ring},
    free_space,
    vault::{MasterKeys, Vault},
};

/// An installation, opened for reading.
pub struct Checkup {
    settings: Settings,
    store: Store,
    vault: Arc<Vault>,
    /// Rows that the portal did not write, as far as they were read.
    bad_rows: Arc<Mutex<Vec<Alarm>>>,
}

impl Checkup {
    /// Opens the data folder for reading.
    ///
    /// # Errors
    /// `Vault` if the master key cannot be used or is not the database's, `Store` if there is no database, or none that this
    /// version of the portal reads.
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let masters = MasterKeys::from_file(&settings.master_key_file)?;
        let store = settings.open_store_read_only().await?;
        let sealed = store::data_keys::all(&mut store.read().await?).await?;
        let vault = Arc::new(Vault::open(masters, &sealed)?);
        let bad_rows = Arc::new(Mutex::new(Vec::new()));
        let found = Arc::clone(&bad_rows);
        let keys = key_ring(&vault, sealed, move |bad: &BadRow| note(&found, alarm(bad)))?;
        Ok(Self { store: store.with_keys(keys), settings, vault, bad_rows })
    }

    /// The ids of the master keys in the file, newest first. They do not reveal the keys.
    pub fn master_keys(&self) -> impl Iterator<Item = &str> {
        self.vault.masters().ids()
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The free bytes of a folder's file system. `None` if the operating system does not say.
#[must_use]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    free_space::bytes_of(folder)
}

/// Notes an alarm once, however often its row is read.
fn note(found: &Mutex<Vec<Alarm>>, alarm: Alarm) {
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    if !found.contains(&alarm) {
        found.push(alarm);
    }
}
