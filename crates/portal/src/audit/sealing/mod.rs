//! Sealing the log: the key that signs it, when checkpoints are signed, where they are delivered, and what the log must
//! agree with before it is signed again.

pub(super) mod acknowledge;
pub(super) mod acknowledgement;
#[cfg(test)]
mod attacks;
pub(super) mod delivery;
pub(super) mod destination;
pub(super) mod guard;
pub(super) mod history;
mod keep_checkpoints;
pub(super) mod key_file;
pub(super) mod mark;
pub(super) mod read_back;
pub(super) mod seal;
pub(super) mod sign_error;
pub(super) mod signing;
pub(super) mod statement;
pub(super) mod trust;
