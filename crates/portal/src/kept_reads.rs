//! What every page reads, kept as long as the database stays the same: the session, the teams, and what the frame shows.
//! SQLite answers each read on a thread of its own: of the 2.4 ms of a page of twelve reads, 42 % were the kernel's, most of
//! them for switching between threads, and 16 % SQLite's (perf, connections page, 2026-11-28). Asking for the version is one
//! such switch.
//!
//! This is no weaker than a read: SQLite uses its own pages in memory under the same condition.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    future::Future,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use store::{Store, Version};
use time::OffsetDateTime;

use crate::Result;

/// How many answers are kept, and how many of those that are long, such as pages of the log.
const MOST: usize = 20_000;
const MOST_LONG: usize = 100;
/// How often what also depends on the time is read again, in seconds, such as requests that expire.
const FRESH: i64 = 10;

/// Answers, by their type and by what was asked. One map for all types, so that the portal need not know each of them.
pub(crate) struct KeptReads {
    known: Mutex<HashMap<Key, Answer>>,
    most: usize,
}

/// The type of an answer, and what was asked. Questions of different types are different.
#[derive(Eq)]
struct Key(TypeId, Box<dyn Question>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 && *self.1 == *other.1
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
        self.1.hash(hasher);
    }
}

/// What is asked. Equal questions of one type have equal answers of one type.
trait Question: Any + Send + Sync {
    fn is_same(&self, other: &dyn Any) -> bool;

    fn hash_to(&self, hasher: &mut dyn Hasher);
}

impl<Q: Hash + Eq + Send + Sync + 'static> Question for Q {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn hash_to(&self, mut hasher: &mut dyn Hasher) {
        TypeId::of::<Q>().hash(&mut hasher);
        self.hash(&mut hasher);
    }
}

impl PartialEq for dyn Question {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

impl Eq for dyn Question {}

impl Hash for dyn Question {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.hash_to(hasher);
    }
}

#[derive(Clone)]
struct Answer {
    version: Version,
    value: Arc<dyn Any + Send + Sync>,
}

impl Default for KeptReads {
    fn default() -> Self {
        Self { known: Mutex::default(), most: MOST }
    }
}

impl KeptReads {
    /// For answers that are long.
    pub(crate) fn long() -> Self {
        Self { most: MOST_LONG, ..Self::default() }
    }

    /// The answer to `asked`. Read only if anything was committed since it was read last.
    ///
    /// Boxed, since every page nests these futures: unoptimised, they would not fit on a test's stack.
    pub(crate) fn get<'a, V: Any + Send + Sync>(
        &'a self,
        store: &'a Store,
        asked: impl Hash + Eq + Send + Sync + 'static,
        read: impl Future<Output = Result<V>> + Send + 'a,
    ) -> BoxFuture<'a, Result<Arc<V>>> {
        let found = self.find(store, asked, async move { read.await.map(Some) });
        Box::pin(async move {
            match found.await? {
                Some(answer) => Ok(answer),
                None => unreachable!("what is read is there"),
            }
        })
    }

    /// The same for what may not be there. That it is not there is not kept.
    pub(crate) fn find<'a, V: Any + Send + Sync>(
        &'a self,
        store: &'a Store,
        asked: impl Hash + Eq + Send + Sync + 'static,
        read: impl Future<Output = Result<Option<V>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<Option<Arc<V>>>> {
        Box::pin(async move {
            // Before the read: what is committed between the two makes the answer newer than its version, never older.
            let version = store.version().await?;
            self.find_at(version, asked, read).await
        })
    }

    /// The same for the version that was just asked for.
    pub(crate) fn find_at<'a, V: Any + Send + Sync>(
        &'a self,
        version: Version,
        asked: impl Hash + Eq + Send + Sync + 'static,
        read: impl Future<Output = Result<Option<V>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<Option<Arc<V>>>> {
        let key = Key(TypeId::of::<V>(), Box::new(asked));
        Box::pin(async move {
            let known = self.known().get(&key).filter(|answer| answer.version == version).cloned();
            if let Some(value) = known.and_then(|answer| answer.value.downcast().ok()) {
                return Ok(Some(value));
            }
            let Some(value) = read.await?.map(Arc::new) else { return Ok(None) };
            self.keep(key, Answer { version, value: Arc::clone(&value) as _ });
            Ok(Some(value))
        })
    }

    fn keep(&self, key: Key, answer: Answer) {
        let mut known = self.known();
        if known.len() >= self.most && !known.contains_key(&key) {
            known.retain(|_, of| of.version == answer.version);
            if known.len() >= self.most {
                known.clear();
            }
        }
        known.insert(key, answer);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Answer>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of a question by which what depends on the time is read again.
pub(crate) fn time_of(now: OffsetDateTime) -> i64 {
    now.unix_timestamp().div_euclid(FRESH)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use store::Store;

    use super::{KeptReads, MOST_LONG};

    #[tokio::test]
    async fn an_answer_is_read_again_after_each_commit_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let (kept, reads) = (KeptReads::default(), AtomicUsize::new(0));
        let ask = async || {
            let read = async { Ok(reads.fetch_add(1, Ordering::Relaxed) + 1) };
            *kept.get(&store, "reads", read).await.unwrap()
        };
        assert_eq!((ask().await, ask().await), (1, 1));
        store.check_writable().await.unwrap();
        assert_eq!((ask().await, ask().await), (2, 2));
        // Another question, another type of question, and another type of answer.
        assert_eq!(*kept.get(&store, "others", async { Ok(7) }).await.unwrap(), 7);
        assert_eq!(*kept.get(&store, "reads".to_owned(), async { Ok(8) }).await.unwrap(), 8);
        assert_eq!(*kept.get(&store, ("reads", 1), async { Ok(9) }).await.unwrap(), 9);
        assert_eq!(*kept.get(&store, ("reads", 2), async { Ok(10) }).await.unwrap(), 10);
        assert_eq!(*kept.get(&store, ("reads", 1), async { Ok(0) }).await.unwrap(), 9);
        assert_eq!(*kept.get(&store, "reads", async { Ok("text") }).await.unwrap(), "text");
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let kept = KeptReads::long();
        for key in 0..1_000 {
            assert_eq!(*kept.get(&store, key, async { Ok(key) }).await.unwrap(), key);
            assert!(kept.known().len() <= MOST_LONG);
        }
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_read_that_found_nothing_or_failed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let kept = KeptReads::default();
        assert_eq!(kept.find(&store, 1, async { Ok(None::<i32>) }).await.unwrap(), None);
        assert!(kept.find(&store, 1, async { Err::<Option<i32>, _>(crate::Error::NotFound) }).await.is_err());
        assert_eq!(kept.find(&store, 1, async { Ok(Some(7)) }).await.unwrap().as_deref(), Some(&7));
    }
}
