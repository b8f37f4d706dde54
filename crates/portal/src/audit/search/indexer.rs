//! Keeping the search index up to date with the log, beside it and in transactions of its own, so that an entry costs
//! nothing more. A search waits until what was committed before it is indexed.

use std::{sync::Arc, time::Duration};

use store::{
    Entry, OperationSummary, ReviewStanding, State, Store, StoreError, Took,
    index::{
        Index, Progress,
        document::Document,
        documents::Rewriting,
        facets::{
            OutcomeFilter, ReviewFilter, facet_of_action, facet_of_outcome, facet_of_review, facet_of_team,
            facet_of_took, target_phrase,
        },
    },
};
use tokio::{sync::Mutex, time::timeout};

/// The version of the documents that `document` makes. A change fills the index anew.
const VERSION: i64 = 3;
/// How many entries one transaction indexes. Few enough that a search that waits gets its turn soon.
const BATCH: i64 = 256;
/// How long a search waits for the index.
const PATIENCE: Duration = Duration::from_secs(2);

/// Fills the index.
pub(crate) struct Indexer {
    store: Store,
    index: Index,
    /// One task fills it at a time; others wait and find it full.
    filling: Mutex<()>,
}

impl Indexer {
    pub fn new(store: Store, index: Index) -> Arc<Self> {
        Arc::new(Self { store, index, filling: Mutex::default() })
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Indexes every entry that was committed before this call.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        self.index.repair().await?;
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
            self.index.restart(VERSION).await?;
            progress = self.index.progress().await?;
        }
        if progress.indexed >= head {
            return Ok(progress.indexed);
        }
        let to = head.min(progress.indexed + BATCH);
        let Some(leaf) = store::tree::leaf(&mut conn, to).await? else {
            return Err(StoreError::damaged("audit log", format!("entry {to} is missing")));
        };
        let touched = store::search::touched(&mut conn, progress.indexed, to).await?;
        let operations = store::operations::at(&mut conn, &touched).await?;
        let mut entries = store::operations::entries_at(&mut conn, &touched).await?;
        let documents: Vec<Document> = operations
            .iter()
            .map(|operation| document(operation, &entries.remove(&operation.sequence).unwrap_or_default()))
            .collect();
        self.index.put(&documents, &progress, to, &leaf).await?;
        Ok(to)
    }
}

/// Whether the index belongs to this log: not if the log was replaced by another, or by an older copy.
async fn is_of_this_log(conn: &mut store::Read, progress: &Progress) -> Result<bool, StoreError> {
    match progress.indexed {
        0 => Ok(true),
        indexed => Ok(store::tree::leaf(conn, indexed).await?.is_some_and(|leaf| progress.leaf == Some(leaf))),
    }
}

/// What an operation is found by: its row, and those of its entries that have their contents. Names, reasons and
/// Workato's words, but no words of the portal's pages.
fn document(operation: &OperationSummary, entries: &[Entry]) -> Document {
    let mut words = vec![operation.action.as_str().replace('.', " ")];
    words.extend(operation.team_name.clone());
    words.extend(operation.team_slug.as_ref().map(ToString::to_string));
    for entry in entries {
        words.extend(entry.reason.clone());
        words.extend(entry.workato.as_ref().and_then(|said| said.message.clone()));
    }
    if let Some(first) = entries.first() {
        words.extend(first.actor.ip.clone());
        words.extend(first.parameters.values().filter_map(|value| value.as_str().map(str::to_owned)));
        let person = first.evidence.as_ref().and_then(|evidence| evidence.pointer("/person/name")?.as_str());
        words.extend(person.map(str::to_owned));
    }
    // A review is found by what it is about.
    words.extend(operation.about.iter().filter_map(|about| about.target.as_ref()?.name.clone()));
    let others = entries.first().map(|entry| entry.targets.as_slice()).unwrap_or_default().iter().skip(1);
    let targets = operation.target.iter().chain(others);
    let target = targets.map(|target| {
        let (kind, id) = (target.kind, &target.id);
        format!("{} {kind} {}", target_phrase(kind, id), target.name.as_deref().unwrap_or_default())
    });
    let actor = [Some(operation.actor_name.as_str()), operation.actor_email.as_deref()];
    let took = Took::between(entries);
    Document {
        sequence: operation.sequence,
        at: operation.at,
        team: operation.team_id,
        actor: actor.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        target: target.collect::<Vec<_>>().join("\n"),
        words: words.join("\n"),
        facets: facets(operation, took),
        counted_actor: operation.actor_id.map_or_else(|| operation.actor_name.clone(), |id| id.to_string()),
        action: operation.action,
        outcome: operation.outcome.into(),
        took,
    }
}

fn facets(operation: &OperationSummary, took: Option<Took>) -> Vec<String> {
    let mut facets = vec![facet_of_action(operation.action), facet_of_outcome(operation.outcome.into())];
    facets.extend(operation.team_id.map(facet_of_team));
    facets.extend(took.map(facet_of_took));
    if operation.state == State::Waiting {
        facets.push(facet_of_outcome(OutcomeFilter::Waiting));
    }
    facets.extend(review_facets(operation).iter().map(|review| facet_of_review(*review)));
    facets
}

fn review_facets(operation: &OperationSummary) -> &'static [ReviewFilter] {
    match operation.review.as_ref().map(|review| review.standing) {
        Some(ReviewStanding::Reviewed) => &[ReviewFilter::Yes],
        Some(ReviewStanding::Flagged) => &[ReviewFilter::No, ReviewFilter::Flagged],
        Some(ReviewStanding::Answered) => &[ReviewFilter::No, ReviewFilter::Answered],
        None if operation.action.is_reviewable() => &[ReviewFilter::No],
        None => &[],
    }
}
