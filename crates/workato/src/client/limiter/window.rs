//! A sliding window that never holds more calls than the limit, whichever window one looks at.
//!
//! A token bucket would let a burst and its refill through: twice the limit. So every call that was sent is remembered
//! for one window, and a permit is granted only while the calls of the last window and the permits that are granted but
//! not yet used are together below the limit. A granted permit counts until it is used or released, because its holder
//! may send at any moment.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::super::limits::Limit;
use super::super::metrics;
use super::super::queue_full::QueueFull;
use super::queue::{Caller, Purpose, Queue, Waiting};
use crate::Class;

/// Added to every window. Two calls that are sent one window apart arrive closer together if the first one is slower on
/// its way. A quarter of a second covers the usual difference and costs 0.4 % of a budget per minute.
const MARGIN: Duration = Duration::from_millis(250);

/// Upper bound of a window. A longer one is a mistake, and an unbounded one would overflow the clock.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Window {
    class: Class,
    limit: Option<Limit>,
    share: Share,
    /// When the calls of the last window were sent, oldest first, and what for.
    sent: VecDeque<(Instant, Purpose)>,
    /// Tickets of permits that may be used and are not.
    granted: Vec<Waiting>,
    waiting: Queue,
    next_ticket: u64,
    /// The end of the pause after a 429.
    paused_until: Option<Instant>,
    /// Whether a task watches for calls that leave the window.
    is_watched: bool,
    /// This window's share of the used calls in the metrics.
    published: usize,
}

impl Window {
    pub(super) fn new(class: Class, limit: Option<Limit>) -> Self {
        let limit =
            limit.map(|limit| Limit { calls: limit.calls.max(1), window: limit.window.min(LONGEST_WINDOW) + MARGIN });
        metrics::add_allowed_calls(class, allowed(limit));
        Self {
            class,
            limit,
            share: Share::of(class, limit.map_or(usize::MAX, |limit| limit.calls)),
            sent: VecDeque::new(),
            granted: Vec::new(),
            waiting: Queue::default(),
            next_ticket: 0,
            paused_until: None,
            is_watched: false,
            published: 0,
        }
    }

    /// Forgets the calls that have left the window and grants permits in their place.
    pub(super) fn advance(&mut self, now: Instant) {
        self.paused_until = self.paused_until.filter(|until| *until > now);
        if let Some(limit) = self.limit {
            while self.sent.front().is_some_and(|(sent, _)| *sent + limit.window <= now) {
                self.sent.pop_front();
            }
        }
        if self.paused_until.is_none() {
            let mut used: Used = self.sent.iter().copied().chain(granted_now(&self.granted, now)).collect();
            let (limit, share) = (self.limit, self.share);
            while let Some(waiting) =
                self.waiting.pop(|purpose| limit.is_none_or(|limit| used.leaves_room(purpose, limit.calls, share)))
            {
                used.add(waiting.1);
                self.granted.push(waiting);
            }
        }
        self.publish();
    }

