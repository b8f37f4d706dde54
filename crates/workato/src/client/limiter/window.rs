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
use super::queue::{Caller, Queue};
use crate::Class;

/// Added to every window. Two calls that are sent one window apart arrive closer together if the first one is slower on
/// its way. A quarter of a second covers the usual difference and costs 0.4 % of a budget per minute.
const MARGIN: Duration = Duration::from_millis(250);

/// Upper bound of a window. A longer one is a mistake, and an unbounded one would overflow the clock.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Window {
    class: Class,
    limit: Option<Limit>,
    /// When the calls of the last window were sent, oldest first.
    sent: VecDeque<Instant>,
    /// Tickets of permits that may be used and are not.
    granted: Vec<u64>,
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
            while self.sent.front().is_some_and(|sent| *sent + limit.window <= now) {
                self.sent.pop_front();
            }
        }
        while self.has_room() {
            match self.waiting.pop() {
                Some(ticket) => self.granted.push(ticket),
                None => break,
            }
        }
        self.publish();
    }

    fn has_room(&self) -> bool {
        let is_within = self.limit.is_none_or(|limit| self.sent.len() + self.granted.len() < limit.calls);
        is_within && self.paused_until.is_none()
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
        let position = queue.position(self.next_ticket).unwrap_or_default();
        self.wait_at(position, now)
    }

    pub(super) fn wait_of(&self, ticket: u64, now: Instant) -> Duration {
        match self.waiting.position(ticket) {
            Some(position) => self.wait_at(position, now),
            None => self.paused_until.map_or(Duration::ZERO, |until| until - now),
        }
    }

    /// The wait at this position of the queue if everyone uses a permit as soon as it is granted.
    fn wait_at(&self, position: usize, now: Instant) -> Duration {
        let earliest = self.paused_until.map_or(now, |until| until.max(now));
        let Some(limit) = self.limit else {
            return earliest - now;
        };
        let before = self.sent.iter().copied().chain(self.granted.iter().map(|_| now));
        let mut calls: VecDeque<Instant> = before.collect();
        let mut call = earliest;
        for _ in 0..=position {
            call = match calls.len().checked_sub(limit.calls) {
                Some(leaving) => (calls[leaving] + limit.window).max(earliest),
                None => earliest,
            };
            calls.push_back(call);
        }
        call - now
    }

    /// Counts a call that is sent now with a granted permit.
    pub(super) fn count(&mut self, ticket: u64, now: Instant) {
        self.granted.retain(|granted| *granted != ticket);
        if self.limit.is_some() {
            self.sent.push_back(now);
        }
        self.publish();
    }

    /// Takes back a permit that was not used.
    pub(super) fn release(&mut self, ticket: u64) {
        self.granted.retain(|granted| *granted != ticket);
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
        let leaves_at = self.limit.zip(self.sent.front()).map(|(limit, sent)| *sent + limit.window);
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
