//! What search finds an operation by, as what it is counted, and how both keep up with the log: beside it, in
//! transactions of their own, so that an entry costs nothing more. A search waits until what was committed before it
//! is in the index.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Entry, OperationSummary, OutcomeAsked, ReviewAsked, ReviewStanding, Sentence, State, Took, figures::day_of,
};
use crate::store::{
    self, Store, StoreError,
    figures::Counted,
    search_index::{
        Document, Rewriting, facet_of_action, facet_of_outcome, facet_of_review, facet_of_team, facet_of_took,
        target_phrase,
    },
};

/// Which documents `document` makes. Another number here fills the index anew.
const VERSION: i64 = 2;
/// How many entries one transaction takes in: few enough that an entry hardly waits for it.
const BATCH: i64 = 256;
/// How often it takes in what is new, so that a search finds little to wait for.
const EVERY: Duration = Duration::from_secs(1);
/// How long a search waits for the index.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the index.
pub(crate) struct Indexer {
    store: Store,
    /// One fills it at a time; whoever comes meanwhile waits and finds it full.
    filling: Mutex<()>,
}

impl Indexer {
    pub fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, filling: Mutex::default() })
    }

    /// Keeps up with the log, for as long as it is let.
    pub async fn keep_up(&self) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            if let Err(error) = self.catch_up().await {
                tracing::warn!(%error, "the search index could not be written");
            }
        }
    }

    /// Takes in every entry that was committed before this call.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let head = {
            let progress = store::search_index::progress(&mut *self.store.read().await?).await?;
            if progress.version == VERSION && progress.indexed >= progress.head {
                return Ok(());
            }
            progress.head
        };
        let _alone = self.filling.lock().await;
        while self.take_in(head).await? < head {}
        Ok(())
    }

    /// Takes in what is missing, for a search; says how many entries still are when it may not wait any longer.
    pub async fn caught_up(self: &Arc<Self>) -> Result<i64, StoreError> {
        let indexer = Arc::clone(self);
        // A task of its own: a search that waits no longer does not stop it halfway.
        let catching_up = tokio::spawn(async move { indexer.catch_up().await });
        match timeout(PATIENCE, catching_up).await {
            Ok(Ok(Ok(()))) => return Ok(0),
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the search index could not be written"),
            Ok(Err(error)) => tracing::error!(%error, "filling the search index stopped"),
            Err(_) => tracing::warn!("the search index is far behind the log"),
        }
        let progress = store::search_index::progress(&mut *self.store.read().await?).await?;
        Ok(if progress.version == VERSION { progress.head - progress.indexed } else { progress.head })
    }

    /// Rids the index's files of words that the log no longer holds: until it is rewritten they stay in what nothing
    /// refers to any more.
    pub async fn forget_what_is_gone(&self) -> Result<(), StoreError> {
        self.catch_up().await?;
        let _alone = self.filling.lock().await;
        let mut rewriting = Rewriting::Begins;
        loop {
            let mut tx = self.store.write().await?;
            store::retention::overwrite_what_is_removed(&mut tx, true).await?;
            let more = store::search_index::rewrite(&mut tx, rewriting).await;
            store::retention::overwrite_what_is_removed(&mut tx, false).await?;
            let more = more.map_err(StoreError::while_writing)?;
            tx.commit().await.map_err(StoreError::Unwritable)?;
            if !more {
                return Ok(());
            }
            rewriting = Rewriting::GoesOn;
        }
    }

    /// Takes in the next entries, in one transaction; gives the last that is in the index then.
    async fn take_in(&self, head: i64) -> Result<i64, StoreError> {
        let mut tx = self.store.write().await?;
        let mut progress = store::search_index::progress(&mut tx).await?;
        if progress.version != VERSION {
            store::search_index::restart(&mut tx, VERSION).await.map_err(StoreError::while_writing)?;
            progress.indexed = 0;
        }
        if progress.indexed >= head {
            return Ok(progress.indexed);
        }
        let to = head.min(progress.indexed + BATCH);
        let touched = store::search_index::touched(&mut tx, progress.indexed, to).await?;
        let operations = store::operations::at(&mut tx, &touched).await?;
        let mut entries = store::operations::entries_at(&mut tx, &touched).await?;
        let (mut documents, mut counted) = (Vec::new(), Vec::new());
        for operation in &operations {
            let entries = entries.remove(&operation.sequence).unwrap_or_default();
            documents.push(document(operation, &entries));
            counted.push(as_counted(operation, &entries));
        }
        store::search_index::put(&mut tx, &documents).await.map_err(StoreError::while_writing)?;
        store::figures::recount(&mut tx, &counted).await.map_err(StoreError::while_writing)?;
        store::search_index::advance(&mut tx, to).await.map_err(StoreError::while_writing)?;
        tx.commit().await.map_err(StoreError::Unwritable)?;
        Ok(to)
    }
}

/// What an operation is found by: its row, and those of its entries whose bodies are still there.
fn document(operation: &OperationSummary, entries: &[Entry]) -> Document {
    let sentence = Sentence::of(operation);
    let action = operation.action.as_str().replace('.', " ");
    let mut words = vec![sentence.text(), action];
    words.extend(operation.team_name.clone());
    words.extend(operation.team_slug.as_ref().map(ToString::to_string));
    for entry in entries {
        words.extend(entry.reason.clone());
        words.extend(entry.workato.as_ref().and_then(|said| said.message.clone()));
    }
    let mut targets: Vec<_> = operation.target.iter().collect();
    targets.extend(entries.first().iter().flat_map(|entry| &entry.targets).skip(1));
    let target = targets.iter().map(|target| {
        let (kind, id) = (target.kind, &target.id);
        format!("{} {kind} {}", target_phrase(kind, id), target.name.as_deref().unwrap_or_default())
    });
    let actor = [Some(operation.actor_name.as_str()), operation.actor_email.as_deref()];
    Document {
        sequence: operation.sequence,
        at: operation.at,
        actor: actor.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        target: target.collect::<Vec<_>>().join("\n"),
        words: words.join("\n"),
        facets: facets(operation, Took::between(entries)),
    }
}

/// As what an operation is counted for the pictures.
fn as_counted(operation: &OperationSummary, entries: &[Entry]) -> Counted {
    Counted {
        sequence: operation.sequence,
        day: day_of(operation.at),
        team: operation.team_id,
        actor: operation.actor_id.map_or_else(|| operation.actor_name.clone(), |id| id.to_string()),
        action: operation.action,
        outcome: operation.outcome.into(),
        took: Took::between(entries),
    }
}

fn facets(operation: &OperationSummary, took: Option<Took>) -> Vec<String> {
    let mut facets = vec![facet_of_action(operation.action), facet_of_outcome(operation.outcome.into())];
    facets.extend(operation.team_id.map(facet_of_team));
    facets.extend(took.map(facet_of_took));
    if operation.state == State::Waiting {
        facets.push(facet_of_outcome(OutcomeAsked::Waiting));
    }
    facets.extend(review_facets(operation).iter().map(|review| facet_of_review(*review)));
    facets
}

fn review_facets(operation: &OperationSummary) -> &'static [ReviewAsked] {
    match operation.review.as_ref().map(|review| review.standing) {
        Some(ReviewStanding::Reviewed) => &[ReviewAsked::Yes],
        Some(ReviewStanding::Flagged) => &[ReviewAsked::No, ReviewAsked::Flagged],
        Some(ReviewStanding::Answered) => &[ReviewAsked::No, ReviewAsked::Answered],
        None if operation.action.is_reviewable() => &[ReviewAsked::No],
        None => &[],
    }
}
