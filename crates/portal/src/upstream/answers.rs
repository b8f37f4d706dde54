//! Answers of one kind, shared between people: equal calls in flight are one, a fresh answer is used again, and the
//! last good one is kept for when Workato does not answer. What is asked, and whose right it is, is not decided here.

use std::{fmt, future::Future, hash::Hash, ops::Deref, sync::Arc, time::Duration};

use moka::{future, policy::EvictionPolicy, sync};
use time::OffsetDateTime;
use tokio::{task::JoinHandle, time::timeout};
use tracing::Instrument;
use workato::{Class, Client, ReadError};

use crate::{Error, Result, TeamId};

/// How long an answer is kept for when there is no newer one. After a day it says too little of today.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// A wait for a turn that is long enough to show an older copy instead.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// What Workato answered, and when.
#[derive(Clone, Debug)]
pub struct Snapshot<T> {
    /// The answer.
    pub items: T,
    /// When the call began: what happened before it is in the answer.
    pub began_at: OffsetDateTime,
    /// When the answer was whole.
    pub read_at: OffsetDateTime,
    /// How long the call had waited for its turn.
    pub waited: Duration,
}

/// What a page is drawn from: an answer, and why it is not a newer one where a newer one was asked for.
#[derive(Clone, Debug)]
pub struct Shown<T> {
    /// The answer: one copy for everybody.
    pub snapshot: Arc<Snapshot<T>>,
    /// Why it is an old one.
    pub stale: Option<Stale>,
}

impl<T> Deref for Shown<T> {
    type Target = Snapshot<T>;

    fn deref(&self) -> &Snapshot<T> {
        &self.snapshot
    }
}

/// An older copy is shown, since there is no newer one.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Why there is none.
    pub why: WhyStale,
    /// When the portal sent a change, if that was after the copy was read: the copy does not know of it.
    pub changed_at: Option<OffsetDateTime>,
}

/// Why there is no newer answer.
#[derive(Clone, Debug)]
pub enum WhyStale {
    /// The call failed, in a way that says nothing of what was asked for.
    Failed(Arc<ReadError>),
    /// Workato has not answered so far. The portal goes on waiting, so that a later page has the answer.
    NotYet,
    /// The workspace's limit is used up; nothing was sent. How long until Workato may be asked again.
    LimitUsedUp(Duration),
}

/// Where an answer is filed. A change begins the next generation, so that an answer that was under way while something
/// changed is never taken for the state after it; another token begins the next epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<Q> {
    pub team: TeamId,
    pub epoch: u64,
    pub generation: u64,
    pub query: Q,
}

/// A call to be made, unless there is an answer already.
pub(super) struct Asked<Q> {
    pub key: Key<Q>,
    /// Calls for whoever asks, and for this call alone.
    pub client: Client,
    /// The limit that it counts against.
    pub class: Class,
    /// How long a page waits for the answer where there is an older one.
    pub patience: Duration,
    /// When the portal last sent a change that could be in the answer.
    pub changed_at: Option<OffsetDateTime>,
}

/// What a call comes to.
pub(super) trait Answer<T>: Future<Output = Result<T, ReadError>> + Send + 'static {}

impl<T, F: Future<Output = Result<T, ReadError>> + Send + 'static> Answer<T> for F {}

#[derive(Debug)]
struct Kept<T> {
    generation: u64,
    snapshot: Arc<Snapshot<T>>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { generation: self.generation, snapshot: Arc::clone(&self.snapshot) }
    }
}

/// The answers of one kind of call, of all teams. Bounded by what they hold, not by how many they are.
pub(super) struct Answers<Q, T> {
    fresh: future::Cache<Key<Q>, Arc<Snapshot<T>>>,
    kept: sync::Cache<(TeamId, u64, Q), Kept<T>>,
    is_kept: fn(&Q) -> bool,
}

impl<Q, T> fmt::Debug for Answers<Q, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// How much of one kind may be held.
pub(super) struct Bounds<Q, T> {
    /// How long an answer is used again.
    pub fresh_for: Duration,
    /// How many elements a single answer holds.
    pub elements: fn(&T) -> usize,
    /// How many elements all fresh answers may hold together, and so may all that are kept.
    pub most_elements: u64,
    /// Which answers are kept for when Workato does not answer.
    pub is_kept: fn(&Q) -> bool,
}

