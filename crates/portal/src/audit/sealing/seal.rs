//! What the log is sealed with: the key that signs it, and the file with its high-water mark.

use std::{io, path::Path, sync::Arc};

use evidence::key::{SigningKey, VerifierKey};
use store::{EntryKey, Read, Store, StoreError, Write, private_file, tree::Tree};
use tokio::task::spawn_blocking;

use super::{
    history::{Held, History, forged_entry},
    key_file::{SigningKeyError, load_signing_key},
    mark::{FoundMark, Mark, MarkFile},
    sign_error::SignError,
};
use crate::alarms::{Alarm, Severity};

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

    /// Makes the mark of a log without entries. From then on, a log without a mark is an alarm.
    pub async fn begin_mark(&self, store: &Store) -> Result<(), SigningKeyError> {
        if !matches!(self.mark.read(), FoundMark::Missing) {
            return Ok(());
        }
        // With the write lock, so that no other process writes a newer one meanwhile.
        let mut tx = store.write().await?;
        if store::tree::size(&mut tx).await? == 0 && matches!(self.mark.read(), FoundMark::Missing) {
            let failed = |cause| SigningKeyError::Mark { path: self.mark.path().display().to_string(), cause };
            self.put(Mark::zero()).await.map_err(failed)?;
        }
        Ok(())
    }

    /// The key of entries' HMACs.
    pub fn entry_key(&self) -> EntryKey {
        entry_key(&self.key)
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
        let mut alarms = History::of(&mut conn, Some(self.verifier())).await?.contradictions(&mark, held).await?;
        alarms.extend(forged_entry(&mut conn, &self.entry_key(), i64::MAX).await?);
        Ok(alarms)
    }

    /// Refuses if the log contradicts its mark or its own checkpoints.
    pub async fn check(&self, tx: &mut Write) -> Result<(), SignError> {
        if tx.is_history_in_doubt() {
            return Err(SignError::HistoryInDoubt(Vec::new()));
        }
        let mark = self.mark.read();
        let mut alarms = History::of(tx, Some(self.verifier())).await?.contradictions(&mark, &[]).await?;
        alarms.retain(|alarm| alarm.code().severity() == Severity::History);
        if !alarms.is_empty() {
            return Err(SignError::HistoryInDoubt(alarms));
        }
        Ok(())
    }

    /// Refuses to sign entries that the portal did not append. Nothing above `up_to` is about to be signed.
    pub async fn check_entries(&self, tx: &mut Write, up_to: i64) -> Result<(), SignError> {
        match forged_entry(tx, &self.entry_key(), up_to).await? {
            Some(alarm) => Err(SignError::HistoryInDoubt(vec![alarm])),
            None => Ok(()),
        }
    }

    /// Raises the mark to the log's end, unless it is there already. Holds the write lock, so
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
        self.check_entries(&mut tx, i64::MAX).await?;
        self.write(current(&mut tx).await?).await
    }

    /// Makes the mark that of the log as it is, whatever the mark was.
    pub async fn reset_mark(&self, conn: &mut Read) -> Result<(), SignError> {
        self.write(current(conn).await?).await
    }

    async fn write(&self, mark: Mark) -> Result<(), SignError> {
        let failed = |cause| SignError::Mark { path: self.mark.path().display().to_string(), cause };
        self.put(mark).await.map_err(failed)
    }

    async fn put(&self, mark: Mark) -> io::Result<()> {
        let seal = self.clone();
        spawn_blocking(move || seal.mark.write(&mark, &seal.key)).await.map_err(io::Error::other)?
    }
}

/// The key of entries' HMACs.
pub(in crate::audit) fn entry_key(key: &SigningKey) -> EntryKey {
    EntryKey::new(key.derive("audit entries"))
}

/// How far the log has come.
async fn current(conn: &mut Read) -> Result<Mark, StoreError> {
    let size = store::tree::size(conn).await?;
    let root = if size == 0 { Mark::zero().root } else { Tree::default().root(conn, size).await? };
    let newest = store::checkpoints::newest(conn).await?.map_or(0, |newest| newest.size);
    let compared = store::seen::compared(conn).await?;
    Ok(Mark { size, root, checkpoints: store::checkpoints::count(conn).await?, newest, compared })
}
