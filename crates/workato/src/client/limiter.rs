//! Rate limits by class of call, with a fair queue for the calls that have to wait. It counts calls and sends none.
//! The limit of one class is in `window`, the order of the queue in `queue`.

mod queue;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use strum::VariantArray;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::limits::{Limit, Limits};
use super::queue_full::QueueFull;
use super::retry_after;
use crate::Class;
pub(super) use queue::{Caller, Purpose};
use window::Window;

/// Pause after a 429 without `Retry-After`.
const DEFAULT_PAUSE: Duration = Duration::from_secs(5);

/// Shortest pause after a 429, whatever it asks for: to call again at once would repeat what it complains about.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause after a 429: nothing is sent again before the time that Workato asked for, and that is bounded.
const LONGEST_PAUSE: Duration = retry_after::LONGEST;

/// Upper bound of `longest_wait`. An unbounded one would overflow the clock.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How much later than predicted a permit may still be used, because the permits before it are not used instantly.
const GRACE: Duration = Duration::from_secs(1);

/// A place in the queue of one class. If it is dropped unused, the next place moves up.
///
/// Calls that arrive later can be served earlier, so a permit can move back in the queue. It expires after
/// [`time_left`](Self::time_left): a call with it is sent before that or not at all.
pub struct Permit {
    class: Class,
    ticket: u64,
    reserved_at: Instant,
    expires_at: Instant,
    limiter: Arc<Limiter>,
    is_used: bool,
    /// When the call was counted in a limit that several processes share.
    pub(super) counted_at: Option<Instant>,
}

impl Permit {
    /// The class it was reserved in.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The predicted wait until it may be used. Zero if it may be used now.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let now = Instant::now();
        self.limiter.lock(now).wait_of(self.ticket, now)
    }

    /// The time until it expires: the longest wait, counted from the reservation, and one second of grace.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.expires_at.saturating_duration_since(Instant::now())
    }

    /// Sleeps until the permit may be used, or until it is certain that it will expire before that.
    pub async fn ready(&self) {
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

    /// Waits until the permit may be used and counts a call, sent now. Returns the time since the reservation.
    /// Fails if the permit expires first, because a 429 or other calls moved it back.
    pub(super) async fn consume(mut self) -> Result<Duration, QueueFull> {
        loop {
            self.ready().await;
            let now = Instant::now();
            let mut window = self.limiter.lock(now);
            let wait = window.wait_of(self.ticket, now);
            if now + wait > self.expires_at {
                return Err(QueueFull { wait });
            }
            // Not zero if a 429 arrived in between.
            if wait.is_zero() {
                window.count(self.ticket, now);
                drop(window);
                self.is_used = true;
                self.limiter.watch_window();
                return Ok(now - self.reserved_at);
            }
        }
    }

    pub(super) const fn expires_at(&self) -> Instant {
        self.expires_at
    }

    pub(super) fn is_for(&self, limiters: &Limiters, class: Class) -> bool {
        self.class == class && Arc::ptr_eq(&self.limiter, limiters.of(class))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_used {
            self.limiter.lock(Instant::now()).release(self.ticket);
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
            expires_at: now + self.longest_wait + GRACE,
            limiter: Arc::clone(limiter),
            is_used: false,
            counted_at: None,
        })
    }

    /// The predicted wait of a call of this class that joins the queue now.
    pub(super) fn expected_wait(&self, class: Class, caller: &Caller) -> Duration {
        let now = Instant::now();
        self.of(class).lock(now).wait_of_new(caller, now)
    }

    /// Sends no call of this class for a while after a 429.
    pub(super) fn pause(&self, class: Class, retry_after: Option<Duration>) {
        let now = Instant::now();
        let pause = retry_after.unwrap_or(DEFAULT_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        let limiter = self.of(class);
        limiter.lock(now).pause_until(now + pause);
        limiter.changed.notify_waiters();
    }

    fn of(&self, class: Class) -> &Arc<Limiter> {
        let found = self.by_class.iter().find(|(of, _)| *of == class);
        &found.expect("there is a limiter for every class in Class::VARIANTS").1
    }
}

struct Limiter {
    window: Mutex<Window>,
    changed: Notify,
}

impl Limiter {
    fn new(class: Class, limit: Option<Limit>) -> Self {
        Self { window: Mutex::new(Window::new(class, limit)), changed: Notify::new() }
    }

    /// The window as of now: every permit that may be used by now is granted.
    fn lock(&self, now: Instant) -> MutexGuard<'_, Window> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.advance(now);
        window
    }

    /// Starts a task that advances the window when calls leave it, unless there is one. Without it, the metrics of an
    /// idle client would show its last calls forever.
    fn watch_window(self: &Arc<Self>) {
        if !self.lock(Instant::now()).start_watching() {
            return;
        }
        let this = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(limiter) = this.upgrade() {
                let Some(next) = limiter.lock(Instant::now()).next_to_watch() else { return };
                drop(limiter);
                sleep_until(next).await;
            }
        });
    }
}

#[cfg(test)]
mod tests;
