//! Bodies that are not there: each has to be one that a run of retention removed, and each run has to be what the entry
//! that tells of it says.

use std::collections::BTreeMap;

use super::bad;
use crate::audit::{Action, Entry};
use evidence::verify::BadEntry;
use store::{entries::RemovedBody, micros, retention::Run};

/// The runs, and what was found of each.
pub(super) struct Removals {
    runs: BTreeMap<i64, Found>,
}

struct Found {
    run: Run,
    is_told: bool,
    removed: i64,
}

impl Removals {
    pub fn of(runs: Vec<Run>) -> Self {
        let found = |run: Run| (run.sequence, Found { run, is_told: false, removed: 0 });
        Self { runs: runs.into_iter().map(found).collect() }
    }

    /// Counts a body that is not there.
    pub fn count(&mut self, sequence: i64, removed: &RemovedBody) -> Result<(), BadEntry> {
        match self.runs.get_mut(&removed.run) {
            Some(found) if sequence <= found.run.up_to => {
                found.removed += 1;
                Ok(())
            }
            _ => Err(bad(sequence, "its body is missing, and no run of retention removed it")),
        }
    }

    /// Compares a run with the entry that tells of it.
    pub fn learn(&mut self, entry: &Entry) -> Result<(), BadEntry> {
        if entry.action != Action::AuditExpire {
            return Ok(());
        }
        let said = |name: &str| entry.parameters.get(name).and_then(serde_json::Value::as_i64);
        match self.runs.get_mut(&entry.sequence) {
            Some(found)
                if said("days") == Some(found.run.days)
                    && said("up_to") == Some(found.run.up_to)
                    && said("removed") == Some(found.run.removed)
                    && micros(entry.at) == found.run.at =>
            {
                found.is_told = true;
                Ok(())
            }
            _ => Err(bad(entry.sequence, "it tells of a removal that is not as it says")),
        }
    }

    /// After the last entry every run was told of, and removed no more and no less than it says.
    pub fn finish(self) -> Result<(), BadEntry> {
        let differs = |found: &&Found| !found.is_told || found.removed != found.run.removed;
        match self.runs.values().find(differs) {
            None => Ok(()),
            Some(found) => Err(bad(found.run.sequence, "bodies were removed under its name, and it does not say so")),
        }
    }
}
