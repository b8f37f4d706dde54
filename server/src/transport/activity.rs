//! What a connection is doing: whether the portal works for it, or waits for its client.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The state of a connection, shared by its stream, its requests and the list of open connections.
#[derive(Debug)]
pub struct Activity {
    state: Mutex<State>,
    /// Cancelled to close the connection, whatever it is doing.
    pub closed: CancellationToken,
}

#[derive(Debug)]
struct State {
    /// A request has arrived, and its answer has not been written.
    is_answering: bool,
    /// The request's body has not arrived.
    wants_body: bool,
    /// The client does not read.
    is_blocked: bool,
    /// Since when all of this is so.
    since: Instant,
}

impl Activity {
    /// A new connection, whose first request is waited for.
    pub fn new(closed: CancellationToken) -> Self {
        let state = State { is_answering: false, wants_body: false, is_blocked: false, since: Instant::now() };
        Self { state: Mutex::new(state), closed }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_answering(&self, is_answering: bool) {
        let mut state = self.lock();
        *state = State { is_answering, wants_body: false, since: Instant::now(), ..*state };
    }

    pub fn set_wants_body(&self, wants_body: bool) {
        let mut state = self.lock();
        if state.wants_body != wants_body {
            *state = State { wants_body, since: Instant::now(), ..*state };
        }
    }

    pub fn set_blocked(&self, is_blocked: bool) {
        let mut state = self.lock();
        if state.is_blocked != is_blocked {
            *state = State { is_blocked, since: Instant::now(), ..*state };
        }
    }

    /// Since when the connection waits for the head of a request.
    pub fn waits_for_request_since(&self) -> Option<Instant> {
        let state = self.lock();
        (!state.is_answering).then_some(state.since)
    }

    /// Since when the portal waits for the client in any way. To close such a connection loses nothing that was begun.
    pub fn waits_since(&self) -> Option<Instant> {
        let state = self.lock();
        (!state.is_answering || state.wants_body || state.is_blocked).then_some(state.since)
    }
}
