//! What the log is sealed with: the key that signs it, and the file with its high-water mark.

use std::{io, path::Path, sync::Arc};

use evidence::key::{SigningKey, VerifierKey};
use store::{Read, Store, StoreError, Write, private_file, tree::Tree};
use tokio::task::spawn_blocking;

use super::{
    history::{Held, History},
    key_file::{SigningKeyError, load_signing_key},
    mark::{FoundMark, Mark, MarkFile},
    sign_error::SignError,
};
use crate::alarms::Alarm;

/// The key and the mark's file.
#[derive(Clone)]
pub(crate) struct Seal {
    pub key: Arc<SigningKey>,
    pub mark: MarkFile,
}

impl Seal {
    /// The configured key and mark, or those in the data folder, where a key is made if there is none.
    pub async fn load(
        store: &Store,
        data_dir: &Path,
        signing_key_file: Option<&Path>,
        mark_file: Option<&Path>,
    ) -> Result<Self, SigningKeyError> {
        let key = load_signing_key(store, data_dir, signing_key_file).await?;
        let mark = MarkFile::new(data_dir, signing_key_file, mark_file);
        private_file::mend(mark.path());
        Ok(Self { key: Arc::new(key), mark })
    }

    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// What the log contradicts: the mark, its own checkpoints, and what destinations hold.
    pub(in crate::audit) async fn contradictions(
        &self,
        store: &Store,
        held: &[Held],
    ) -> Result<Vec<Alarm>, StoreError> {
        // First the mark: another process may write a newer one meanwhile, and the log can only grow.
        let mark = self.mark.read();
        let mut conn = store.snapshot().await?;
        History::of(&mut conn, Some(self.verifier())).await?.contradictions(&mark, held).await
    }

    /// Refuses if the log contradicts its mark or its own checkpoints. Before the first signature, it makes the mark
    /// of a log without entries: a signed log without a mark is an alarm.
    pub async fn check(&self, tx: &mut Write) -> Result<(), SignError> {
        if tx.is_history_in_doubt() {
            return Err(SignError::HistoryInDoubt(Vec::new()));
        }
        let mark = self.mark.read();
        let alarms = History::of(tx, Some(self.verifier())).await?.contradictions(&mark, &[]).await?;
        if !alarms.is_empty() {
            return Err(SignError::HistoryInDoubt(alarms));
        }
        if matches!(mark, FoundMark::Missing) {
            self.write(Mark::zero()).await?;
        }
        Ok(())
    }

    /// Raises the mark to the log's end, unless it is there already or the log is not signed yet. Holds the write lock, so
    /// that no other process writes an older mark after it.
    pub async fn raise_mark(&self, store: &Store) -> Result<(), SignError> {
        let FoundMark::Text(before) = self.mark.read() else { return Ok(()) };
        let mut conn = store.snapshot().await?;
        if Mark::read(&before, std::slice::from_ref(self.verifier())) == Ok(current(&mut conn).await?) {
            return Ok(());
        }
        drop(conn);
        let mut tx = store.write().await?;
        self.check(&mut tx).await?;
        self.write(current(&mut tx).await?).await
    }

    /// Makes the mark that of the log as it is, whatever the mark was.
    pub async fn reset_mark(&self, conn: &mut Read) -> Result<(), SignError> {
        self.write(current(conn).await?).await
    }

    async fn write(&self, mark: Mark) -> Result<(), SignError> {
        let seal = self.clone();
        let written = spawn_blocking(move || seal.mark.write(&mark, &seal.key)).await.map_err(io::Error::other);
        let failed = |cause| SignError::Mark { path: self.mark.path().display().to_string(), cause };
        written.and_then(|written| written).map_err(failed)
    }
}

/// How far the log has come.
async fn current(conn: &mut Read) -> Result<Mark, StoreError> {
    let size = store::tree::size(conn).await?;
    let root = if size == 0 { Mark::zero().root } else { Tree::default().root(conn, size).await? };
    let newest = store::checkpoints::newest(conn).await?.map_or(0, |newest| newest.size);
    Ok(Mark { size, root, checkpoints: store::checkpoints::count(conn).await?, newest })
}
