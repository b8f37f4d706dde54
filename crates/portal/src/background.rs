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
