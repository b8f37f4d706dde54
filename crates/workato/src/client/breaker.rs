//! A circuit breaker: sends nothing to Workato while it is down, so that nobody waits for a time-out and no change ends
//! as unknown. It looks at whether answers arrive, not at what they say.
//!
//! - It opens after [`OPENS_AFTER`] calls in a row without an answer: no connection, a broken connection, a time-out, or
//!   a status of 500 and above. One endpoint that always fails does not mean that Workato is down, so the calls must be
//!   of at least two kinds, or one of them must have failed to connect. A read with all its retries counts once.
//! - Any answer closes it, and starts the count again: 401, 404 and 429 are answers.
//! - While it is open, no call is sent; for ten seconds at first. Then the next read, and only that one, is the probe. If
//!   the probe has no answer, the pause doubles, up to a minute. A change is never the probe: it could end as unknown.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::metrics;
use crate::Call;

/// Calls in a row without an answer before the breaker opens.
const OPENS_AFTER: usize = 5;

/// The longest pause between two probes, unless the first pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a call shows about Workato.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// It answered, whatever the answer says.
    Answered,
    /// It was connected and did not answer, or answered with a status of 500 and above.
    NoAnswer,
    /// There was no connection.
    Unreachable,
}

/// The breaker is open, so nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BreakerOpen {
    /// Time until the next probe may be sent; zero while one is under way.
    pub(super) retry_in: Duration,
}

#[derive(Debug)]
pub(super) struct Breaker {
    first_pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Closed {
        /// The calls without an answer since the last answer.
        unanswered: Vec<(Call, Signal)>,
    },
    Open {
        until: Instant,
        pause: Duration,
        is_probed: bool,
    },
}

/// The permission for one call. If it is dropped without [`record`](Self::record), it shows nothing about Workato.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    call: Call,
    is_probe: bool,
    is_recorded: bool,
}

impl Breaker {
    pub(super) fn new(first_pause: Duration) -> Self {
        Self { first_pause, state: Mutex::new(State::Closed { unanswered: Vec::new() }) }
    }

