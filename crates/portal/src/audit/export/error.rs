//! Why an export stops. Shown by the command line and in the server's log; a download just ends.

use evidence::{
    bundle::{EntryError, SealError},
    verify::BadEntry,
};
use store::StoreError;

/// Why an export stopped. What was written is incomplete, and a bundle has no seal.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// An entry is not as it was written.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The log cannot be read.
    #[error(transparent)]
    Store(StoreError),
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

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed(bad) => Self::Bad(bad),
            error => Self::Store(error),
        }
    }
}

impl From<EntryError> for ExportError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Bad(bad) => Self::Bad(bad),
            EntryError::Json(error) => Self::Store(StoreError::damaged("line of a bundle", error)),
        }
    }
}

impl ExportError {
    /// The reason, as the last line of what was written says it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Bad(bad) => bad.to_string(),
            _ => "the audit log could not be read to its end".to_owned(),
        }
    }
}
