//! The log in a data folder, for the command line: no portal is started, and reading changes nothing in the folder.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use evidence::{key::VerifierKey, verify::OutsideCheckpoints};
use store::{EntryActor, Store, StoreError, index::Index};

use super::{
    export::{Export, ExportFormat, export_for},
    sealing::{
        delivery::failing_destinations,
        key_file::{SigningKeyError, existing_verifier_key, load_signing_key},
    },
    search::{indexer::Indexer, query::AuditQuery},
    verify::{Verified, VerifyError, verify_against},
};
use crate::Result;

/// The log in a data folder.
pub struct StoredLog {
    store: Store,
    data_dir: PathBuf,
    signing_key_file: Option<PathBuf>,
}

impl StoredLog {
    /// Opens the log for reading. Nothing in the folder is created or changed, and it may be a copy.
    ///
    /// # Errors
    /// If there is no database, or it has a schema of another version of the portal.
    pub async fn open_read_only(data_dir: &Path, signing_key_file: Option<&Path>) -> Result<Self, StoreError> {
        let store = Store::open_read_only(data_dir).await?;
        Ok(Self::new(store, data_dir, signing_key_file))
    }

    /// Opens the log for an export, which is an entry itself.
    ///
    /// # Errors
    /// If there is no database, or it cannot be opened.
    pub async fn open(data_dir: &Path, signing_key_file: Option<&Path>) -> Result<Self, StoreError> {
        let file = data_dir.join(store::DATABASE);
        if !file.is_file() {
            return Err(StoreError::Missing { path: file.display().to_string() });
        }
        Ok(Self::new(Store::open(data_dir).await?, data_dir, signing_key_file))
    }

    fn new(store: Store, data_dir: &Path, signing_key_file: Option<&Path>) -> Self {
        Self { store, data_dir: data_dir.to_owned(), signing_key_file: signing_key_file.map(Path::to_owned) }
    }

    /// Verifies the whole log, also against checkpoints that somebody else kept.
    ///
    /// # Errors
    /// If an entry or a checkpoint is not as it was written, or the log cannot be read.
    pub async fn verify(&self, outside: OutsideCheckpoints) -> Result<Verified, VerifyError> {
        verify_against(&self.store, outside).await
    }

    /// The public key that checks checkpoints and bundles.
    ///
    /// # Errors
    /// If the log has not been signed yet.
    pub async fn public_key(&self) -> Result<VerifierKey, SigningKeyError> {
        existing_verifier_key(&self.store, &self.data_dir, self.signing_key_file.as_deref()).await
    }

    /// Which destinations take no checkpoints, as the serving portal has recorded it.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn failing_destinations(&self) -> Result<Vec<String>, StoreError> {
        failing_destinations(&self.store).await
    }

    /// Records that this system account exports what matches, and begins the export.
    ///
    /// # Errors
    /// As [`crate::Portal::export`].
    pub async fn export(&self, account: &str, query: &AuditQuery, format: ExportFormat) -> Result<Export> {
        let key = load_signing_key(&self.store, &self.data_dir, self.signing_key_file.as_deref())
            .await
            .map_err(|error| crate::Error::Internal(error.to_string()))?;
        let indexer = Indexer::new(self.store.clone(), Index::open(&self.data_dir).await?);
        export_for(&self.store, &indexer, &Arc::new(key), EntryActor::command_line(account), query, format).await
    }
}
