//! How far the log has come, how large the database is, and which rows in it the portal did not write.

use std::{fs, path::PathBuf};

use store::StoreError;
use time::{Duration, OffsetDateTime};

use super::{Checkup, note};
use crate::{alarms::Alarm, bad_rows::alarm};

/// Facts about the log and the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFacts {
    /// The number of entries.
    pub entries: i64,
    /// How far the newest entry is ahead of the clock, a second or more. `None` if it is not, or retention has removed its contents.
    pub ahead: Option<Duration>,
    /// The bytes of the database and its write-ahead log.
    pub bytes: u64,
    /// Whether a key rotation was begun and not finished.
    pub is_rotating: bool,
}

impl Checkup {
    /// Reads how far the log has come.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn log(&self) -> Result<LogFacts, StoreError> {
        let mut conn = self.store.snapshot().await?;
        let entries = store::tree::size(&mut conn).await?;
        let newest = store::entries::after(&mut conn, entries - 1, 1).await?;
        let body = newest.first().and_then(|entry| entry.body.as_ref());
        let newest = body.map(|body| store::entries::read(&body.bytes)).transpose()?.map(|entry| entry.at);
        let now: OffsetDateTime = self.settings.clock.now();
        let is_rotating =
            store::data_keys::all(&mut conn).await?.iter().any(|key| key.state != store::KeyState::Current);
        Ok(LogFacts {
            entries,
            ahead: newest.map(|newest| newest - now).filter(|ahead| *ahead >= Duration::SECOND),
            bytes: self.store.bytes_on_server().await?.unwrap_or_else(|| self.bytes_of_files()),
            is_rotating,
        })
    }

    fn bytes_of_files(&self) -> u64 {
        let beside = |ending: &str| self.settings.data_dir.join(format!("{}{ending}", store::DATABASE));
        let files: [PathBuf; 2] = [beside(""), beside("-wal")];
        files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum()
    }

    /// The alarms about rows that the portal did not write, or that are older than the log says.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn bad_rows(&self) -> Result<Vec<Alarm>, StoreError> {
        for bad in store::rows::all::bad(&mut self.store.snapshot().await?).await?.unwrap_or_default() {
            note(&self.bad_rows, alarm(&bad));
        }
        Ok(self.bad_rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }
}
