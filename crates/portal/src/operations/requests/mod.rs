//! Requests: changes that wait for a second person. A request is the first entry of its operation and holds everything
//! that is needed to carry it out; nothing else is stored. Approving appends the approval and the intent in one
//! transaction, so that a crash finds a request that still waits, or an intent that is settled like any other.

mod approve;
mod approve_job;
mod ask;
mod close;
#[cfg(test)]
mod forged;
mod judge;
mod list;

pub(crate) use self::ask::MOST_WAITING_OF_ONE;
pub use self::{
    approve::{Approver, Decision},
    list::{Approvals, RequestForPage, WaitingRequest},
};
