//! Verifying the log: the whole tree recomputed, every derived column compared with the bytes it came from, every
//! checkpoint compared with the tree. Only checkpoints that somebody else kept can show that the end was cut off.

mod acknowledged;
mod bundle;
mod clock;
mod code_rows;
mod data_keys;
mod factor_rows;
mod feed_rows;
#[cfg(test)]
mod forgeries;
mod job_rows;
mod link_rows;
mod operations;
mod outside_files;
mod promotion_rows;
mod reading;
mod removals;
#[cfg(test)]
mod request_rows;
mod reviews;
mod rights;
mod said;
#[cfg(test)]
mod tampering;
#[cfg(test)]
pub(crate) mod test_rows;
#[cfg(test)]
mod walk;

use evidence::{
    key::VerifierKey,
    tree::{GrowingTree, Hash},
    verify::{
        BadEntry, CheckpointCheck, CheckpointMismatch, IN_DATABASE, OutsideCheckpoints, OwnCheckpoint, check_subtrees,
    },
};
use store::{Action, Entry, EntryKey, Read, Store, StoreError, checkpoints::StoredCheckpoint, entries::StoredEntry};
use tokio::{sync::mpsc, task::spawn_blocking};

use self::{
    acknowledged::Acknowledged,
    clock::Clock,
    data_keys::{Rotations, check_data_keys},
    operations::Operations,
    reading::{Batch, read_all},
    removals::Removals,
    reviews::Reviews,
    rights::Rights,
};
pub use self::{
    bundle::{VerifiedBundle, verify_bundle},
    outside_files::{OutsideFileError, read_outside_checkpoints},
    rights::{BadRight, CheckedRows},
};

use super::sealing::{
    history::{Held, History, forged_entry, missing_triggers},
    mark::MarkFile,
};
use crate::alarms::Alarm;

/// Batches that reading may be ahead of checking.
const BATCHES_AHEAD: usize = 4;

/// The log as it was found: whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: i64,
    /// The tree's root over all of them.
    pub root: Hash,
    /// How many of the log's own checkpoints agree with it: all there are.
    pub checkpoints: i64,
    /// How many checkpoints from outside agree with it: all that were given.
    pub outside: i64,
    /// How many entries say that the clock was set back.
    pub clock_set_back: i64,
    /// The rows that grant or hide something: all agree with it.
    pub rows: CheckedRows,
}

