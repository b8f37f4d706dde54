//! Keeps the calls of a class within its limit and gives turns in a fair order. It counts calls; it does not make them.
//!
//! *No* window holds more than the limit: a token bucket would let a burst and its refill through, twice the limit.
//! So every call that was sent is remembered for one window, and a turn is granted only while the calls sent within
//! the last window and the turns granted but not yet used are together fewer than the limit. A granted turn counts
//! until it is used or given back, because its holder may send at any moment.

mod queue;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use strum::VariantArray;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::limits::{Limit, Limits};
use super::metrics;
use crate::Class;
pub(super) use queue::Caller;
use queue::Queue;

/// Added to every window. Calls that leave a whole window apart arrive closer together when the first one was slower
/// on its way; a quarter of a second covers the usual difference, and costs a full minute's budget 0.4 %.
const MARGIN: Duration = Duration::from_millis(250);

/// How long a class rests after a 429 that does not say.
const DEFAULT_REST: Duration = Duration::from_secs(5);

/// The shortest rest after a 429, whatever it asks for: calling again at once would be what it complains of.
const SHORTEST_REST: Duration = Duration::from_secs(1);

/// The longest rest that a 429 can ask for. More would let one odd answer close a team's portal for a day.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// The longest wait that can be asked for: an endless one would overflow the clock.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How much later than promised a turn may come: those before it need a moment to use theirs.
const GRACE: Duration = Duration::from_secs(1);

/// The turn would come later than the client is willing to wait. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue for Workato is too long: the next turn comes in {} s", wait_in_seconds(*.wait))]
pub struct QueueFull {
    /// How long until the turn would have come.
    pub wait: Duration,
}

/// A wait in whole seconds, rounded up, so that someone who waits this long does not come back too early.
#[must_use]
pub fn wait_in_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// A place in a class's queue. Dropped unused, the place goes to the next one.
///
/// Others may come who are to be served before it, so its turn can move back, but not for ever: it is good for
/// [`time_left`](Self::time_left), and a call with it begins within that time or not at all.
pub struct Permit {
    class: Class,
    ticket: u64,
    reserved_at: Instant,
    good_until: Instant,
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

    /// How long from now on it can be used at all: the longest wait for a turn, counted from the reservation, and a
    /// second of grace.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.good_until.saturating_duration_since(Instant::now())
    }

    /// Sleeps until the turn has come, or until it is plain that it will not come in time. The turn stays with the
    /// permit until that is used or dropped.
    pub(super) async fn ready(&self) {
        loop {
            let changed = self.limiter.changed.notified();
            let wait = self.wait();
            if wait.is_zero() || wait > self.time_left() {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Waits for the turn and uses it: the call is counted from now. Says how long was waited since the reservation.
    /// Gives up once the turn cannot come in time: a 429 has moved it, or others were served before.
    pub(super) async fn spend(mut self) -> Result<Duration, QueueFull> {
        loop {
            self.ready().await;
            let now = Instant::now();
            let mut state = self.limiter.lock(now);
            let wait = state.wait_of(self.ticket, now);
            if now + wait > self.good_until {
                return Err(QueueFull { wait });
            }
            // Else a 429 has come between.
            if wait.is_zero() {
                state.spend(self.ticket, now);
                drop(state);
                self.is_used = true;
                self.limiter.watch_window();
                return Ok(now - self.reserved_at);
            }
        }
    }

    /// Until when it can be used.
    pub(super) const fn good_until(&self) -> Instant {
        self.good_until
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
        let new = |class: &Class| (*class, Arc::new(Limiter::new(*class, limits.of(*class))));
        Self { longest_wait: longest_wait.min(LONGEST_WAIT), by_class: Class::VARIANTS.iter().map(new).collect() }
    }

    pub(super) fn reserve(&self, class: Class, caller: &Caller) -> Result<Permit, QueueFull> {
        let limiter = self.of(class);
        let now = Instant::now();
        let ticket = limiter.lock(now).reserve(caller, now, self.longest_wait)?;
        Ok(Permit {
            class,
            ticket,
            reserved_at: now,
            good_until: now + self.longest_wait + GRACE,
            limiter: Arc::clone(limiter),
            is_used: false,
        })
    }

    /// How long a call of this class would wait for its turn.
    pub(super) fn expected_wait(&self, class: Class, caller: &Caller) -> Duration {
        let now = Instant::now();
        self.of(class).lock(now).wait_for(caller, now)
    }

    /// Workato refused a call for its rate: the class rests for as long as it asked for.
    pub(super) fn rest(&self, class: Class, retry_after: Option<Duration>) {
        let now = Instant::now();
        let rest = retry_after.unwrap_or(DEFAULT_REST).clamp(SHORTEST_REST, LONGEST_REST);
        let limiter = self.of(class);
        let mut state = limiter.lock(now);
        state.resting_until = state.resting_until.max(Some(now + rest));
        drop(state);
        limiter.changed.notify_waiters();
    }

    fn of(&self, class: Class) -> &Arc<Limiter> {
        let found = self.by_class.iter().find(|(of, _)| *of == class);
        &found.expect("there is a limiter for every class in Class::VARIANTS").1
    }
}

struct Limiter {
    state: Mutex<State>,
    changed: Notify,
}

impl Limiter {
    fn new(class: Class, limit: Option<Limit>) -> Self {
        Self { state: Mutex::new(State::new(class, limit)), changed: Notify::new() }
    }

    /// Counts calls out when they leave the window, even if no other call comes to look: the metrics would stay behind.
    fn watch_window(self: &Arc<Self>) {
        let mut state = self.lock(Instant::now());
        if state.limit.is_none() || mem::replace(&mut state.is_watched, true) {
            return;
        }
        let this = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(limiter) = this.upgrade() {
                let Some(leaves_at) = limiter.lock(Instant::now()).stop_watching_or_next() else { return };
                drop(limiter);
                sleep_until(leaves_at).await;
            }
        });
    }

    /// The state as of now: every turn that is due has been granted.
    fn lock(&self, now: Instant) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now);
        state
    }
}

