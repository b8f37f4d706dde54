//! Keeps the calls of a class within its limit, first come, first served. It counts calls; it does not make them.
//!
//! *No* window holds more than the limit: a token bucket would let a burst and its refill through, twice the limit.
//! So every call that was sent is remembered for one window, and a turn is granted only while the calls sent within
//! the last window and the turns granted but not yet used are together fewer than the limit. A granted turn counts
//! until it is used or given back, because its holder may send at any moment.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::limits::{Limit, Limits};
use crate::Class;

/// Added to every window. Calls that leave a whole window apart arrive closer together when the first one was slower
/// on its way; a quarter of a second covers the usual difference, and costs a full minute's budget 0.4 %.
const MARGIN: Duration = Duration::from_millis(250);

/// How long a class rests after a 429 that does not say.
const DEFAULT_REST: Duration = Duration::from_secs(5);

/// The longest rest that a 429 can ask for. More would let one odd answer close a team's portal for a day.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// The turn would come later than the client is willing to wait. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue for Workato is too long: the next turn comes in {} s", wait_in_seconds(*.wait))]
pub struct QueueFull {
    /// How long until the turn would have come.
    pub wait: Duration,
}

/// Whole seconds, rounded up: what a person is told to wait is never too short.
pub(super) fn wait_in_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// A place in a class's queue. Dropped unused, the place goes to the next one.
pub struct Permit {
    class: Class,
    ticket: u64,
    longest_wait: Duration,
    limiter: Arc<Limiter>,
    is_used: bool,
}