    pub(super) fn reserve(&mut self, caller: &Caller, now: Instant, longest_wait: Duration) -> Result<u64, QueueFull> {
        let wait = self.wait_of_new(caller, now);
        if wait > longest_wait {
            return Err(QueueFull { wait });
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push(caller, ticket);
        self.advance(now);
        Ok(ticket)
    }

    /// The wait of a call that would join the queue now.
    pub(super) fn wait_of_new(&self, caller: &Caller, now: Instant) -> Duration {
        let mut queue = self.waiting.clone();
        queue.push(caller, self.next_ticket);
        self.wait_in(queue, self.next_ticket, now)
    }

    pub(super) fn wait_of(&self, ticket: u64, now: Instant) -> Duration {
        if self.waiting.has(ticket) {
            self.wait_in(self.waiting.clone(), ticket, now)
        } else {
            self.paused_until.map_or(Duration::ZERO, |until| until - now)
        }
    }

    /// The wait of a ticket in this queue if everyone uses a permit as soon as it is granted and nobody else comes.
    fn wait_in(&self, mut queue: Queue, ticket: u64, now: Instant) -> Duration {
        let mut at = self.paused_until.map_or(now, |until| until.max(now));
        let Some(limit) = self.limit else {
            return at - now;
        };
        let mut calls: VecDeque<_> = self.sent.iter().copied().chain(granted_now(&self.granted, now)).collect();
        loop {
            while calls.front().is_some_and(|(sent, _)| *sent + limit.window <= at) {
                calls.pop_front();
            }
            let mut used: Used = calls.iter().copied().collect();
            while let Some((next, purpose)) = queue.pop(|purpose| used.leaves_room(purpose, limit.calls, self.share)) {
                if next == ticket {
                    return at - now;
                }
                calls.push_back((at, purpose));
                used.add(purpose);
            }
            match calls.front() {
                Some((sent, _)) => at = *sent + limit.window,
                // Nothing holds it up.
                None => return at - now,
            }
        }
    }

    /// Counts a call that is sent now with a granted permit.
    pub(super) fn count(&mut self, ticket: u64, now: Instant) {
        let purpose = self.granted.iter().find(|(granted, _)| *granted == ticket).map(|(_, purpose)| *purpose);
        self.granted.retain(|(granted, _)| *granted != ticket);
        if self.limit.is_some() {
            self.sent.push_back((now, purpose.unwrap_or(Purpose::Change)));
        }
        self.publish();
    }

    /// Takes back a permit that was not used.
    pub(super) fn release(&mut self, ticket: u64) {
        self.granted.retain(|(granted, _)| *granted != ticket);
        self.waiting.remove(ticket);
        self.publish();
    }

    /// Grants nothing until then, or until the end of a pause that is longer.
    pub(super) fn pause_until(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// Whether the caller should start to watch for calls that leave the window.
    pub(super) fn start_watching(&mut self) -> bool {
        self.limit.is_some() && !std::mem::replace(&mut self.is_watched, true)
    }

    /// When the oldest call leaves the window. `None` if there is nothing left to watch.
    pub(super) fn next_to_watch(&mut self) -> Option<Instant> {
        let leaves_at = self.limit.zip(self.sent.front()).map(|(limit, (sent, _))| *sent + limit.window);
        self.is_watched = leaves_at.is_some();
        leaves_at
    }

    /// Brings the metrics up to date. A class without a limit has no used calls.
    fn publish(&mut self) {
        let used = if self.limit.is_some() { self.sent.len() + self.granted.len() } else { 0 };
        if used != self.published {
            metrics::add_used_calls(self.class, used as f64 - self.published as f64);
            self.published = used;
        }
    }
}

fn granted_now(granted: &[Waiting], now: Instant) -> Vec<(Instant, Purpose)> {
    granted.iter().map(|(_, purpose)| (now, *purpose)).collect()
}

/// How much of a limit reads may use. What is left is for changes and for the reads of the state before them: a share
/// takes two calls, so twenty-five shares a minute fit beside any number of readers.
#[derive(Debug, Clone, Copy)]
struct Share {
    /// The most reads in a window.
    reads: usize,
    /// The most of them for which there is an older answer to show.
    refreshes: usize,
}

impl Share {
    fn of(class: Class, calls: usize) -> Self {
        let most = calls - calls / 6;
        let (reads, refreshes) = match class {
            // A limit of a few calls is not divided.
            _ if calls < 6 => (calls, calls),
            // Each call fits into the answer of one list, so there is nearly always something to show.
            Class::Connectors => (calls / 2, calls / 6),
            Class::ConnectionsList => (most, calls / 2),
            // Reading a list takes many calls.
            Class::Tags | Class::Customers => (most, most),
            // No changes, or nothing but changes.
            Class::ConnectionsOther
            | Class::Folders
            | Class::CustomersConnections
            | Class::CustomersRecipes
            | Class::Recipes
            | Class::Other => (calls, calls),
        };
        Self { reads, refreshes }
    }
}

/// The calls in a window by purpose.
#[derive(Debug, Default)]
struct Used {
    all: usize,
    reads: usize,
    refreshes: usize,
}

impl Used {
    fn add(&mut self, purpose: Purpose) {
        self.all += 1;
        self.reads += usize::from(purpose != Purpose::Change);
        self.refreshes += usize::from(purpose == Purpose::Refresh);
    }

    fn leaves_room(&self, purpose: Purpose, calls: usize, share: Share) -> bool {
        self.all < calls
            && (purpose == Purpose::Change || self.reads < share.reads)
            && (purpose != Purpose::Refresh || self.refreshes < share.refreshes)
    }
}

impl FromIterator<(Instant, Purpose)> for Used {
    fn from_iter<I: IntoIterator<Item = (Instant, Purpose)>>(calls: I) -> Self {
        let mut used = Self::default();
        calls.into_iter().for_each(|(_, purpose)| used.add(purpose));
        used
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        metrics::add_used_calls(self.class, -(self.published as f64));
        metrics::add_allowed_calls(self.class, -allowed(self.limit));
    }
}

/// The calls that a limit allows in one window; 0 without a limit.
fn allowed(limit: Option<Limit>) -> f64 {
    limit.map_or(0.0, |limit| limit.calls as f64)
}
