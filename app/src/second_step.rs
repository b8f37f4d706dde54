//! The cookie of somebody whose password was right and who still has to give a second factor. It is no session.

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

/// The cookie that came with a request, and what the answer does to it.
#[derive(Clone, Debug, Default)]
pub struct SecondStepCookie {
    pub given: Option<SecretString>,
    change: Arc<Mutex<Option<Change>>>,
}

/// What an answer does to the cookie.
#[derive(Clone, Debug)]
pub enum Change {
    Set(SecretString),
    Remove,
}

impl SecondStepCookie {
    /// The cookie with this value, or none.
    pub fn given(value: Option<&str>) -> Self {
        Self { given: value.map(SecretString::from), change: Arc::default() }
    }

    pub fn set(&self, token: SecretString) {
        self.put(Change::Set(token));
    }

    pub fn remove(&self) {
        if self.given.is_some() {
            self.put(Change::Remove);
        }
    }

    /// What the answer does to the cookie, for the server that writes the header.
    pub fn change(&self) -> Option<Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, change: Change) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}
