//! What was computed from an answer of Workato, once for all the pages that show the same copy of it. Filtering, sorting and
//! counting 50,000 connections at each page made it 8.4 times as slow as a page of 500 (`make bench-pages`, 2026-11-28).

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::{background::compute, upstream::Snapshot};

/// How much memory the results of one kind may hold, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// Results of one kind of work, by the copy that it was done on and by what was asked.
pub(crate) struct PerSnapshot<T, K, V>(Mutex<HashMap<(usize, K), Known<T, V>>>);

/// A result. As long as it points to its copy, no other copy can have the same address.
struct Known<T, V> {
    of: Weak<Snapshot<T>>,
    result: Arc<V>,
    bytes: usize,
}

impl<T, K, V> Default for PerSnapshot<T, K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T, K, V> PerSnapshot<T, K, V>
where
    T: Send + Sync + 'static,
    K: Eq + Hash,
    V: Send + Sync + 'static,
{
    /// The result of `work` on this copy, which has so many rows. `bytes` says how much memory a result holds.
    pub(crate) async fn of(
        &self,
        snapshot: &Arc<Snapshot<T>>,
        key: K,
        rows: usize,
        work: impl FnOnce(&Snapshot<T>) -> V + Send + 'static,
        bytes: impl Fn(&V) -> usize,
    ) -> Arc<V> {
        let key = (Arc::as_ptr(snapshot).addr(), key);
        if let Some(known) = self.known().get(&key) {
            return Arc::clone(&known.result);
        }
        let copy = Arc::clone(snapshot);
        let result = Arc::new(compute(rows, move || work(&copy)).await);
        let bytes = bytes(&result) + size_of::<Known<T, V>>() + size_of::<(usize, K)>();
        let mut known = self.known();
        // Results of copies that are gone make room first.
        known.retain(|_, known| known.of.strong_count() > 0);
        if known.values().map(|known| known.bytes).sum::<usize>() + bytes > MOST_BYTES {
            known.clear();
        }
        known.insert(key, Known { of: Arc::downgrade(snapshot), result: Arc::clone(&result), bytes });
        result
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(usize, K), Known<T, V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use time::OffsetDateTime;

    use super::PerSnapshot;
    use crate::upstream::Snapshot;

    fn snapshot(items: Vec<usize>) -> Arc<Snapshot<Vec<usize>>> {
        let now = OffsetDateTime::now_utc();
        Arc::new(Snapshot { items, began_at: now, read_at: now, waited: Duration::ZERO })
    }

    #[tokio::test]
    async fn a_copy_is_counted_once_and_another_copy_again() {
        let known = PerSnapshot::<Vec<usize>, &str, usize>::default();
        let ask = async |of: &Arc<Snapshot<Vec<usize>>>, key| {
            *known.of(of, key, of.items.len(), |of| of.items.iter().sum(), |_| 8).await
        };
        let first = snapshot(vec![1, 2]);
        assert_eq!(ask(&first, "sum").await, 3);
        let again = known.of(&first, "sum", 2, |_| unreachable!("it is known"), |_| 8).await;
        assert_eq!(*again, 3);
        assert_eq!(*known.of(&first, "other", 2, |_| 7, |_| 8).await, 7);
        // Copies come and go, and none is mistaken for another, wherever in memory it is.
        drop(first);
        for number in 0..1_000 {
            assert_eq!(ask(&snapshot(vec![number]), "sum").await, number);
            assert!(known.known().len() <= 2, "results of copies that are gone are dropped");
        }
    }
}
