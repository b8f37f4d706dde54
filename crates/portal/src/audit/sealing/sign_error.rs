//! Why nothing was signed.

use std::io;

use evidence::checkpoint::CheckpointError;
use store::StoreError;

use crate::alarms::Alarm;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The log cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint cannot be signed or read.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entries that the newest checkpoint covers were changed.
    #[error("the log is not what was signed when it had {size} entries: run `partner-portal audit verify`")]
    Disagrees {
        /// The newest checkpoint's size.
        size: i64,
    },
    /// The log contradicts what was signed before, or what a destination holds.
    #[error("the audit log contradicts what was signed: run `partner-portal audit verify`")]
    HistoryInDoubt(Vec<Alarm>),
    /// The high-water mark cannot be written.
    #[error("the high-water mark {path} cannot be written: {cause}")]
    Mark {
        /// The file.
        path: String,
        /// Why.
        cause: io::Error,
    },
}
