//! The steps of an operation, for tests that stop the process at each of them.

use std::sync::Arc;

use futures::future::BoxFuture;

store::words! {
    /// A point in `perform`.
    pub enum Step {
        /// The request has arrived.
        Asked => "asked",
        /// Everything is checked. The intent is about to be written.
        BeforeIntent => "before_intent",
        /// The intent is committed. Nothing was sent.
        AfterIntent => "after_intent",
        /// The call has left the queue. Nothing was sent.
        BeforeCall => "before_call",
        /// Workato has answered, or the call has failed. The outcome is not written.
        AfterCall => "after_call",
        /// The outcome is committed. The person has no answer yet.
        AfterOutcome => "after_outcome",
    }
}

/// Called at every step. The operation waits until it returns.
pub type Observer = Arc<dyn Fn(Step) -> BoxFuture<'static, ()> + Send + Sync>;

/// The observer that does nothing.
#[must_use]
pub fn unobserved() -> Observer {
    Arc::new(|_| Box::pin(std::future::ready(())))
}
