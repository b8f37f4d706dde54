//! Workato's rate limits: sliding windows for each workspace, whichever of its tokens is used.
//! A 429 from a fault does not count.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::answers::Refusal;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A group of calls that share one rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// `GET /api/connections`: 60 a minute (Workato API reference, Connections).
    ListConnections,
    /// All other connection calls: 1 a second (Workato API reference, Connections).
    OtherConnections,
    /// Custom connectors: 60 a minute. The API reference states a limit without its figure.
    CustomConnectors,
    /// Folders: 60 a minute (Workato API reference, Folders).
    Folders,
    /// Tag assignments: 60 a minute (Workato API reference, Tag assignments).
    TagAssignments,
    /// The workspace's recipes: 60 a minute (Workato API reference, Recipes).
    Recipes,
    /// A customer's recipe list: 2,000 a minute (Workato Embedded API reference).
    CustomerRecipes,
    /// A customer's connection list: 1,000 a minute (Workato Embedded API reference).
    CustomerConnections,
    /// All other customer calls: 60 a minute (Workato Embedded API reference).
    OtherCustomers,
}

impl Limit {
    /// The maximum number of calls in any window of this length.
    const fn quota(self) -> (usize, Duration) {
        match self {
            Self::OtherConnections => (1, SECOND),
            Self::CustomerConnections => (1_000, MINUTE),
            Self::CustomerRecipes => (2_000, MINUTE),
            Self::ListConnections
            | Self::CustomConnectors
            | Self::Folders
            | Self::Recipes
            | Self::TagAssignments
            | Self::OtherCustomers => (60, MINUTE),
        }
    }
}

/// The calls of one workspace within the last window.
#[derive(Debug, Default)]
pub struct Limits {
    counted: Mutex<HashMap<Limit, VecDeque<Instant>>>,
    admitted: AtomicU64,
    refused: AtomicU64,
}

impl Limits {
    /// Counts a call, or refuses it if its window is full. Refused calls do not count.
    pub fn admit(&self, limit: Limit, now: Instant) -> Result<(), Refusal> {
        let (calls, window) = limit.quota();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = counted.entry(limit).or_default();
        while seen.front().is_some_and(|first| now.duration_since(*first) >= window) {
            seen.pop_front();
        }
        match seen.front() {
            Some(first) if seen.len() >= calls => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(Refusal::TooManyRequests { retry_after: window.saturating_sub(now.duration_since(*first)) })
            }
            _ => {
                self.admitted.fetch_add(1, Ordering::Relaxed);
                seen.push_back(now);
                Ok(())
            }
        }
    }

    /// The number of calls so far.
    pub fn calls(&self) -> Calls {
        Calls { counted: self.admitted.load(Ordering::Relaxed), refused: self.refused.load(Ordering::Relaxed) }
    }
}

/// Numbers of calls with a rate limit, while the limits were on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Calls that were admitted.
    pub counted: u64,
    /// Calls that were refused with a 429, without those from faults.
    pub refused: u64,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Limit::ListConnections, 60, 60_000)]
    #[case(Limit::OtherConnections, 1, 1_000)]
    #[case(Limit::CustomConnectors, 60, 60_000)]
    #[case(Limit::Folders, 60, 60_000)]
    #[case(Limit::TagAssignments, 60, 60_000)]
    #[case(Limit::CustomerConnections, 1_000, 60_000)]
    #[case(Limit::OtherCustomers, 60, 60_000)]
    #[case(Limit::Recipes, 60, 60_000)]
    #[case(Limit::CustomerRecipes, 2_000, 60_000)]
    fn a_full_window_refuses_calls_until_its_first_call_leaves(
        #[case] limit: Limit,
        #[case] calls: usize,
        #[case] window: u64,
    ) {
        let limits = Limits::default();
        let start = Instant::now();
        for _ in 0..calls {
            limits.admit(limit, start).expect("within the quota");
        }
        let last_moment = start + Duration::from_millis(window - 1);
        assert_eq!(
            limits.admit(limit, last_moment),
            Err(Refusal::TooManyRequests { retry_after: Duration::from_millis(1) })
        );
        limits.admit(limit, start + Duration::from_millis(window)).expect("the window has moved on");
    }

    #[test]
    fn no_window_holds_a_burst_and_its_refill() {
        let limits = Limits::default();
        let start = Instant::now();
        let admitted = (0..120u64)
            .filter(|second| {
                // Sixty at the end of the first half minute, then one try each second.
                let at = start + Duration::from_secs(if *second < 60 { 30 } else { *second - 30 });
                limits.admit(Limit::ListConnections, at).is_ok()
            })
            .count();
        assert_eq!(admitted, 60, "the refill comes 60 s after the burst, not before");
        assert_eq!(limits.calls(), Calls { counted: 60, refused: 60 });
    }

    #[test]
    fn classes_do_not_share_a_window() {
        let limits = Limits::default();
        let now = Instant::now();
        limits.admit(Limit::OtherConnections, now).expect("first of its class");
        limits.admit(Limit::Folders, now).expect("another class");
        assert!(limits.admit(Limit::OtherConnections, now).is_err());
    }
}
