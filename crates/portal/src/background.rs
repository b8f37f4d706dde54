//! Work that would delay other requests if it ran on an async thread.

use std::{future::pending, panic::resume_unwind};

use tokio::task::spawn_blocking;

/// From this many rows on, work leaves the async threads. `make bench` filters, sorts and pages 50,000 connections in
/// 1.4 to 2 ms, so 2,000 take less than 0.1 ms, about as long as an async thread may be busy without delaying others.
const LARGE: usize = 2_000;

/// Filters, sorts or compares this many rows: here if they are few, otherwise on a thread for blocking work. A panic in
/// the work continues in the caller.
pub(crate) async fn compute<T: Send + 'static>(rows: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    if rows < LARGE {
        return work();
    }
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down, and ends the caller, too.
            Err(_) => pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{LARGE, compute};

    #[tokio::test]
    async fn only_many_rows_leave_the_async_thread() {
        let here = thread::current().id();
        assert_eq!(compute(LARGE - 1, || thread::current().id()).await, here);
        assert_ne!(compute(LARGE, || thread::current().id()).await, here);
    }

    #[tokio::test]
    #[should_panic(expected = "the work failed")]
    async fn a_panic_on_the_other_thread_continues_in_the_caller() {
        compute(LARGE, || panic!("the work failed")).await
    }
}
