//! The steps of an operation, for tests that stop the process at each of them.

use std::sync::Arc;

use futures::future::BoxFuture;

store::words! {
    /// Where `perform` is.
    pub enum Step {
        /// The request is there; nothing was looked at.
        Asked => "asked",
        /// All is checked; the intent is about to be written.
        BeforeIntent => "before_intent",
        /// The intent is committed; nothing was sent.
        AfterIntent => "after_intent",
        /// The call's turn has come; nothing was sent.
        BeforeCall => "before_call",
        /// Workato has answered, or the call has failed; nothing of it is written.
        AfterCall => "after_call",
        /// The outcome is committed; the person was not told.
        AfterOutcome => "after_outcome",
    }
}

/// Is told of every step, and holds the operation there until it returns.
pub type Observer = Arc<dyn Fn(Step) -> BoxFuture<'static, ()> + Send + Sync>;

/// The observer that does nothing.
#[must_use]
pub fn unobserved() -> Observer {
    Arc::new(|_| Box::pin(std::future::ready(())))
}
