//! Keeping the search index up to date with the log, beside it and in transactions of its own, so that an entry costs
//! nothing more. A search waits until what was committed before it is indexed.

use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use store::{
    Store, StoreError,
    index::{Index, Progress, documents::Rewriting, inventory::Inventory},
    tree::Tree,
};
use time::OffsetDateTime;
use tokio::{sync::Mutex, time::timeout};

use super::{
    document::{VERSION, documents_at},
    index_check::{IndexCheck, compare},
};
use crate::page_reads::note_change;

/// How many entries one transaction indexes. Few enough that a search that waits gets its turn soon.
const BATCH: i64 = 256;
/// How often it is counted whether the index has every operation.
const COUNTED_EVERY: Duration = Duration::from_secs(600);
/// How long pages say that the index was rebuilt because it did not match the log.
const REBUILT_SHOWN_FOR: time::Duration = time::Duration::HOUR;
/// How long a search waits for the index.
const PATIENCE: Duration = Duration::from_secs(2);

/// Fills the index.
pub(crate) struct Indexer {
    store: Store,
    index: Index,
    /// One task fills it at a time; others wait and find it full.
    filling: Mutex<()>,
    /// When it was last counted whether the index has every operation.
    counted: Mutex<Option<Instant>>,
    /// When the index last did not match the log.
    mismatch: std::sync::Mutex<Option<OffsetDateTime>>,
}

impl Indexer {
    pub fn new(store: Store, index: Index) -> Arc<Self> {
        Arc::new(Self {
            store,
            index,
            filling: Mutex::default(),
            counted: Mutex::default(),
            mismatch: std::sync::Mutex::default(),
        })
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Indexes every entry that was committed before this call. An index that does not match the log is rebuilt.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        match self.catch_up_once().await {
            // What was damaged is replaced in the second turn.
            Err(error) if self.index.is_damaged() => {
                tracing::warn!(%error, "the search index cannot be read and is replaced");
                self.catch_up_once().await
            }
            done => done,
        }
    }

    async fn catch_up_once(&self) -> Result<(), StoreError> {
        if self.index.repair().await? {
            self.note_mismatch("its file was damaged, removed or replaced");
        }
        self.distrust().await?;
        let head = {
            let mut conn = self.store.read().await?;
            let head = store::tree::size(&mut conn).await?;
            let progress = self.index.progress().await?;
            if progress.version == VERSION && progress.indexed == head && is_of_this_log(&mut conn, &progress).await? {
                return Ok(());
            }
            head
        };
        let _alone = self.filling.lock().await;
        while {
            let lag = head - self.index_next(head).await?;
            metrics::gauge!("portal_index_lag_entries").set(lag.max(0) as f64);
            lag > 0
        } {}
        Ok(())
    }

    /// Replaces the index if somebody else wrote into it, or if it lacks operations or has others.
    async fn distrust(&self) -> Result<(), StoreError> {
        if self.index.was_written_by_others().await? {
            let _alone = self.filling.lock().await;
            if self.index.was_written_by_others().await? {
                self.replace_for("another process wrote into it").await?;
            }
        }
        let mut counted = self.counted.lock().await;
        if counted.is_some_and(|counted| counted.elapsed() < COUNTED_EVERY) {
            return Ok(());
        }
        let (progress, found) = self.index.inventory().await?;
        if progress.version == VERSION {
            let operations = {
                let mut conn = self.store.read().await?;
                store::search::operations_up_to(&mut conn, progress.indexed).await?
            };
            if found != Inventory::of(operations) {
                let _alone = self.filling.lock().await;
                self.replace_for("it lacks operations of the log, or has others").await?;
            }
        }
        *counted = Some(Instant::now());
        Ok(())
    }

    /// Compares the whole index with the log, and replaces it if it differs.
    pub async fn check(&self) -> Result<(), StoreError> {
        let found = compare(&self.store, self.index.folder()).await?;
        if matches!(found, IndexCheck::Damaged | IndexCheck::OfAnotherLog | IndexCheck::Differs(_)) {
            let _alone = self.filling.lock().await;
            tracing::error!(?found, "the search index differs from the log");
            self.replace_for("it differs from the log").await?;
        }
        Ok(())
    }