impl<Q, T> Answers<Q, T>
where
    Q: Hash + Eq + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    pub fn new(bounds: Bounds<Q, T>) -> Arc<Self> {
        let Bounds { fresh_for, elements, most_elements, is_kept } = bounds;
        // An empty answer takes room, too.
        let weight = move |items: &T| u32::try_from(elements(items).max(1)).unwrap_or(u32::MAX);
        let fresh = future::Cache::builder()
            .weigher(move |_: &Key<Q>, answer: &Arc<Snapshot<T>>| weight(&answer.items))
            .max_capacity(most_elements)
            .time_to_live(fresh_for)
            .build();
        let kept = sync::Cache::builder()
            .weigher(move |_: &(TeamId, u64, Q), kept: &Kept<T>| weight(&kept.snapshot.items))
            .max_capacity(most_elements)
            .time_to_live(KEPT_FOR)
            // The newest answer is worth more than one that was asked for more often.
            .eviction_policy(EvictionPolicy::lru())
            .support_invalidation_closures()
            .build();
        Arc::new(Self { fresh, kept, is_kept })
    }

    /// The last good answer to `query` of this team under this token.
    pub fn kept(&self, team: TeamId, epoch: u64, query: &Q) -> Option<Arc<Snapshot<T>>> {
        Some(self.kept.get(&(team, epoch, query.clone()))?.snapshot)
    }

    /// Forgets what is kept of a team. What is still under way is filed under the old epoch, where nobody looks.
    pub fn forget(&self, team: TeamId) {
        if let Err(error) = self.kept.invalidate_entries_if(move |(of, ..), _| *of == team) {
            tracing::error!(%error, "what is kept of a team could not be dropped");
        }
    }

    /// The answer for a page: a fresh one, or a new one; where that fails, or does not come soon, the older `copy` if
    /// there is one.
    pub async fn shown<F: Answer<T>>(
        self: &Arc<Self>,
        asked: Asked<Q>,
        copy: Option<Arc<Snapshot<T>>>,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<Shown<T>> {
        if let Some(snapshot) = self.fresh.get(&asked.key).await {
            return Ok(Shown { snapshot, stale: None });
        }
        let Asked { key, client, class, patience, changed_at } = asked;
        let Some(copy) = copy else {
            let snapshot = joined(self.begin(key, client, call).await)?;
            return Ok(Shown { snapshot, stale: None });
        };
        let changed_at = changed_at.filter(|at| *at > copy.began_at);
        let older = |why| Ok(Shown { snapshot: copy, stale: Some(Stale { why, changed_at }) });
        // A page has no way to come a second time by itself: rather an old copy at once, with the seconds to wait, than
        // an empty window for as long. Not so after a change: who made it waits to see it.
        let wait = client.expected_wait(class);
        if wait > LONG_WAIT && changed_at.is_none() {
            return older(WhyStale::LimitUsedUp(wait));
        }
        match timeout(patience, self.begin(key, client, call)).await {
            Err(_) => older(WhyStale::NotYet),
            Ok(answer) => match joined(answer) {
                Ok(snapshot) => Ok(Shown { snapshot, stale: None }),
                Err(Error::Workato(error)) if error.is_transient() => older(WhyStale::Failed(error)),
                Err(error) => Err(error),
            },
        }
    }

    /// The answer for a page to what changes rarely: the last good one, however old; a newer one is read beside the
    /// page where it is no longer fresh. Only who asked for a new generation waits for it.
    pub async fn lasting<F: Answer<T>>(
        self: &Arc<Self>,
        asked: Asked<Q>,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<Shown<T>> {
        let Key { team, epoch, generation, query } = &asked.key;
        let kept = self.kept.get(&(*team, *epoch, query.clone()));
        match kept {
            Some(kept) if kept.generation == *generation => {
                if !self.fresh.contains_key(&asked.key) {
                    drop(self.begin(asked.key, asked.client.in_background(), call));
                }
                Ok(Shown { snapshot: kept.snapshot, stale: None })
            }
            older => self.shown(asked, older.map(|kept| kept.snapshot), call).await,
        }
    }

    /// The answer to a call that is made now, whatever is at hand: what a change is measured against. Pages profit.
    pub async fn afresh<F: Answer<T>>(
        &self,
        key: Key<Q>,
        client: Client,
        call: impl FnOnce(Client) -> F,
    ) -> Result<Arc<Snapshot<T>>> {
        let snapshot = made(client, call).await.map_err(Arc::new)?;
        self.fresh.insert(key.clone(), Arc::clone(&snapshot)).await;
        self.keep(&key, &snapshot);
        Ok(snapshot)
    }

    /// Makes the call, unless an equal one is under way or just done. It goes on when whoever asked has left.
    fn begin<F: Answer<T>>(
        self: &Arc<Self>,
        key: Key<Q>,
        client: Client,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> JoinHandle<Result<Arc<Snapshot<T>>, Arc<ReadError>>> {
        let this = Arc::clone(self);
        let read = async move {
            let init = async {
                let answer = made(client, call).await;
                match &answer {
                    Ok(snapshot) => this.keep(&key, snapshot),
                    // What Workato no longer has is no good answer for later, either.
                    Err(ReadError::NotFound { .. }) => {
                        this.kept.invalidate(&(key.team, key.epoch, key.query.clone()));
                    }
                    Err(_) => {}
                }
                answer
            };
            this.fresh.try_get_with(key.clone(), init).await
        };
        tokio::spawn(read.in_current_span())
    }

    fn keep(&self, key: &Key<Q>, snapshot: &Arc<Snapshot<T>>) {
        if !(self.is_kept)(&key.query) {
            return;
        }
        let new = Kept { generation: key.generation, snapshot: Arc::clone(snapshot) };
        self.kept.entry((key.team, key.epoch, key.query.clone())).and_upsert_with(|entry| match entry {
            // A slow answer is no reason to lose a newer one.
            Some(entry) if entry.value().snapshot.began_at > new.snapshot.began_at => entry.into_value(),
            _ => new,
        });
    }
}

async fn made<T, F: Answer<T>>(client: Client, call: impl FnOnce(Client) -> F) -> Result<Arc<Snapshot<T>>, ReadError> {
    let began_at = OffsetDateTime::now_utc();
    let items = call(client.clone()).await?;
    Ok(Arc::new(Snapshot { items, began_at, read_at: OffsetDateTime::now_utc(), waited: client.waited() }))
}

fn joined<T>(answer: Result<Result<T, Arc<ReadError>>, tokio::task::JoinError>) -> Result<T> {
    match answer {
        Ok(answer) => Ok(answer?),
        Err(error) => Err(Error::Internal(format!("a read of Workato stopped: {error}"))),
    }
}
