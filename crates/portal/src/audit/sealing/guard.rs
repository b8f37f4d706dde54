//! Guards the log's history: compares it with everything that is known about it outside the database, and raises alarms.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::{Store, StoreError};

use super::{history::Held, seal::Seal};
use crate::alarms::{AlarmCode, Alarms};

/// The alarms that this guard alone raises and takes back.
const CODES: [AlarmCode; 4] =
    [AlarmCode::HistoryContradicted, AlarmCode::CheckpointsMissing, AlarmCode::MarkMissing, AlarmCode::MarkInvalid];

/// The log, its seal, and what destinations hold.
pub(crate) struct HistoryGuard {
    pub store: Store,
    pub seal: Seal,
    pub alarms: Arc<Alarms>,
    held: Mutex<BTreeMap<String, Held>>,
}

impl HistoryGuard {
    pub fn new(store: Store, seal: Seal, alarms: Arc<Alarms>) -> Self {
        Self { store, seal, alarms, held: Mutex::default() }
    }

    /// Compares the log with the mark, with its own checkpoints, and with what destinations were last seen to hold.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn check(&self) -> Result<(), StoreError> {
        let held: Vec<Held> = self.all().values().cloned().collect();
        let alarms = self.seal.contradictions(&self.store, &held).await?;
        self.alarms.replace(&CODES, alarms);
        Ok(())
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