    pub(super) fn admit_read(&self, call: Call) -> Result<Attempt<'_>, BreakerOpen> {
        let is_probe = match &mut *self.state() {
            State::Closed { .. } => false,
            State::Open { until, is_probed, .. } => {
                let retry_in = until.saturating_duration_since(Instant::now());
                if *is_probed || !retry_in.is_zero() {
                    return Err(BreakerOpen { retry_in });
                }
                *is_probed = true;
                true
            }
        };
        Ok(Attempt { breaker: self, call, is_probe, is_recorded: false })
    }

    pub(super) fn admit_change(&self, call: Call) -> Result<Attempt<'_>, BreakerOpen> {
        match self.open() {
            Some(open) => Err(open),
            None => Ok(Attempt { breaker: self, call, is_probe: false, is_recorded: false }),
        }
    }

    /// `None` if the breaker is closed.
    pub(super) fn open(&self) -> Option<BreakerOpen> {
        match &*self.state() {
            State::Closed { .. } => None,
            State::Open { until, .. } => {
                Some(BreakerOpen { retry_in: until.saturating_duration_since(Instant::now()) })
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        if self.open().is_some() {
            metrics::breaker_not_open();
        }
    }
}

impl Attempt<'_> {
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    pub(super) fn record(mut self, signal: Signal) {
        self.is_recorded = true;
        let mut state = self.breaker.state();
        match (&mut *state, signal) {
            (State::Closed { unanswered }, Signal::Answered) => unanswered.clear(),
            (State::Open { .. }, Signal::Answered) => {
                tracing::info!(call = %self.call, "Workato answers again");
                *state = State::Closed { unanswered: Vec::new() };
                metrics::breaker_not_open();
            }
            (State::Closed { unanswered }, signal) => {
                unanswered.push((self.call, signal));
                if shows_outage(unanswered) {
                    let pause = self.breaker.first_pause;
                    tracing::warn!(?unanswered, ?pause, "Workato is down; no calls are sent until the next probe");
                    *state = State::Open { until: Instant::now() + pause, pause, is_probed: false };
                    metrics::breaker_opened();
                } else if unanswered.len() > OPENS_AFTER {
                    // One kind of call that always fails would otherwise fill the memory.
                    unanswered.remove(0);
                }
            }
            (State::Open { until, pause, is_probed }, _) if self.is_probe => {
                *pause = (*pause * 2).min(LONGEST_PAUSE.max(self.breaker.first_pause));
                *until = Instant::now() + *pause;
                *is_probed = false;
            }
            // It was sent before the breaker opened.
            (State::Open { .. }, _) => {}
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_recorded
            && self.is_probe
            && let State::Open { is_probed, .. } = &mut *self.breaker.state()
        {
            *is_probed = false;
        }
    }
}

fn shows_outage(unanswered: &[(Call, Signal)]) -> bool {
    let are_of_two_kinds = unanswered.iter().any(|(call, _)| *call != unanswered[0].0);
    let could_not_connect = unanswered.iter().any(|(_, signal)| *signal == Signal::Unreachable);
    unanswered.len() >= OPENS_AFTER && (are_of_two_kinds || could_not_connect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const PAUSE: Duration = Duration::from_secs(10);
    const LIST: Call = Call::Connections;

    /// Records this signal of a read, if the breaker admits one.
    fn read(breaker: &Breaker, call: Call, signal: Signal) -> Result<(), BreakerOpen> {
        breaker.admit_read(call).map(|attempt| attempt.record(signal))
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new(PAUSE);
        for call in [LIST, LIST, Call::Tags, LIST, LIST] {
            read(&breaker, call, Signal::NoAnswer).expect("closed");
        }
        breaker
    }

    fn is_open(breaker: &Breaker) -> bool {
        breaker.open().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn five_calls_in_a_row_without_an_answer_open_it() {
        let breaker = opened();
        advance(Duration::from_secs(3)).await;
        assert_eq!(breaker.admit_read(LIST).expect_err("open"), BreakerOpen { retry_in: Duration::from_secs(7) });
        assert!(breaker.admit_change(Call::Share).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn any_answer_starts_the_count_again() {
        let breaker = Breaker::new(PAUSE);
        for _ in 0..20 {
            for call in [LIST, Call::Tags, Call::Folders, LIST] {
                read(&breaker, call, Signal::NoAnswer).expect("closed");
            }
            read(&breaker, LIST, Signal::Answered).expect("closed");
        }
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn one_kind_of_call_that_always_fails_opens_it_only_if_it_cannot_connect() {
        let breaker = Breaker::new(PAUSE);
        for _ in 0..20 {
            read(&breaker, LIST, Signal::NoAnswer).expect("closed");
        }
        assert!(!is_open(&breaker));
        read(&breaker, LIST, Signal::Unreachable).expect("closed");
        assert!(is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn changes_count_but_are_never_the_probe() {
        let breaker = Breaker::new(PAUSE);
        for call in [Call::Share, Call::Suppress, Call::Share, Call::DeleteConnection, Call::Share] {
            breaker.admit_change(call).expect("closed").record(Signal::NoAnswer);
        }
        advance(PAUSE).await;
        assert_eq!(breaker.admit_change(Call::Share).expect_err("open"), BreakerOpen { retry_in: Duration::ZERO });
        read(&breaker, LIST, Signal::Answered).expect("the probe");
        assert!(breaker.admit_change(Call::Share).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_read_is_the_probe_and_the_others_are_refused() {
        let breaker = opened();
        advance(PAUSE).await;
        let probe = breaker.admit_read(LIST).expect("the probe");
        assert!(probe.is_probe());
        assert_eq!(breaker.admit_read(LIST).expect_err("a second probe"), BreakerOpen { retry_in: Duration::ZERO });
        probe.record(Signal::Answered);
        assert!(!breaker.admit_read(LIST).expect("closed").is_probe());
    }

    #[tokio::test(start_paused = true)]
    async fn each_failed_probe_doubles_the_pause_up_to_a_minute() {
        let breaker = opened();
        let mut pause = PAUSE;
        for seconds in [20, 40, 60, 60] {
            advance(pause).await;
            read(&breaker, LIST, Signal::Unreachable).expect("the probe");
            pause = Duration::from_secs(seconds);
            assert_eq!(breaker.open(), Some(BreakerOpen { retry_in: pause }));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn if_a_probe_is_dropped_the_next_read_is_the_probe() {
        let breaker = opened();
        advance(PAUSE).await;
        drop(breaker.admit_read(LIST).expect("the probe"));
        read(&breaker, LIST, Signal::Answered).expect("the next probe");
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_sent_before_it_opened_closes_it_with_an_answer_and_changes_nothing_without_one() {
        let breaker = Breaker::new(PAUSE);
        let (first, second) = (breaker.admit_read(LIST).expect("closed"), breaker.admit_read(LIST).expect("closed"));
        for call in [LIST, Call::Tags, LIST, LIST, LIST] {
            read(&breaker, call, Signal::NoAnswer).expect("closed");
        }
        first.record(Signal::NoAnswer);
        assert_eq!(breaker.open(), Some(BreakerOpen { retry_in: PAUSE }));
        second.record(Signal::Answered);
        assert!(!is_open(&breaker));
    }
}
