//! The id that a session gets if its request changes what its person may do.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use store::SessionKey;

/// The id of a request's session, and the one that it gets if the request changes what its person may do.
#[derive(Clone, Debug)]
pub struct Renewal {
    from: SessionKey,
    to: SessionKey,
    used: Arc<AtomicBool>,
}

impl Renewal {
    /// From the present key to a new one.
    #[must_use]
    pub fn new(from: SessionKey, to: SessionKey) -> Self {
        Self { from, to, used: Arc::default() }
    }

    pub(super) const fn from(&self) -> &SessionKey {
        &self.from
    }

    pub(super) const fn to(&self) -> &SessionKey {
        &self.to
    }

    pub(super) fn set_used(&self) {
        self.used.store(true, Ordering::Release);
    }

    /// The new key, if it may be in use: the transaction that uses it may have failed.
    #[must_use]
    pub fn used(&self) -> Option<&SessionKey> {
        self.used.load(Ordering::Acquire).then_some(&self.to)
    }
}
