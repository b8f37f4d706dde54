//! Checking the log: the whole tree recomputed, every derived column compared with the bytes it came from, every
//! checkpoint with the tree. That the end was not cut off, only checkpoints from outside can show.

mod bundle;
mod checkpoints;
mod operations;
mod reading;
mod removals;
mod reviews;
#[cfg(test)]
mod tampering;

use sqlx::{Connection, SqliteConnection};
use tokio::{sync::mpsc, task::spawn_blocking};

pub use self::{
    bundle::{BundleError, VerifiedBundle, verify_bundle},
    checkpoints::{OutsideCheckpoints, OutsideError},
};
use self::{
    checkpoints::Claims,
    operations::Operations,
    reading::{Batch, read_all},
    removals::Removals,
    reviews::Reviews,
};
use super::{Entry, GrowingTree, Hash, leaf_hash};
use crate::{
    OperationId,
    store::{
        self, Store, StoreError,
        entries::{RemovedBody, StoredBody, StoredEntry},
    },
};

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
}

/// The first entry that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {sequence}: {why}")]
pub struct BadEntry {
    /// Its place in the log.
    pub sequence: i64,
    /// What is wrong with it.
    pub why: String,
}

/// Why the log could not be found whole.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// A checkpoint is not what it should be, whatever the log is.
    #[error("the checkpoint of {size} entries {place}: {why}")]
    Checkpoint {
        /// Where it was found.
        place: String,
        /// How many entries it covers.
        size: i64,
        /// What is wrong with it.
        why: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Recomputes the whole log and names the first bad sequence. The checking is done on a thread of its own.
///
/// # Errors
/// `Bad` with the first entry that is not as it was written, `Checkpoint` with the first checkpoint that cannot be one
/// of this log, `Store` when the log cannot be read.
pub async fn verify(store: &Store) -> Result<Verified, VerifyError> {
    verify_against(store, OutsideCheckpoints::default()).await
}

/// The same, held against checkpoints that somebody else kept.
///
/// # Errors
/// The same.
pub async fn verify_against(store: &Store, outside: OutsideCheckpoints) -> Result<Verified, VerifyError> {
    let mut conn = store.read().await?;
    // One view of the log, whatever is appended meanwhile.
    let mut view = conn.begin().await.map_err(StoreError::from)?;
    verify_all(&mut view, outside).await
}

pub(super) async fn verify_all(
    conn: &mut SqliteConnection,
    outside: OutsideCheckpoints,
) -> Result<Verified, VerifyError> {
    let head = store::tree::size(conn).await?;
    let mut check = Check {
        claims: Claims::new(outside),
        removals: Removals::of(store::retention::runs(conn).await?),
        operations: Operations::default(),
        reviews: Reviews::default(),
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
    // A bad entry is why reading stopped, and not the other way round.
    let check = checking.await.map_err(|error| StoreError::other("verification", error))??;
    read?;
    check.finish(conn).await
}

/// All that is compared as the log is read.
struct Check {
    claims: Claims,
    removals: Removals,
    operations: Operations,
    reviews: Reviews,
    tree: GrowingTree,
    /// How many entries are as they were written.
    count: i64,
}

impl Check {
    fn batch(&mut self, batch: Batch) -> Result<(), VerifyError> {
        self.operations.expect(batch.operations);
        self.claims.expect(batch.checkpoints);
        for stored in &batch.entries {
            self.entry(stored)?;
        }
        if self.count < batch.up_to { Err(bad(self.count + 1, "is missing").into()) } else { Ok(()) }
    }

    fn entry(&mut self, stored: &StoredEntry) -> Result<(), VerifyError> {
        let expected = self.count + 1;
        if stored.sequence != expected {
            return Err(bad(expected, "is missing").into());
        }
        match (&stored.body, &stored.removed) {
            (Some(body), _) => {
                let entry = check(stored, body, &mut self.tree)?;
                self.operations.follow(expected, entry.operation_id, Some(&entry))?;
                self.claims.learn(&entry)?;
                self.removals.learn(&entry)?;
                self.reviews.follow(&entry);
            }
            (None, Some(removed)) => {
                let operation = check_removed(stored, removed, &mut self.tree)?;
                self.operations.follow(expected, operation, None)?;
                self.removals.count(expected, removed)?;
            }
            (None, None) => return Err(bad(expected, "its body is missing").into()),
        }
        self.count = expected;
        self.claims.compare(&self.tree)
    }

    /// After the last entry nothing may be left of what was to come.
    async fn finish(mut self, conn: &mut SqliteConnection) -> Result<Verified, VerifyError> {
        if let Some(sequence) = store::entries::first_stray_body(conn).await? {
            return Err(bad(sequence, "has a body but no place in the log").into());
        }
        self.operations.expect(store::operations::rows_between(conn, self.count, i64::MAX).await?);
        self.operations.finish()?;
        self.claims.expect(store::checkpoints::of_sizes(conn, self.count, i64::MAX).await?);
        self.claims.finish(conn, self.count).await?;
        self.removals.finish()?;
        self.reviews.finish(&store::reviews::all(conn).await?)?;
        let (checkpoints, outside) = (self.claims.own, self.claims.from_outside);
        Ok(Verified { entries: self.count, root: self.tree.root(), checkpoints, outside })
    }
}

fn bad(sequence: i64, why: impl Into<String>) -> BadEntry {
    BadEntry { sequence, why: why.into() }
}

/// Checks one entry and adds it to the tree.
fn check(stored: &StoredEntry, body: &StoredBody, tree: &mut GrowingTree) -> Result<Entry, BadEntry> {
    let bad = |why: &str| bad(stored.sequence, why);
    let leaf = leaf_hash(&body.bytes);
    if stored.leaf != leaf {
        return Err(bad("its bytes do not have its leaf hash: the entry was changed"));
    }
    let entry: Entry =
        serde_json::from_slice(&body.bytes).map_err(|error| bad(&format!("its bytes are no entry: {error}")))?;
    if entry.sequence != stored.sequence {
        return Err(bad("its bytes name another sequence"));
    }
    check_subtrees(stored, tree.push(leaf))?;
    if !derived_columns_agree(body, &entry) {
        return Err(bad("what is derived from it differs from its bytes"));
    }
    Ok(entry)
}

/// Adds an entry to the tree by its hash alone, and gives the operation that it belonged to.
fn check_removed(stored: &StoredEntry, removed: &RemovedBody, tree: &mut GrowingTree) -> Result<OperationId, BadEntry> {
    let leaf = stored.leaf.as_slice().try_into().map_err(|_| bad(stored.sequence, "its leaf hash is none"))?;
    check_subtrees(stored, tree.push(leaf))?;
    removed.operation_id.parse().map_err(|_| bad(stored.sequence, "its removal names no operation"))
}

/// What the tree keeps with an entry tells where it was changed: in the smallest subtree that is another one now.
fn check_subtrees(stored: &StoredEntry, completed: &[Hash]) -> Result<(), BadEntry> {
    let mut hashes = stored.subtrees.chunks(32);
    match completed.iter().position(|computed| hashes.next() != Some(computed)) {
        None if hashes.next().is_some() => {
            Err(bad(stored.sequence, "it has more hashes of the tree than its place in it asks for"))
        }
        None => Ok(()),
        Some(level) => {
            let first = stored.sequence + 1 - (2 << level);
            let why = format!("the tree does not follow from the entries from here to {}", stored.sequence);
            Err(bad(first, why))
        }
    }
}

fn derived_columns_agree(body: &StoredBody, entry: &Entry) -> bool {
    body.operation_id == entry.operation_id.to_string() && body.stage == entry.stage.as_str()
}
