//! The answers to one kind of call, shared between people. Equal calls in flight become one, a fresh answer is reused,
//! and the last good answer is kept for when Workato does not answer.

use std::{fmt, future::Future, hash::Hash, sync::Arc, time::Duration};

use moka::{future, policy::EvictionPolicy, sync};
use store::clock::Clock;
use time::OffsetDateTime;
use tokio::{task::JoinHandle, time::timeout};
use workato::{Class, Client, ReadError, in_trace};

use super::{
    pace::Pace,
    snapshot::{Shown, Snapshot, Stale, WhyStale},
};
use crate::{
    Error, PersonId, Result, TeamId,
    page_reads::{good_until, note_change, passing},
};

/// How long an answer is kept for when there is no newer one.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// If a call would wait longer than this in the queue, an older copy is shown instead.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// The cache key of an answer. A change begins the next generation, so that an answer that was under way during the
/// change is never taken for the state after it. Another token begins the next epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<Q> {
    pub team: TeamId,
    pub epoch: u64,
    pub generation: u64,
    pub query: Q,
}

/// A call that is made unless there is an answer already.
pub(super) struct Request<Q> {
    pub key: Key<Q>,
    /// Calls for the asker.
    pub client: Client,
    /// The limit that the call counts against.
    pub class: Class,
    /// How long a page waits for the answer if there is an older one.
    pub patience: Duration,
    /// When the portal last sent a change that could be in the answer.
    pub changed_at: Option<OffsetDateTime>,
    /// The person who waits, if somebody does.
    pub person: Option<PersonId>,
    /// How often Workato is asked for each person.
    pub pace: Arc<Pace>,
}

/// A call under way.
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

/// The answers to one kind of call, of all teams. Bounded by the number of elements in them.
pub(super) struct Answers<Q, T> {
    fresh: future::Cache<Key<Q>, Arc<Snapshot<T>>>,
    kept: sync::Cache<(TeamId, u64, Q), Kept<T>>,
    fresh_for: Duration,
    is_kept: fn(&Q) -> bool,
    clock: Clock,
}

impl<Q, T> fmt::Debug for Answers<Q, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// How many answers of one kind are held, and for how long.
pub(super) struct Bounds<Q, T> {
    /// How long an answer is reused.
    pub fresh_for: Duration,
    /// The number of elements of an answer.
    pub elements: fn(&T) -> usize,
    /// The most elements in all fresh answers together, and in all kept answers together.
    pub most_elements: u64,
    /// Whether the answer to a query is kept for when Workato does not answer.
    pub is_kept: fn(&Q) -> bool,
}