struct State {
    class: Class,
    limit: Option<Limit>,
    /// When the calls of the last window were sent, oldest first.
    sent: VecDeque<Instant>,
    /// Tickets whose turn has come and which are not used yet.
    granted: Vec<u64>,
    /// Tickets whose turn has not come.
    waiting: Queue,
    next_ticket: u64,
    resting_until: Option<Instant>,
    /// Whether a task counts calls out of the window.
    is_watched: bool,
    /// The used calls in the metrics.
    published: usize,
}

impl State {
    fn new(class: Class, limit: Option<Limit>) -> Self {
        // A window of more than a day is a mistake, and an endless one would overflow the clock, too.
        let limit = limit.map(|limit| Limit {
            calls: limit.calls.max(1),
            window: limit.window.min(Duration::from_secs(24 * 60 * 60)) + MARGIN,
        });
        metrics::add_allowed_calls(class, allowed(limit));
        Self {
            class,
            limit,
            sent: VecDeque::new(),
            granted: Vec::new(),
            waiting: Queue::default(),
            next_ticket: 0,
            resting_until: None,
            is_watched: false,
            published: 0,
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
            match self.waiting.pop() {
                Some(ticket) => self.granted.push(ticket),
                None => break,
            }
        }
        self.publish();
    }

    fn has_room(&self) -> bool {
        let is_within = self.limit.is_none_or(|limit| self.sent.len() + self.granted.len() < limit.calls);
        is_within && self.resting_until.is_none()
    }

    fn reserve(&mut self, caller: &Caller, now: Instant, longest_wait: Duration) -> Result<u64, QueueFull> {
        let wait = self.wait_for(caller, now);
        if wait > longest_wait {
            return Err(QueueFull { wait });
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push(caller, ticket);
        self.advance(now);
        Ok(ticket)
    }

    /// How long a ticket would wait that is not drawn yet.
    fn wait_for(&self, caller: &Caller, now: Instant) -> Duration {
        let mut queue = self.waiting.clone();
        queue.push(caller, self.next_ticket);
        let place = queue.turns_before(self.next_ticket).unwrap_or_default();
        self.wait_at(place, now)
    }

    fn wait_of(&self, ticket: u64, now: Instant) -> Duration {
        match self.waiting.turns_before(ticket) {
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
        self.publish();
    }

    fn give_back(&mut self, ticket: u64) {
        self.granted.retain(|granted| *granted != ticket);
        self.waiting.remove(ticket);
        self.publish();
    }

    /// When the oldest call leaves the window; without one, nobody watches any more.
    fn stop_watching_or_next(&mut self) -> Option<Instant> {
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

impl Drop for State {
    fn drop(&mut self) {
        metrics::add_used_calls(self.class, -(self.published as f64));
        metrics::add_allowed_calls(self.class, -allowed(self.limit));
    }
}

/// The calls that a limit allows in one window; 0 without a limit.
fn allowed(limit: Option<Limit>) -> f64 {
    limit.map_or(0.0, |limit| limit.calls as f64)
}

#[cfg(test)]
mod tests;
