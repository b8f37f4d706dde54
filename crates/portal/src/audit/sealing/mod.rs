//! Sealing the log: the key that signs it, when checkpoints are signed, and where they are delivered.

pub(super) mod delivery;
pub(super) mod destination;
mod keep_checkpoints;
pub(super) mod key_file;
pub(super) mod signing;
