//! Whether the sender of a request still waits for its answer. The work of a request is a task of its own that nobody
//! cancels halfway; what is expensive and has not begun yet can be left out once nobody waits for it.

use std::future::Future;

use tokio::task_local;
use tokio_util::sync::CancellationToken;

task_local! {
    static HUNG_UP: CancellationToken;
}

/// The sender of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(CancellationToken);

impl Caller {
    /// The sender of the request that this task works for. Work that nobody sent, such as a worker's, always has
    /// somebody who waits.
    pub fn current() -> Self {
        Self(HUNG_UP.try_with(Clone::clone).unwrap_or_default())
    }

    /// Whether nobody waits for the answer any more.
    pub fn has_hung_up(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for `work`, which can stop halfway. `None` if the sender hangs up first.
    pub async fn while_waiting<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.0.run_until_cancelled(work).await
    }
}

/// Runs `work` for a caller who hangs up when `hung_up` is cancelled.
pub(crate) async fn with_caller<T>(hung_up: CancellationToken, work: impl Future<Output = T>) -> T {
    HUNG_UP.scope(hung_up, work).await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio_util::sync::CancellationToken;

    use super::{Caller, with_caller};

    #[tokio::test]
    async fn work_that_nobody_sent_has_somebody_who_waits() {
        let caller = Caller::current();
        assert!(!caller.has_hung_up());
        assert_eq!(caller.while_waiting(async { 7 }).await, Some(7));
    }

    #[tokio::test]
    async fn work_learns_that_its_sender_hung_up() {
        let hung_up = CancellationToken::new();
        let work = with_caller(hung_up.clone(), async {
            let caller = Caller::current();
            let before = caller.has_hung_up();
            hung_up.cancel();
            (before, caller.has_hung_up(), caller.while_waiting(pending::<()>()).await)
        });
        assert_eq!(work.await, (false, true, None));
    }
}
