//! What pages read besides the database: how often something changed that the portal has in memory, and for how long what a
//! page has read is good.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use time::OffsetDateTime;
use tokio::task_local;

/// How often something in memory that pages show has changed. One for the process: a page is drawn once more than it need be
/// if two portals run in one, as in tests.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// Notes that something has changed that pages show and that the database does not have. Call it after the change.
pub(crate) fn note_change() {
    CHANGES.fetch_add(1, Ordering::SeqCst);
}

/// How often that was.
pub(crate) fn changes() -> u64 {
    CHANGES.load(Ordering::SeqCst)
}

task_local! {
    static READS: PageReads;
}

/// What a page has read that is good for some time only.
#[derive(Clone, Debug, Default)]
pub struct PageReads(Arc<Mutex<Reads>>);

#[derive(Debug, Default)]
struct Reads {
    good_until: Option<OffsetDateTime>,
    is_passing: bool,
}

impl PageReads {
    /// Draws a page, and notes here what it reads.
    pub async fn of<T>(&self, page: impl Future<Output = T>) -> T {
        READS.scope(self.clone(), page).await
    }

    /// Those of the page that this task draws, if it draws one.
    #[must_use]
    pub fn current() -> Option<Self> {
        READS.try_with(Clone::clone).ok()
    }

    /// Whether the page can be shown again at this time while its state is the same.
    #[must_use]
    pub fn are_good_at(&self, now: OffsetDateTime) -> bool {
        let reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !reads.is_passing && reads.good_until.is_none_or(|until| now < until)
    }

    fn note(change: impl FnOnce(&mut Reads)) {
        let _of_no_page = READS.try_with(|reads| change(&mut reads.0.lock().unwrap_or_else(PoisonError::into_inner)));
    }
}

/// Notes that the page shows something that is read again at this time.
pub(crate) fn good_until(until: OffsetDateTime) {
    PageReads::note(|reads| reads.good_until = Some(reads.good_until.map_or(until, |known| known.min(until))));
}

/// Notes that the page shows something that the next page may show differently, such as an old copy or a count that is still
/// being made.
pub(crate) fn passing() {
    PageReads::note(|reads| reads.is_passing = true);
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime};

    use super::{PageReads, good_until, passing};

    #[tokio::test]
    async fn a_page_is_good_until_the_first_of_what_it_shows_is_read_again() {
        let (reads, now) = (PageReads::default(), OffsetDateTime::now_utc());
        assert!(reads.are_good_at(now));
        let page = reads.of(async {
            good_until(now + Duration::seconds(30));
            good_until(now + Duration::seconds(10));
            good_until(now + Duration::seconds(20));
        });
        page.await;
        assert!(reads.are_good_at(now + Duration::seconds(9)) && !reads.are_good_at(now + Duration::seconds(10)));
        reads.of(async { passing() }).await;
        assert!(!reads.are_good_at(now));
        // Work for no page.
        passing();
        assert!(PageReads::current().is_none() && PageReads::default().are_good_at(now));
    }
}
