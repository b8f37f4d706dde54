//! The promotions that this process carries out.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use store::OperationId;

use crate::PublicError;

/// The most reasons for stopping that are remembered.
const MOST_STOPPED: usize = 1_000;

/// The promotions that this process carries out, and why it stopped others before a step was sent.
#[derive(Debug, Default)]
pub(crate) struct Running {
    running: Mutex<HashSet<OperationId>>,
    stopped: Mutex<HashMap<OperationId, PublicError>>,
    /// Those that need no further look: all their steps are done.
    ended: Mutex<HashSet<OperationId>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Running {
    pub fn is_running(&self, id: OperationId) -> bool {
        lock(&self.running).contains(&id)
    }

    pub fn stopped_by(&self, id: OperationId) -> Option<PublicError> {
        lock(&self.stopped).get(&id).cloned()
    }

    /// Marks a promotion as running until the mark is dropped. `None` if it is.
    pub(super) fn begin(&self, id: OperationId) -> Option<Mark<'_>> {
        lock(&self.running).insert(id).then_some(Mark { running: self, id })
    }

    pub fn forget_why(&self, id: OperationId) {
        lock(&self.stopped).remove(&id);
    }

    pub fn has_ended(&self, id: OperationId) -> bool {
        lock(&self.ended).contains(&id)
    }

    pub fn note_end(&self, id: OperationId) {
        lock(&self.ended).insert(id);
    }

    /// Remembers why a promotion was stopped.
    pub fn stop(&self, id: OperationId, why: PublicError) {
        let mut stopped = lock(&self.stopped);
        if stopped.len() < MOST_STOPPED {
            stopped.insert(id, why);
        }
    }
}

/// A promotion that is running.
pub(super) struct Mark<'a> {
    running: &'a Running,
    id: OperationId,
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        lock(&self.running.running).remove(&self.id);
    }
}
