//! Limits that several processes keep together. Each has its own limiter and queue, and asks here before it sends a call.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::limits::Limit;
use crate::Class;

/// How long to wait before asking again; zero if the call was counted.
pub type Counting<'a> = Pin<Box<dyn Future<Output = Result<Duration, NotCounted>> + Send + 'a>>;

/// Counts the calls of all processes that use a workspace.
pub trait SharedLimits: Debug + Send + Sync {
    /// Counts a call that is sent now. If the limit has no room for it, counts nothing and returns how long to wait before
    /// asking again. Fails if it cannot be counted; then it is not sent.
    fn take(&self, class: Class, limit: Limit, for_a_person: bool) -> Counting<'_>;
}

/// A call could not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCounted;
