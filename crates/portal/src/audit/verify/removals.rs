//! Checks missing bodies: a run of retention must have removed each, and each run must agree with the entry that
//! records it. The digest in that entry is what the operations are compared with whose bodies are gone.

use std::collections::BTreeMap;

use crate::audit::{Action, Entry, log::retention::Removal};
use evidence::{key::VerifierKey, verify::BadEntry};
use store::{Read, StoreError, entries::RemovedBody, micros, retention::Run};

/// The runs, and what the log says about each.
#[derive(Default)]
pub(super) struct Removals {
    runs: BTreeMap<i64, Found>,
}

struct Found {
    run: Run,
    /// The digest of its operations, once its entry was read.
    operations: Option<String>,
    removed: i64,
}

impl Removals {
    pub fn of(runs: Vec<Run>) -> Self {
        let found = |run: Run| (run.sequence, Found { run, operations: None, removed: 0 });
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

    /// Compares a run with the entry that records it, which must carry a statement by `key`.
    pub fn learn(&mut self, entry: &Entry, key: Option<&VerifierKey>) -> Result<(), BadEntry> {
        if entry.action != Action::AuditExpire {
            return Ok(());
        }
        let Some(said) = key.and_then(|key| Removal::read(&entry.parameters, key)) else {
            return Err(BadEntry::new(entry.sequence, "the log's key did not sign this removal"));
        };
        match self.runs.get_mut(&entry.sequence) {
            Some(found)
                if (said.days, said.up_to, said.removed) == (found.run.days, found.run.up_to, found.run.removed)
                    && micros(entry.at) == found.run.at =>
            {
                found.operations = Some(said.operations_sha256);
                Ok(())
            }
            _ => Err(BadEntry::new(entry.sequence, "it records a removal that the database does not have")),
        }
    }

    /// After the last entry: every run has its entry, removed as many bodies as it says, and its operations are those of
    /// which it removed them.
    pub async fn finish(self, conn: &mut Read) -> Result<Result<(), BadEntry>, StoreError> {
        for Found { run, operations, removed } in self.runs.into_values() {
            let Some(operations) = operations.filter(|_| removed == run.removed) else {
                return Ok(Err(BadEntry::new(run.sequence, "more or fewer bodies were removed than it says")));
            };
            if store::retention::digest_of_run(conn, run.sequence).await? != operations {
                let why = "the list of operations differs from what it was when this removed their contents";
                return Ok(Err(BadEntry::new(run.sequence, why)));
            }
        }
        Ok(Ok(()))
    }
}