impl Permit {
    /// The class it was reserved in.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// How long until its turn, as far as can be told now. Zero when the turn has come.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let now = Instant::now();
        self.limiter.lock(now).wait_of(self.ticket, now)
    }

    /// Sleeps until the turn has come, however long that takes: a 429 can move it. The turn stays with the permit until
    /// that is used or dropped.
    pub async fn ready(&self) {
        loop {
            let changed = self.limiter.changed.notified();
            let wait = self.wait();
            if wait.is_zero() {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Waits for the turn and uses it: the call is counted from now. Gives up once the turn is further away than a
    /// place in the queue may be, which happens when a 429 has moved it.
    pub(super) async fn spend(mut self) -> Result<(), QueueFull> {
        loop {
            let changed = self.limiter.changed.notified();
            let now = Instant::now();
            let wait = {
                let mut state = self.limiter.lock(now);
                let wait = state.wait_of(self.ticket, now);
                if wait.is_zero() {
                    state.spend(self.ticket, now);
                    self.is_used = true;
                    return Ok(());
                }
                wait
            };
            if wait > self.longest_wait {
                return Err(QueueFull { wait });
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    pub(super) fn is_for(&self, limiters: &Limiters, class: Class) -> bool {
        self.class == class && Arc::ptr_eq(&self.limiter, limiters.of(class))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_used {
            self.limiter.lock(Instant::now()).give_back(self.ticket);
            self.limiter.changed.notify_waiters();
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("class", &self.class).field("wait", &self.wait()).finish_non_exhaustive()
    }
}

/// A limiter for each class.
pub(super) struct Limiters {
    longest_wait: Duration,
    by_class: Vec<(Class, Arc<Limiter>)>,
}

impl Limiters {
    pub(super) fn new(limits: &Limits, longest_wait: Duration) -> Self {
        let by_class = Class::ALL.map(|class| (class, Arc::new(Limiter::new(limits.of(class)))));
        Self { longest_wait, by_class: by_class.into() }
    }

    pub(super) fn reserve(&self, class: Class) -> Result<Permit, QueueFull> {
        let limiter = self.of(class);
        let now = Instant::now();
        let ticket = limiter.lock(now).reserve(now, self.longest_wait)?;
        Ok(Permit { class, ticket, longest_wait: self.longest_wait, limiter: Arc::clone(limiter), is_used: false })
    }

    /// Workato refused a call for its rate: the class rests for as long as it asked for.
    pub(super) fn rest(&self, class: Class, retry_after: Option<Duration>) {
        let now = Instant::now();
        let rest = retry_after.unwrap_or(DEFAULT_REST).min(LONGEST_REST);
        let limiter = self.of(class);
        let mut state = limiter.lock(now);
        state.resting_until = state.resting_until.max(Some(now + rest));
        drop(state);
        limiter.changed.notify_waiters();
    }

    fn of(&self, class: Class) -> &Arc<Limiter> {
        let found = self.by_class.iter().find(|(of, _)| *of == class);
        &found.expect("there is a limiter for every class in Class::ALL").1
    }
}

struct Limiter {
    state: Mutex<State>,
    changed: Notify,
}

impl Limiter {
    fn new(limit: Option<Limit>) -> Self {
        Self { state: Mutex::new(State::new(limit)), changed: Notify::new() }
    }

    /// The state as of now: every turn that is due has been granted.
    fn lock(&self, now: Instant) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now);
        state
    }
}

struct State {
    limit: Option<Limit>,
    /// When the calls of the last window were sent, oldest first.
    sent: VecDeque<Instant>,
    /// Tickets whose turn has come and which are not used yet.
    granted: Vec<u64>,
    /// Tickets whose turn has not come, in order.
    waiting: VecDeque<u64>,
    next_ticket: u64,
    resting_until: Option<Instant>,
}

impl State {
    fn new(limit: Option<Limit>) -> Self {
        // A window of more than a day is a mistake, and an endless one would overflow the clock.
        let limit = limit.map(|limit| Limit {
            calls: limit.calls.max(1),
            window: limit.window.min(Duration::from_secs(24 * 60 * 60)) + MARGIN,
        });
        Self {
            limit,
            sent: VecDeque::new(),
            granted: Vec::new(),
            waiting: VecDeque::new(),
            next_ticket: 0,
            resting_until: None,
        }
    }

    fn advance(&mut self, now: Instant) {
        self.resting_until = self.resting_until.filter(|until| *until > now);
        if let Some(limit) = self.limit {
            while self.sent.front().is_some_and(|sent| *sent + limit.window <= now) {
                self.sent.pop_front();
            }
        }
        while self.has_room() {
            match self.waiting.pop_front() {
                Some(ticket) => self.granted.push(ticket),
                None => break,
            }
        }
    }

    fn has_room(&self) -> bool {
        let is_within = self.limit.is_none_or(|limit| self.sent.len() + self.granted.len() < limit.calls);
        is_within && self.resting_until.is_none()
    }

    fn reserve(&mut self, now: Instant, longest_wait: Duration) -> Result<u64, QueueFull> {
        let wait = self.wait_at(self.waiting.len(), now);
        if wait > longest_wait {
            return Err(QueueFull { wait });
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push_back(ticket);
        self.advance(now);
        Ok(ticket)
    }

    fn wait_of(&self, ticket: u64, now: Instant) -> Duration {
        match self.waiting.iter().position(|waiting| *waiting == ticket) {
            Some(place) => self.wait_at(place, now),
            None => self.resting_until.map_or(Duration::ZERO, |until| until - now),
        }
    }

    /// How long the turn at this place of the queue is away, if whoever has a turn uses it at once.
    fn wait_at(&self, place: usize, now: Instant) -> Duration {
        let rested = self.resting_until.map_or(now, |until| until.max(now));
        let Some(limit) = self.limit else {
            return rested - now;
        };
        let before = self.sent.iter().copied().chain(self.granted.iter().map(|_| now));
        let mut turns: VecDeque<Instant> = before.collect();
        let mut turn = rested;
        for _ in 0..=place {
            turn = match turns.len().checked_sub(limit.calls) {
                Some(oldest) => (turns[oldest] + limit.window).max(rested),
                None => rested,
            };
            turns.push_back(turn);
        }
        turn - now
    }

    fn spend(&mut self, ticket: u64, now: Instant) {
        self.granted.retain(|granted| *granted != ticket);
        if self.limit.is_some() {
            self.sent.push_back(now);
        }
    }

    fn give_back(&mut self, ticket: u64) {
        self.granted.retain(|granted| *granted != ticket);
        self.waiting.retain(|waiting| *waiting != ticket);
    }
}

#[cfg(test)]
mod tests;
