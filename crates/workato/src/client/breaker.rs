//! Leaves Workato alone while it is plainly down, so that nobody waits for what will not come and no change is sent
//! that could end as unknown. It judges answers by whether they came, not by what they say.
//!
//! - It opens after [`OPENS_AFTER`] calls in a row that had no answer: no connection, a broken one, none in time, or a
//!   status from 500 on. One call that always fails is not a Workato that is down, so they have to be of two different
//!   calls, unless one of them could not even connect, which no call is to blame for. A read counts once, with all its
//!   retries.
//! - Any answer closes it and ends the row: a 401, a 404 and a 429 are answers.
//! - While it is open no call is sent, for ten seconds at first. Then the next read is the probe, the only one; if it
//!   has no answer, either, the pause is twice as long, up to a minute. A change is never the probe: it could end as
//!   unknown.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::metrics;
use crate::Call;

/// Calls without an answer in a row.
const OPENS_AFTER: usize = 5;

/// The longest pause between two probes, unless the first is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a call says of Workato.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// An answer came, whatever it said.
    Up,
    /// None came, though a connection did; or one of a status from 500 on.
    Silent,
    /// There was no connection.
    Unreachable,
}

/// Workato is plainly down, so nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Down {
    /// How long until it may be asked again; zero while it is being asked.
    pub(super) retry_in: Duration,
}

#[derive(Debug)]
pub(super) struct Breaker {
    first_pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// The calls without an answer since the last one that had one.
    Closed {
        unanswered: Vec<(Call, Sign)>,
    },
    Open {
        until: Instant,
        pause: Duration,
        is_probed: bool,
    },
}

/// Leave to make one call, and to tell how it went. Dropped untold, it says nothing of Workato.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    call: Call,
    is_probe: bool,
    is_told: bool,
}

impl Breaker {
    pub(super) fn new(first_pause: Duration) -> Self {
        Self { first_pause, state: Mutex::new(State::Closed { unanswered: Vec::new() }) }
    }

    pub(super) fn admit_read(&self, call: Call) -> Result<Pass<'_>, Down> {
        let is_probe = match &mut *self.state() {
            State::Closed { .. } => false,
            State::Open { until, is_probed, .. } => {
                let retry_in = until.saturating_duration_since(Instant::now());
                if *is_probed || !retry_in.is_zero() {
                    return Err(Down { retry_in });
                }
                *is_probed = true;
                true
            }
        };
        Ok(Pass { breaker: self, call, is_probe, is_told: false })
    }

    pub(super) fn admit_change(&self, call: Call) -> Result<Pass<'_>, Down> {
        match self.down() {
            Some(down) => Err(down),
            None => Ok(Pass { breaker: self, call, is_probe: false, is_told: false }),
        }
    }

    /// Whether Workato is plainly down.
    pub(super) fn down(&self) -> Option<Down> {
        match &*self.state() {
            State::Closed { .. } => None,
            State::Open { until, .. } => Some(Down { retry_in: until.saturating_duration_since(Instant::now()) }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        if self.down().is_some() {
            metrics::breaker_not_open();
        }
    }
}

impl Pass<'_> {
    /// Whether this call alone may find out whether Workato is up again.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    pub(super) fn tell(mut self, sign: Sign) {
        self.is_told = true;
        let mut state = self.breaker.state();
        match (&mut *state, sign) {
            (State::Closed { unanswered }, Sign::Up) => unanswered.clear(),
            (State::Open { .. }, Sign::Up) => {
                tracing::info!(call = %self.call, "Workato answers again");
                *state = State::Closed { unanswered: Vec::new() };
                metrics::breaker_not_open();
            }
            (State::Closed { unanswered }, sign) => {
                unanswered.push((self.call, sign));
                if is_plainly_down(unanswered) {
                    let pause = self.breaker.first_pause;
                    tracing::warn!(?unanswered, ?pause, "Workato is down; nothing is sent for a while");
                    *state = State::Open { until: Instant::now() + pause, pause, is_probed: false };
                    metrics::breaker_opened();
                }
                // A row that could go on for ever: what is older says no more.
                else if unanswered.len() > OPENS_AFTER {
                    unanswered.remove(0);
                }
            }
            (State::Open { until, pause, is_probed }, _) if self.is_probe => {
                *pause = (*pause * 2).min(LONGEST_PAUSE.max(self.breaker.first_pause));
                *until = Instant::now() + *pause;
                *is_probed = false;
            }
            // It was under way when the breaker opened, and tells nothing new.
            (State::Open { .. }, _) => {}
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.is_told
            && self.is_probe
            && let State::Open { is_probed, .. } = &mut *self.breaker.state()
        {
            *is_probed = false;
        }
    }
}

