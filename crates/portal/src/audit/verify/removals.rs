//! Checks missing bodies: a run of retention must have removed each, and each run must agree with the entry that
//! records it.

use std::collections::BTreeMap;

use crate::audit::{Action, Entry};
use evidence::verify::BadEntry;
use store::{entries::RemovedBody, micros, retention::Run};

/// The runs, and what the log says about each.
#[derive(Default)]
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

    /// Counts a missing body.
    pub fn count(&mut self, sequence: i64, removed: &RemovedBody) -> Result<(), BadEntry> {
        match self.runs.get_mut(&removed.run) {
            Some(found) if sequence <= found.run.up_to => {
                found.removed += 1;
                Ok(())
            }
            _ => Err(BadEntry::new(sequence, "its body is missing, and no run of retention removed it")),
        }
    }

    /// Compares a run with the entry that records it.
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
            _ => Err(BadEntry::new(entry.sequence, "it records a removal that the database does not have")),
        }
    }

    /// After the last entry: every run has its entry, and removed as many bodies as it says.
    pub fn finish(self) -> Result<(), BadEntry> {
        let differs = |found: &&Found| !found.is_told || found.removed != found.run.removed;
        match self.runs.values().find(differs) {
            None => Ok(()),
            Some(found) => Err(BadEntry::new(found.run.sequence, "more or fewer bodies were removed than it says")),
        }
    }
}