/// Why the log is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// An entry, a derived row or a checkpoint is not as it was written.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// A checkpoint is not valid.
    #[error("the checkpoint of {size} entries {place}: {why}")]
    Checkpoint {
        /// Where it was found.
        place: String,
        /// How many entries it covers.
        size: i64,
        /// What is wrong with it.
        why: String,
    },
    /// The entries agree with each other, but not with what was signed or is held elsewhere, or the database was tampered
    /// with.
    #[error("the log cannot be trusted: {}", codes(.0))]
    History(Vec<Alarm>),
    /// A row that grants or hides something is not what the log says.
    #[error(transparent)]
    Right(#[from] BadRight),
    /// The search index is not what the log makes it.
    #[error(
        "the search index {why}: searches may miss operations, exports and bundles do not; a portal that serves this \
         folder rebuilds it"
    )]
    Index {
        /// What is wrong with it.
        why: String,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CheckpointMismatch> for VerifyError {
    fn from(mismatch: CheckpointMismatch) -> Self {
        match mismatch {
            CheckpointMismatch::Bad(bad) => Self::Bad(bad),
            CheckpointMismatch::Checkpoint { place, size, why } => Self::Checkpoint { place, size, why },
        }
    }
}

/// Recomputes the whole log, on a thread of its own, and names the first bad sequence.
///
/// # Errors
/// [`VerifyError::Bad`] for the first entry that is not as it was written, [`VerifyError::Checkpoint`] for the first
/// checkpoint that cannot be one of this log.
pub async fn verify(store: &Store) -> Result<Verified, VerifyError> {
    verify_against(store, OutsideCheckpoints::default()).await
}

/// Does the same, and compares the log with checkpoints that somebody else kept.
///
/// # Errors
/// As [`verify`].
pub async fn verify_against(store: &Store, outside: OutsideCheckpoints) -> Result<Verified, VerifyError> {
    verify_all(&mut store.snapshot().await?, outside, None).await
}

/// Does the same, and compares the log with its high-water mark and with what destinations hold. `own` is the key that
/// signs, if it is known, and `entry_key` that of entries' HMACs.
///
/// # Errors
/// As [`verify`], and [`VerifyError::History`] if the log is whole but not the one that was signed.
pub(in crate::audit) async fn verify_with(
    store: &Store,
    outside: OutsideCheckpoints,
    mark: &MarkFile,
    own: Option<&VerifierKey>,
    entry_key: Option<&EntryKey>,
    held: &[Held],
) -> Result<Verified, VerifyError> {
    // First the mark: a serving portal may write a newer one meanwhile, and the log can only grow.
    let mark = mark.read();
    let mut conn = store.snapshot().await?;
    let verified = verify_all(&mut conn, outside, own).await?;
    let mut alarms = History::of(&mut conn, own).await?.contradictions(&mark, held).await?;
    if let Some(key) = entry_key {
        alarms.extend(forged_entry(&mut conn, key, i64::MAX).await?);
    }
    alarms.extend(missing_triggers(&mut conn).await?);
    alarms.extend(store::schema::damage(&mut conn).await?.map(|why| Alarm::DatabaseDamaged { why }));
    if alarms.is_empty() { Ok(verified) } else { Err(VerifyError::History(alarms)) }
}

fn codes(alarms: &[Alarm]) -> String {
    let codes: Vec<_> = alarms.iter().map(|alarm| alarm.code().as_str()).collect();
    codes.join(", ")
}

/// Recomputes the log in the caller's view of the database, without the rows that grant something.
///
/// # Errors
/// As [`verify`].
pub(in crate::audit) async fn verify_view(conn: &mut Read, own: &VerifierKey) -> Result<(), VerifyError> {
    read_and_check(conn, OutsideCheckpoints::default(), Some(own)).await?.finish_log(conn).await
}

async fn verify_all(
    conn: &mut Read,
    outside: OutsideCheckpoints,
    own: Option<&VerifierKey>,
) -> Result<Verified, VerifyError> {
    read_and_check(conn, outside, own).await?.finish(conn).await
}

async fn read_and_check(
    conn: &mut Read,
    outside: OutsideCheckpoints,
    own: Option<&VerifierKey>,
) -> Result<Check, VerifyError> {
    let checkpoints = CheckpointCheck::new(outside);
    let listed: Vec<VerifierKey> =
        store::checkpoints::keys(conn).await?.iter().filter_map(|key| key.parse().ok()).collect();
    checkpoints.check_outside(&listed)?;
    let head = store::tree::size(conn).await?;
    let mut check = Check {
        acknowledged: Acknowledged::of(conn, own).await?,
        own: own.cloned(),
        key: None,
        checkpoints,
        removals: Removals::of(store::retention::runs(conn).await?),
        operations: Operations::default(),
        reviews: Reviews::default(),
        clock: Clock::default(),
        rights: Rights::default(),
        rotations: Rotations::default(),
        tree: GrowingTree::default(),
        count: 0,
    };
    let (sender, mut batches) = mpsc::channel::<Batch>(BATCHES_AHEAD);
    let checking = spawn_blocking(move || {
        while let Some(batch) = batches.blocking_recv() {
            check.batch(batch)?;
        }
        Ok::<_, VerifyError>(check)
    });
    let read = read_all(conn, head, sender).await;
    // If an entry is bad, the check has stopped, and reading stopped because of that.
    let check = checking.await.map_err(|error| StoreError::damaged("verification", error))??;
    read?;
    Ok(check)
}

/// All that is compared as the log is read.
struct Check {
    acknowledged: Acknowledged,
    /// The key that signs now, if it is known.
    own: Option<VerifierKey>,
    /// The key that signed when the entry was written.
    key: Option<VerifierKey>,
    checkpoints: CheckpointCheck,
    removals: Removals,
    operations: Operations,
    reviews: Reviews,
    clock: Clock,
    rights: Rights,
    rotations: Rotations,
    tree: GrowingTree,
    /// How many entries are as they were written.
    count: i64,
}

impl Check {
    fn batch(&mut self, batch: Batch) -> Result<(), VerifyError> {
        self.operations.expect(batch.operations);
        let checkpoints: Vec<_> = self.acknowledged.without(batch.checkpoints).collect();
        self.clock.expect(&checkpoints);
        self.checkpoints.expect(checkpoints.into_iter().map(own));
        for stored in &batch.entries {
            self.entry(stored)?;
        }
        if self.count < batch.up_to { Err(bad(self.count + 1, "it is missing").into()) } else { Ok(()) }
    }

    fn entry(&mut self, stored: &StoredEntry) -> Result<(), VerifyError> {
        let expected = self.count + 1;
        if stored.sequence != expected {
            return Err(bad(expected, "it is missing").into());
        }
        let leaf: Hash = stored.leaf.as_slice().try_into().map_err(|_| bad(expected, "its leaf hash is not a hash"))?;
        match (stored.checked()?, &stored.removed) {
            (Some(entry), _) => {
                check_subtrees(&mut self.tree, leaf, expected, &stored.subtrees)?;
                self.operations.follow(expected, entry.operation_id, Some(&entry))?;
                self.learn_key(&entry)?;
                self.removals.learn(&entry, self.key.as_ref())?;
                self.reviews.follow(&entry);
                self.clock.follow(&entry)?;
                self.rights.follow(&entry);
                self.rotations.follow(&entry);
            }
            (None, Some(removed)) => {
                check_subtrees(&mut self.tree, leaf, expected, &stored.subtrees)?;
                let operation = removed.operation_id.parse();
                let operation = operation.map_err(|_| bad(expected, "its removal names no operation"))?;
                self.operations.follow(expected, operation, None)?;
                self.removals.count(expected, removed)?;
                self.rights.skip();
            }
            (None, None) => return Err(bad(expected, "its body is missing").into()),
        }
        self.count = expected;
        Ok(self.checkpoints.compare(&self.tree)?)
    }

    /// Takes note of a key that begins to sign.
    fn learn_key(&mut self, entry: &Entry) -> Result<(), BadEntry> {
        if entry.action == Action::AuditKeySet {
            let key = entry.parameters.get("verifier_key").and_then(|key| key.as_str()?.parse().ok());
            let key: VerifierKey = key.ok_or_else(|| bad(entry.sequence, "it names no key"))?;
            let is_own = |key: &VerifierKey| self.own.as_ref().is_some_and(|own| own.to_string() == key.to_string());
            // Once the portal's own key is named, a key that is named later was not named by the portal.
            if !self.key.as_ref().is_some_and(is_own) {
                self.key = Some(key.clone());
            }
            self.checkpoints.learn_key(key);
        }
        Ok(())
    }

    /// After the last entry nothing may be left of what was to come.
    async fn finish_log(&mut self, conn: &mut Read) -> Result<(), VerifyError> {
        if let Some(sequence) = store::entries::first_stray_body(conn).await? {
            return Err(bad(sequence, "has a body but no place in the log").into());
        }
        self.operations.expect(store::operations::rows_between(conn, self.count, i64::MAX).await?);
        std::mem::take(&mut self.operations).finish()?;
        let beyond = store::checkpoints::of_sizes(conn, self.count, i64::MAX).await?;
        self.checkpoints.expect(self.acknowledged.without(beyond).map(own));
        self.checkpoints.finish(self.count)?;
        self.clock.checkpoints_up_to(self.count)?;
        self.compare_with_tables(conn).await?;
        std::mem::take(&mut self.removals).finish(conn).await??;
        let reviews = std::mem::take(&mut self.reviews);
        reviews.finish(&store::reviews::all(conn).await?, store::reviews::count(conn).await?)?;
        Ok(())
    }

    /// Then the rows that grant something are compared with what the entries say.
    async fn finish(mut self, conn: &mut Read) -> Result<Verified, VerifyError> {
        self.finish_log(conn).await?;
        if self.count > 0 {
            check_data_keys(conn, &self.rotations).await??;
        }
        let rows = self.rights.finish(conn).await??;
        let (checkpoints, outside) = (self.checkpoints.own_count(), self.checkpoints.outside_count());
        let clock_set_back = self.clock.set_back;
        Ok(Verified { entries: self.count, root: self.tree.root(), checkpoints, outside, clock_set_back, rows })
    }

    /// None of the log's own checkpoints may be missing, and every key must be one that the log names.
    async fn compare_with_tables(&self, conn: &mut Read) -> Result<(), VerifyError> {
        let failed = |why: String| VerifyError::Checkpoint {
            place: IN_DATABASE.to_owned(),
            size: self.checkpoints.agreed(),
            why,
        };
        let missing = store::checkpoints::last_number(conn).await? - self.checkpoints.own_count();
        if missing > self.acknowledged.missing() {
            return Err(failed("one or more of the log's own checkpoints were removed".to_owned()));
        }
        if self.checkpoints.own_count() == 0 && !self.checkpoints.named_keys().is_empty() {
            return Err(failed("the log was signed, and all of its own checkpoints were removed".to_owned()));
        }
        let named: Vec<String> = self.checkpoints.named_keys().iter().map(ToString::to_string).collect();
        match store::checkpoints::keys(conn).await?.iter().find(|key| !named.contains(key)) {
            None => Ok(()),
            Some(key) => Err(failed(format!("no entry names the key {key}"))),
        }
    }
}

fn own(stored: StoredCheckpoint) -> OwnCheckpoint {
    OwnCheckpoint { size: stored.size, note: stored.note }
}

fn bad(sequence: i64, why: impl Into<String>) -> BadEntry {
    BadEntry::new(sequence, why)
}