fn is_plainly_down(unanswered: &[(Call, Sign)]) -> bool {
    let of_different_calls = unanswered.iter().any(|(call, _)| *call != unanswered[0].0);
    let without_connection = unanswered.iter().any(|(_, sign)| *sign == Sign::Unreachable);
    unanswered.len() >= OPENS_AFTER && (of_different_calls || without_connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const PAUSE: Duration = Duration::from_secs(10);
    const LIST: Call = Call::Connections;

    /// Tells the sign of a read, if one may be made.
    fn read(breaker: &Breaker, call: Call, sign: Sign) -> Result<(), Down> {
        breaker.admit_read(call).map(|pass| pass.tell(sign))
    }

    fn open() -> Breaker {
        let breaker = Breaker::new(PAUSE);
        for call in [LIST, LIST, Call::Tags, LIST, LIST] {
            read(&breaker, call, Sign::Silent).expect("closed");
        }
        breaker
    }

    fn is_open(breaker: &Breaker) -> bool {
        breaker.down().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn five_calls_in_a_row_without_an_answer_open_it() {
        let breaker = open();
        advance(Duration::from_secs(3)).await;
        assert_eq!(breaker.admit_read(LIST).expect_err("open"), Down { retry_in: Duration::from_secs(7) });
        assert!(breaker.admit_change(Call::Share).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn any_answer_ends_the_row() {
        let breaker = Breaker::new(PAUSE);
        for _ in 0..20 {
            for call in [LIST, Call::Tags, Call::Folders, LIST] {
                read(&breaker, call, Sign::Silent).expect("closed");
            }
            read(&breaker, LIST, Sign::Up).expect("closed");
        }
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_that_always_fails_does_not_open_it_unless_there_is_no_connection() {
        let breaker = Breaker::new(PAUSE);
        for _ in 0..20 {
            read(&breaker, LIST, Sign::Silent).expect("closed");
        }
        assert!(!is_open(&breaker));
        read(&breaker, LIST, Sign::Unreachable).expect("closed");
        assert!(is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn changes_count_but_are_never_the_probe() {
        let breaker = Breaker::new(PAUSE);
        for call in [Call::Share, Call::Suppress, Call::Share, Call::DeleteConnection, Call::Share] {
            breaker.admit_change(call).expect("closed").tell(Sign::Silent);
        }
        advance(PAUSE).await;
        assert_eq!(breaker.admit_change(Call::Share).expect_err("open"), Down { retry_in: Duration::ZERO });
        read(&breaker, LIST, Sign::Up).expect("the probe");
        assert!(breaker.admit_change(Call::Share).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_read_asks_and_the_others_are_told_to_wait() {
        let breaker = open();
        advance(PAUSE).await;
        let probe = breaker.admit_read(LIST).expect("the probe");
        assert!(probe.is_probe());
        assert_eq!(breaker.admit_read(LIST).expect_err("one is enough"), Down { retry_in: Duration::ZERO });
        probe.tell(Sign::Up);
        assert!(!breaker.admit_read(LIST).expect("closed").is_probe());
    }

    #[tokio::test(start_paused = true)]
    async fn each_probe_without_an_answer_doubles_the_pause_up_to_a_minute() {
        let breaker = open();
        let mut pause = PAUSE;
        for seconds in [20, 40, 60, 60] {
            advance(pause).await;
            read(&breaker, LIST, Sign::Unreachable).expect("the probe");
            pause = Duration::from_secs(seconds);
            assert_eq!(breaker.down(), Some(Down { retry_in: pause }));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_leaves_the_probe_to_the_next() {
        let breaker = open();
        advance(PAUSE).await;
        drop(breaker.admit_read(LIST).expect("the probe"));
        read(&breaker, LIST, Sign::Up).expect("the next probe");
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_under_way_when_it_opened_closes_it_by_its_answer_and_does_nothing_by_its_silence() {
        let breaker = Breaker::new(PAUSE);
        let (first, second) = (breaker.admit_read(LIST).expect("closed"), breaker.admit_read(LIST).expect("closed"));
        for call in [LIST, Call::Tags, LIST, LIST, LIST] {
            read(&breaker, call, Sign::Silent).expect("closed");
        }
        first.tell(Sign::Silent);
        assert_eq!(breaker.down(), Some(Down { retry_in: PAUSE }));
        second.tell(Sign::Up);
        assert!(!is_open(&breaker));
    }
}
