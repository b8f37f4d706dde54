//! Rows that the portal does not use, since somebody else wrote them, put them back or removed what belongs to them.

use std::sync::{Arc, OnceLock, Weak};

use store::{BadRow, DataKey, KeyRing, RowFault};

use crate::{
    alarms::{Alarm, Alarms},
    vault::{Vault, VaultError},
};

/// Where the store reports bad rows. The alarms come later, since they need the store.
#[derive(Clone, Default)]
pub(crate) struct BadRows(Arc<OnceLock<Weak<Alarms>>>);

impl BadRows {
    /// The keys that the store checks rows with.
    pub fn keys(&self, vault: &Arc<Vault>, sealed: Vec<DataKey>) -> Result<Arc<KeyRing>, VaultError> {
        let reported = self.clone();
        key_ring(vault, sealed, move |bad| {
            if let Some(alarms) = reported.0.get().and_then(Weak::upgrade) {
                alarms.raise(alarm(bad));
            }
        })
    }

    /// Where bad rows are reported from now on.
    pub fn report_to(&self, alarms: &Arc<Alarms>) {
        // It is called once.
        let _ = self.0.set(Arc::downgrade(alarms));
    }
}

/// The keys of the rows' HMACs, followed while they are rotated.
///
/// # Errors
/// If the vault cannot open them.
pub fn key_ring(
    vault: &Arc<Vault>,
    sealed: Vec<DataKey>,
    alarm: impl Fn(&BadRow) + Clone + Send + Sync + 'static,
) -> Result<Arc<KeyRing>, VaultError> {
    let first = vault.follow(&sealed, alarm.clone())?;
    let vault = Arc::clone(vault);
    Ok(KeyRing::new(sealed, first, move |sealed| {
        vault.follow(sealed, alarm.clone()).map_err(|error| error.to_string())
    }))
}

/// The alarm about a bad row.
pub(crate) fn alarm(bad: &BadRow) -> Alarm {
    let (table, row) = (bad.table.to_owned(), bad.row.clone());
    match bad.fault {
        RowFault::Forged => Alarm::RowForged { table, row },
        RowFault::Outdated => Alarm::RowOutdated { table, row },
        RowFault::Incomplete => Alarm::RowsMissing { table, row },
    }
}
