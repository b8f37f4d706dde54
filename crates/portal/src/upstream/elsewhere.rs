//! Changes that other instances have sent to Workato. The log tells of them: what was read of a team before such a change is
//! not shown as its current state, on any instance. Nothing depends on a notification that could be lost.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use moka::sync::Cache;
use store::{
    OperationId, Store, StoreError, Version,
    ended_operations::{self, Ended},
};

use super::clients::Upstream;

/// How long an operation that this instance performs is remembered: longer than any call takes.
const OWN_FOR: Duration = Duration::from_secs(3_600);

/// How far this instance has read what was changed.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    read: Mutex<Read>,
    /// Operations that this instance performs: it knows when their call has ended.
    own: Cache<OperationId, ()>,
}

#[derive(Debug, Default)]
struct Read {
    version: Option<Version>,
    /// The last entry that was read. `None` before the first: nothing is kept from before it.
    up_to: Option<i64>,
}

impl Default for Elsewhere {
    fn default() -> Self {
        Self { read: Mutex::default(), own: Cache::builder().time_to_live(OWN_FOR).build() }
    }
}

impl Elsewhere {
    /// This instance performs the operation.
    pub fn is_own(&self, operation: OperationId) {
        self.own.insert(operation, ());
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next reads of Workato show what other instances have changed up to now.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn catch_up(&self, store: &Store, upstream: &Upstream) -> Result<(), StoreError> {
        // Before the log is read, so that what is committed meanwhile is read the next time.
        let version = store.version().await?;
        let up_to = {
            let read = self.read();
            if read.version == Some(version) {
                return Ok(());
            }
            read.up_to
        };
        let mut view = store.snapshot().await?;
        let newest = store::tree::size(&mut view).await?;
        let ended = match up_to {
            Some(up_to) if up_to < newest => ended_operations::after(&mut view, up_to).await?,
            _ => Vec::new(),
        };
        drop(view);
        let changed: BTreeSet<_> = ended
            .into_iter()
            .filter(|ended| !self.own.contains_key(&ended.operation))
            .map(|Ended { team, target, .. }| (team, target))
            .collect();
        for (team, target) in changed {
            upstream.changed(team, target);
        }
        let mut read = self.read();
        // Others may have read further meanwhile.
        if read.up_to.is_none_or(|up_to| up_to <= newest) {
            *read = Read { version: Some(version), up_to: Some(newest) };
        }
        Ok(())
    }
}
