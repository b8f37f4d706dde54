//! Why an export stops. Shown by the command line and in the server's log; a download just ends.

use evidence::bundle::SealError;
use store::StoreError;

/// Why an export stopped. What was written is incomplete, and a bundle has no seal.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output cannot be written.
    #[error("writing the export: {0}")]
    Write(#[from] std::io::Error),
    /// The output cannot be written as CSV.
    #[error("writing the export: {0}")]
    Csv(#[from] csv::Error),
    /// The bundle cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}
