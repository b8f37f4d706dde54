//! Runs the tasks that Leptos spawns while it renders a page. They belong to the page's request, so that what they log names
//! it and its trace reaches down to what they call.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use portal::PageReads;
use workato::in_trace;

struct InSpan;

impl CustomExecutor for InSpan {
    fn spawn(&self, task: PinnedFuture<()>) {
        match PageReads::current() {
            Some(reads) => tokio::spawn(in_trace(async move { reads.of(task).await })),
            None => tokio::spawn(in_trace(task)),
        };
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        match PageReads::current() {
            Some(reads) => tokio::task::spawn_local(in_trace(async move { reads.of(task).await })),
            None => tokio::task::spawn_local(in_trace(task)),
        };
    }

    fn poll_local(&self) {}
}

/// Makes Leptos use it.
pub fn install() {
    // Fails if the router is built again in one process, as tests do; the executor is then set already.
    let _first = Executor::init_custom_executor(InSpan);
}
