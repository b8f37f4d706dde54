//! The log in a data folder, for the command line: no portal is started, and reading changes nothing in the folder.

mod backup;
#[cfg(test)]
mod drill;
mod moving;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use evidence::{key::VerifierKey, verify::OutsideCheckpoints};
use secrecy::{ExposeSecret, SecretString};
use store::{EntryActor, EntryKey, Store, StoreError, index::contents::Difference};
use tokio::time::timeout;

pub use self::{
    backup::{Restored, restore},
    moving::{MoveError, MoveTo, Moved, set_aside},
};
use super::{
    export::{Export, ExportFormat, export_for},
    sealing::{
        acknowledge::acknowledge,
        delivery::failing_destinations,
        destination::{Destination, Messenger},
        history::{Held, known_keys},
        key_file::{SigningKeyError, existing_verifier_key, signing_key_here},
        mark::MarkFile,
        read_back::read_back,
        seal::{Seal, entry_key},
        sign_error::SignError,
        trust::{Trust, trust},
    },
    search::{
        index_check::{IndexCheck, compare},
        query::AuditQuery,
    },
    verify::{Verified, VerifyError, verify_with},
};
use crate::{
    Problem, Reason, ReasonRequired, Result,
    alarms::Alarm,
    bad_rows::key_ring,
    vault::{MasterKeys, Vault},
};

/// How long a destination may take to be read back.
const PATIENCE: Duration = Duration::from_secs(15);

/// The log in a data folder.
pub struct StoredLog {
    store: Store,
    data_dir: PathBuf,
    signing_key_file: Option<PathBuf>,
    mark_file: Option<PathBuf>,
    key: Option<VerifierKey>,
}

/// What destinations hold of a log.
#[derive(Default)]
pub struct Witnesses {
    pub(in crate::audit) held: Vec<Held>,
    /// Destinations that cannot be asked what they hold, and why.
    pub unread: Vec<(String, String)>,
    /// Destinations that can be asked and could not be read, and why.
    pub failed: Vec<(String, String)>,
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

    /// Opens the log for an export or an acknowledgement, which are entries themselves, or for a backup.
    ///
    /// # Errors
    /// If there is no database, or it cannot be opened.
    pub async fn open(data_dir: &Path, signing_key_file: Option<&Path>) -> Result<Self, StoreError> {
        if !Store::is_in(data_dir) {
            return Err(StoreError::Missing { path: data_dir.join(store::DATABASE).display().to_string() });
        }
        Ok(Self::new(Store::open(data_dir).await?, data_dir, signing_key_file))
    }

    /// Opens the log in a PostgreSQL database for reading. `data_dir` is this instance's.
    ///
    /// # Errors
    /// If the database cannot be opened, or has a schema of another version of the portal.
    pub async fn connect_read_only(
        url: &SecretString,
        data_dir: &Path,
        signing_key_file: Option<&Path>,
    ) -> Result<Self, StoreError> {
        let store = Store::connect_read_only(url.expose_secret()).await?;
        Ok(Self::new(store, data_dir, signing_key_file))
    }

    /// Opens the log in a PostgreSQL database for an export or an acknowledgement. `data_dir` is this instance's.
    ///
    /// # Errors
    /// If the database cannot be opened.
    pub async fn connect(
        url: &SecretString,
        data_dir: &Path,
        signing_key_file: Option<&Path>,
    ) -> Result<Self, StoreError> {
        Ok(Self::new(Store::connect(url.expose_secret()).await?, data_dir, signing_key_file))
    }

    fn new(store: Store, data_dir: &Path, signing_key_file: Option<&Path>) -> Self {
        let signing_key_file = signing_key_file.map(Path::to_owned);
        Self { store, data_dir: data_dir.to_owned(), signing_key_file, mark_file: None, key: None }
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// With the high-water mark in this file instead of beside the signing key.
    #[must_use]
    pub fn with_mark_file(mut self, file: Option<&Path>) -> Self {
        self.mark_file = file.map(Path::to_owned);
        self
    }

    /// With this key as the one that signs, instead of the one in the key file.
    #[must_use]
    pub fn with_key(mut self, key: Option<VerifierKey>) -> Self {
        self.key = key;
        self
    }

    /// The same log with the master key in this file, which the HMACs of rows are checked with.
    ///
    /// # Errors
    /// If the file has no key, or another than this log's.
    pub async fn with_master_key(self, file: &Path) -> Result<Self> {
        let masters = MasterKeys::from_file(file)?;
        let sealed = store::data_keys::all(&mut self.store.read().await?).await?;
        let vault = Arc::new(Vault::open(masters, &sealed)?);
        // Verifying reports what is wrong itself.
        Ok(Self { store: self.store.with_keys(key_ring(&vault, sealed, |_| ())?), ..self })
    }

    /// Verifies the whole log and the rows that grant something, also against its high-water mark and checkpoints that
    /// somebody else kept.
    ///
    /// # Errors
    /// If an entry or a checkpoint is not as it was written, the log contradicts what was signed, or it cannot be read.
    pub async fn verify(&self, outside: OutsideCheckpoints) -> Result<Verified, VerifyError> {
        self.verify_with(outside, &Witnesses::default()).await
    }

    /// Does the same, and compares the log with what destinations hold.
    ///
    /// # Errors
    /// As [`StoredLog::verify`].
    pub async fn verify_with(
        &self,
        outside: OutsideCheckpoints,
        witnesses: &Witnesses,
    ) -> Result<Verified, VerifyError> {
        let (own, entry_key) = (self.own_key().await, self.entry_key());
        verify_with(&self.store, outside, &self.mark_file(), own.as_ref(), entry_key.as_ref(), &witnesses.held).await
    }

    /// Reads back what destinations hold of this log.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn witnesses(
        &self,
        destinations: &[Destination],
        token: Option<SecretString>,
    ) -> Result<Witnesses, StoreError> {
        let messenger = Messenger::new(token);
        let keys = known_keys(&mut self.store.read().await?, self.own_key().await.as_ref()).await?;
        let mut witnesses = Witnesses::default();
        for destination in destinations {
            let name = destination.to_string();
            match timeout(PATIENCE, read_back(&messenger, destination, &keys)).await {
                Ok(Ok(Some(held))) => witnesses.held.push(held),
                Ok(Ok(None)) => witnesses.unread.push((name, "it cannot be asked what it holds".to_owned())),
                Ok(Err(why)) => witnesses.failed.push((name, why.to_string())),
                Err(_) => witnesses.failed.push((name, "it does not answer in time".to_owned())),
            }
        }
        Ok(witnesses)
    }