impl<Q, T> Answers<Q, T>
where
    Q: Hash + Eq + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    pub fn new(bounds: Bounds<Q, T>, clock: Clock) -> Arc<Self> {
        let Bounds { fresh_for, elements, most_elements, is_kept } = bounds;
        // An empty answer counts as one element.
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
            // The newest answer is worth more than one that is read more often.
            .eviction_policy(EvictionPolicy::lru())
            .support_invalidation_closures()
            .build();
        Arc::new(Self { fresh, kept, fresh_for, is_kept, clock })
    }

    /// The last good answer to `query` of this team under this token.
    pub fn kept(&self, team: TeamId, epoch: u64, query: &Q) -> Option<Arc<Snapshot<T>>> {
        Some(self.kept.get(&(team, epoch, query.clone()))?.snapshot)
    }

    /// Forgets the kept answers of a team. Calls under way store theirs under the old epoch, where nobody looks.
    pub fn forget(&self, team: TeamId) {
        if let Err(error) = self.kept.invalidate_entries_if(move |(of, ..), _| *of == team) {
            tracing::error!(%error, "cannot drop the kept answers of a team");
        }
        note_change();
    }

    /// The answer for a page: a fresh one, or a new one. If the call fails or takes too long, the older `copy`, if
    /// there is one.
    pub async fn shown<F: Answer<T>>(
        self: &Arc<Self>,
        request: Request<Q>,
        copy: Option<Arc<Snapshot<T>>>,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<Shown<T>> {
        if let Some(fresh) = self.fresh.get(&request.key).await {
            return Ok(self.current(fresh));
        }
        match copy {
            None => Ok(self.current(finished(self.begin(request.key, request.client, call).await)?)),
            Some(copy) => self.newer_than(copy, request, call).await,
        }
    }

    /// A new answer if Workato gives one soon enough, otherwise `copy`.
    async fn newer_than<F: Answer<T>>(
        self: &Arc<Self>,
        copy: Arc<Snapshot<T>>,
        request: Request<Q>,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<Shown<T>> {
        let Request { key, client, class, patience, changed_at, person, pace } = request;
        let client = client.refreshing();
        let changed_at = changed_at.filter(|at| *at > copy.began_at);
        let stale = |why| {
            passing();
            Ok(Shown { snapshot: copy, stale: Some(Stale { why, changed_at }) })
        };
        // A page cannot reload itself, so an old copy that says how long to wait is better than an empty window. After
        // a change it is not: the person who made the change waits to see it.
        let wait = client.expected_wait(class);
        if wait > LONG_WAIT && changed_at.is_none() {
            return stale(WhyStale::LimitUsedUp(wait));
        }
        if changed_at.is_none() && !pace.admits(person) {
            return stale(WhyStale::TooFast);
        }
        let Ok(answer) = timeout(patience, self.begin(key, client, call)).await else {
            return stale(WhyStale::NotYet);
        };
        match finished(answer) {
            Ok(snapshot) => Ok(self.current(snapshot)),
            Err(Error::Workato(error)) if error.is_transient() => stale(WhyStale::Failed(error)),
            Err(error) => Err(error),
        }
    }

    /// The answer for a page to what changes rarely: the last good answer, however old. If it is not fresh, a newer one
    /// is read in the background. Only a person who asked for a new generation waits for it.
    pub async fn lasting<F: Answer<T>>(
        self: &Arc<Self>,
        request: Request<Q>,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<Shown<T>> {
        let Key { team, epoch, generation, query } = &request.key;
        match self.kept.get(&(*team, *epoch, query.clone())) {
            Some(kept) if kept.generation == *generation => {
                if self.fresh.contains_key(&request.key) {
                    self.note_age(&kept.snapshot);
                } else {
                    passing();
                    drop(self.begin(request.key, request.client.in_background(), call));
                }
                Ok(Shown::current(kept.snapshot))
            }
            older => self.shown(request, older.map(|kept| kept.snapshot), call).await,
        }
    }

    /// The answer to a call that is made now, even if there is a fresh answer: the state before a change. Pages reuse
    /// it.
    pub async fn now<F: Answer<T>>(
        &self,
        key: Key<Q>,
        client: Client,
        call: impl FnOnce(Client) -> F,
    ) -> Result<Arc<Snapshot<T>>> {
        let snapshot = made(client, call, &self.clock).await.map_err(Arc::new)?;
        self.fresh.insert(key.clone(), Arc::clone(&snapshot)).await;
        self.keep(&key, &snapshot);
        note_change();
        Ok(snapshot)
    }

    /// Makes the call, unless an equal one is under way or just done. The call continues if the asker hangs up.
    fn begin<F: Answer<T>>(
        self: &Arc<Self>,
        key: Key<Q>,
        client: Client,
        call: impl FnOnce(Client) -> F + Send + 'static,
    ) -> JoinHandle<Result<Arc<Snapshot<T>>, Arc<ReadError>>> {
        let this = Arc::clone(self);
        let read = async move {
            let init = async {
                let answer = made(client, call, &this.clock).await;
                match &answer {
                    Ok(snapshot) => this.keep(&key, snapshot),
                    // What Workato no longer has must not be shown later.
                    Err(ReadError::NotFound { .. }) => {
                        this.kept.invalidate(&(key.team, key.epoch, key.query.clone()));
                    }
                    Err(_) => {}
                }
                answer
            };
            let answer = this.fresh.try_get_with(key.clone(), init).await;
            note_change();
            answer
        };
        tokio::spawn(in_trace(read))
    }

    /// An answer that is reused until it is not fresh any longer.
    fn current(&self, fresh: Arc<Snapshot<T>>) -> Shown<T> {
        self.note_age(&fresh);
        Shown::current(fresh)
    }

    fn note_age(&self, fresh: &Snapshot<T>) {
        good_until(fresh.read_at + self.fresh_for);
    }

    fn keep(&self, key: &Key<Q>, snapshot: &Arc<Snapshot<T>>) {
        if !(self.is_kept)(&key.query) {
            return;
        }
        let new = Kept { generation: key.generation, snapshot: Arc::clone(snapshot) };
        self.kept.entry((key.team, key.epoch, key.query.clone())).and_upsert_with(|entry| match entry {
            // A slow answer must not replace a newer one.
            Some(entry) if entry.value().snapshot.began_at > new.snapshot.began_at => entry.into_value(),
            _ => new,
        });
    }
}

async fn made<T, F: Answer<T>>(
    client: Client,
    call: impl FnOnce(Client) -> F,
    clock: &Clock,
) -> Result<Arc<Snapshot<T>>, ReadError> {
    let began_at = clock.now();
    let items = call(client.clone()).await?;
    Ok(Arc::new(Snapshot { items, began_at, read_at: clock.now(), waited: client.waited() }))
}

/// The answer of a call that ran as a task.
fn finished<T>(answer: Result<Result<T, Arc<ReadError>>, tokio::task::JoinError>) -> Result<T> {
    match answer {
        Ok(answer) => Ok(answer?),
        Err(error) => Err(Error::Internal(format!("a call to Workato panicked: {error}"))),
    }
}
