//! Guards the log's history: compares it with everything that is known about it outside the database, and raises alarms.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::{Store, StoreError};

use super::{
    history::{Held, missing_triggers},
    seal::Seal,
};
use crate::alarms::{Alarm, AlarmCode, Alarms};

/// The alarms that this guard alone raises and takes back.
const CODES: [AlarmCode; 7] = [
    AlarmCode::HistoryContradicted,
    AlarmCode::CheckpointsMissing,
    AlarmCode::MarkMissing,
    AlarmCode::MarkInvalid,
    AlarmCode::SchemaChanged,
    AlarmCode::KeyUnknown,
    AlarmCode::EntryForged,
];

/// The log, its seal, and what destinations hold.
pub(crate) struct HistoryGuard {
    pub store: Store,
    pub seal: Seal,
    pub alarms: Arc<Alarms>,
    held: Mutex<BTreeMap<String, Held>>,
    /// The version of the schema at which the whole database was last read.
    read_at: Mutex<Option<i64>>,
}

impl HistoryGuard {
    pub fn new(store: Store, seal: Seal, alarms: Arc<Alarms>) -> Self {
        Self { store, seal, alarms, held: Mutex::default(), read_at: Mutex::default() }
    }

    /// Compares the log with the mark, with its own checkpoints, and with what destinations were last seen to hold.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn check(&self) -> Result<(), StoreError> {
        let held: Vec<Held> = self.all().values().cloned().collect();
        let alarms = self.seal.contradictions(&self.store, &held).await?;
        self.alarms.replace(&CODES, alarms);
        let mut conn = self.store.read().await?;
        self.alarms.replace(&[AlarmCode::TriggerMissing], missing_triggers(&mut conn).await?);
        let read_at = *self.read_at();
        match read_at {
            // Somebody changed the schema, and may have left rows out of an index.
            Some(version) if store::schema::version(&mut conn).await? != version => {
                drop(conn);
                self.check_damage().await
            }
            _ => Ok(()),
        }
    }

    /// Reads the whole database and compares every index with its table.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn check_damage(&self) -> Result<(), StoreError> {
        let mut conn = self.store.snapshot().await?;
        let version = store::schema::version(&mut conn).await?;
        let found = store::schema::damage(&mut conn).await?.map(|why| Alarm::DatabaseDamaged { why });
        self.alarms.replace(&[AlarmCode::DatabaseDamaged], found);
        *self.read_at() = Some(version);
        Ok(())
    }

    fn read_at(&self) -> MutexGuard<'_, Option<i64>> {
        self.read_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns what a destination holds.
    pub(in crate::audit) fn learn(&self, held: Held) {
        self.all().insert(held.place.clone(), held);
    }

    /// What a destination was last seen to hold. `None` if it cannot be read back.
    pub(in crate::audit) fn held_by(&self, place: &str) -> Option<Held> {
        self.all().get(place).cloned()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
