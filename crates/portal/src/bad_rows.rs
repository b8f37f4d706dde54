//! Rows that the portal does not use, since somebody else wrote them, put them back or removed what belongs to them.

use std::sync::{Arc, OnceLock, Weak};

use store::{BadRow, RowFault, RowKey};

use crate::{
    alarms::{Alarm, Alarms},
    vault::Vault,
};

/// Where the store reports bad rows. The alarms come later, since they need the store.
#[derive(Clone, Default)]
pub(crate) struct BadRows(Arc<OnceLock<Weak<Alarms>>>);

impl BadRows {
    /// The key that the store checks rows with.
    pub fn key(&self, vault: &Vault) -> RowKey {
        let reported = self.clone();
        row_key(vault, move |bad| {
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

/// The key of the rows' HMACs.
pub(crate) fn row_key(vault: &Vault, alarm: impl Fn(&BadRow) + Send + Sync + 'static) -> RowKey {
    RowKey::new(vault.keyed_hash("row", []), alarm)
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