    /// Records that this system account knows what the log contradicts, and signs the log as it is. Returns what was
    /// acknowledged: nothing if the log contradicts nothing.
    ///
    /// # Errors
    /// `Invalid` without a reason, or if the log cannot be written or signed.
    pub async fn acknowledge(&self, account: &str, reason: &str, witnesses: &Witnesses) -> Result<Vec<Alarm>> {
        let required = || Problem::ReasonRequired { why: ReasonRequired::Destructive }.of("reason");
        let reason = Reason::read(reason).map_err(|problem| problem.of("reason"))?.ok_or_else(required)?;
        let seal = self.seal().await.map_err(|error| crate::Error::Internal(error.to_string()))?;
        let store = self.store.clone().with_entry_key(seal.entry_key());
        let said = acknowledge(&store, &seal, account, &reason, &witnesses.held).await;
        said.map_err(|error| match error {
            SignError::Store(error) => error.into(),
            error => crate::Error::Internal(error.to_string()),
        })
    }

    /// What the log's signatures rest on, with these destinations, or else with all that were ever configured.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn trust(&self, destinations: &[Destination]) -> Result<Trust, StoreError> {
        let mut conn = self.store.read().await?;
        let names = match destinations {
            [] => store::checkpoints::destinations(&mut conn).await?,
            some => some.iter().map(ToString::to_string).collect(),
        };
        trust(&mut conn, &names).await
    }

    /// Makes the search index again in memory and compares it with `index.db`. The log itself should be verified first.
    ///
    /// # Errors
    /// [`VerifyError::Index`] if it differs.
    pub async fn verify_index(&self) -> Result<IndexCheck, VerifyError> {
        let why = match compare(&self.store, &self.data_dir).await? {
            IndexCheck::Damaged => "is damaged".to_owned(),
            IndexCheck::OfAnotherLog => "belongs to another log".to_owned(),
            IndexCheck::Differs(Difference::Counts) => {
                "differs from the log in the counts behind the charts".to_owned()
            }
            IndexCheck::Differs(Difference::Document(sequence) | Difference::Times(sequence)) => {
                format!("differs from the log at the operation that begins with entry {sequence}")
            }
            agrees => return Ok(agrees),
        };
        Err(VerifyError::Index { why })
    }

    /// The public key that checks checkpoints and bundles.
    ///
    /// # Errors
    /// If the log has not been signed yet.
    pub async fn public_key(&self) -> Result<VerifierKey, SigningKeyError> {
        existing_verifier_key(&self.store, &self.data_dir, self.signing_key_file.as_deref()).await
    }

    /// Which destinations take no checkpoints or are behind, as the serving portal has recorded it.
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
        let seal = self.seal().await.map_err(|error| crate::Error::Internal(error.to_string()))?;
        let store = self.store.clone().with_entry_key(seal.entry_key());
        export_for(&store, &seal, EntryActor::command_line(account), query, format).await
    }

    fn mark_file(&self) -> MarkFile {
        MarkFile::new(&self.data_dir, self.signing_key_file.as_deref(), self.mark_file.as_deref())
    }

    /// The key of entries' HMACs, if the key file is here. A key that was given may be another than that in the file.
    fn entry_key(&self) -> Option<EntryKey> {
        let key = signing_key_here(&self.data_dir, self.signing_key_file.as_deref())?;
        let is_other = self.key.as_ref().is_some_and(|given| given.to_string() != key.verifier().to_string());
        (!is_other).then(|| entry_key(&key))
    }

    /// The key that signs, if there is one.
    async fn own_key(&self) -> Option<VerifierKey> {
        match &self.key {
            Some(key) => Some(key.clone()),
            None => self.public_key().await.ok(),
        }
    }

    async fn seal(&self) -> Result<Seal, SigningKeyError> {
        Seal::load(&self.store, &self.data_dir, self.signing_key_file.as_deref(), self.mark_file.as_deref()).await
    }
}
