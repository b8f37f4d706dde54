//! Reading the log: an operation with its entries, who reads whose log, and for how long entries keep their contents.

pub(super) mod known_readers;
pub(super) mod log_head;
pub(super) mod logged;
pub(super) mod reading;
pub(super) mod retention;