    async fn replace_for(&self, why: &'static str) -> Result<(), StoreError> {
        self.note_mismatch(why);
        let replaced = self.index.replace().await;
        note_change();
        replaced
    }

    fn note_mismatch(&self, why: &'static str) {
        tracing::error!(why, "the search index does not match the log and is rebuilt");
        metrics::counter!("portal_index_mismatches_total").increment(1);
        *self.mismatch.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.store.now());
        note_change();
    }

    /// When the index was found not to match the log, if that was within the last hour. It is rebuilt since then.
    pub fn mismatched_at(&self) -> Option<OffsetDateTime> {
        let at = *self.mismatch.lock().unwrap_or_else(PoisonError::into_inner);
        at.filter(|at| self.store.now() - *at < REBUILT_SHOWN_FOR)
    }

    /// Catches up for a search, which waits no longer than [`PATIENCE`]. Returns how many entries are not indexed yet.
    pub async fn caught_up(self: &Arc<Self>) -> Result<i64, StoreError> {
        let indexer = Arc::clone(self);
        // A task of its own: a search that gives up does not stop it halfway.
        let catching_up = tokio::spawn(async move { indexer.catch_up().await });
        match timeout(PATIENCE, catching_up).await {
            Ok(Ok(Ok(()))) => return Ok(0),
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the search index cannot be updated"),
            Ok(Err(error)) => tracing::error!(%error, "updating the search index stopped"),
            Err(_) => tracing::warn!("the search index is far behind the log"),
        }
        self.lag().await
    }

    /// How many entries are not indexed yet.
    pub async fn lag(&self) -> Result<i64, StoreError> {
        let head = store::tree::size(&mut self.store.read().await?).await?;
        let progress = self.index.progress().await?;
        Ok(if progress.version == VERSION { (head - progress.indexed).max(0) } else { head })
    }

    /// Removes words from the index's file that the log no longer holds. Until the index is rewritten, they stay in
    /// pages that nothing refers to.
    pub async fn forget_removed_words(&self) -> Result<(), StoreError> {
        self.catch_up().await?;
        let _alone = self.filling.lock().await;
        let mut rewriting = Rewriting::Begins;
        while self.index.rewrite(rewriting).await? {
            rewriting = Rewriting::GoesOn;
        }
        Ok(())
    }

    /// Indexes the next entries, and returns the last one that is indexed then.
    async fn index_next(&self, head: i64) -> Result<i64, StoreError> {
        let mut conn = self.store.read().await?;
        let mut progress = self.index.progress().await?;
        if progress.version != VERSION || !is_of_this_log(&mut conn, &progress).await? {
            if progress.version == VERSION {
                self.note_mismatch("it is not of this log");
            }
            self.index.restart(VERSION).await?;
            note_change();
            progress = self.index.progress().await?;
        }
        if progress.indexed >= head {
            return Ok(progress.indexed);
        }
        let to = head.min(progress.indexed + BATCH);
        let root = Tree::default().root(&mut conn, to).await?;
        let touched = store::search::touched(&mut conn, progress.indexed, to).await?;
        let documents: Vec<_> = documents_at(&mut conn, &touched).await?.into_iter().map(|(_, found)| found).collect();
        self.index.put(&documents, &progress, to, &root).await?;
        note_change();
        Ok(to)
    }
}

/// Whether the index belongs to this log: not if the log was replaced by another, or by an older copy.
async fn is_of_this_log(conn: &mut store::Read, progress: &Progress) -> Result<bool, StoreError> {
    match progress.indexed {
        0 => Ok(true),
        indexed if indexed < 0 || indexed > store::tree::size(conn).await? => Ok(false),
        indexed => {
            let root = Tree::default().root(conn, indexed).await?;
            Ok(progress.root.as_deref() == Some(root.as_slice()))
        }
    }
}
