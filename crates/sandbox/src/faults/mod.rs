//! Going wrong on purpose: which faults are set, and whether one strikes this call.
//! How a fault is written is in `syntax`, what it does to a call in `misbehave`.

mod misbehave;
mod pattern;
mod syntax;

use std::{
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::Serialize;

pub use misbehave::misbehave;
pub use pattern::Pattern;
pub use syntax::FaultSyntaxError;

/// A kind of misbehaviour for some calls, at a rate. Written as `METHOD PATH: KIND [@ RATE] [xTIMES]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which calls.
    pub calls: Pattern,
    /// What happens to them.
    pub kind: FaultKind,
    /// To which share of them, above 0 and at most 1.
    pub rate: f64,
    /// To how many of them; then it is spent. Without limit when `None`.
    pub times: Option<u64>,
}

/// Whether a fault strikes before the call's work is done, so that nothing happened, or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The work is not done.
    Before,
    /// The work is done and in the ledger; the client is not told.
    After,
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// In seconds.
    Seconds(u64),
    /// As an HTTP date that many seconds ahead.
    Date(u64),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The call takes longer, before its work or after it. Other faults may strike the same call.
    Latency(Moment, RangeInclusive<Duration>),
    /// 429, with or without a `Retry-After`.
    TooManyRequests(Option<RetryAfter>),
    /// 500 with the documented JSON body.
    ServerError(Moment),
    /// 502 with a page of HTML, as an edge proxy sends it.
    Html(Moment),
    /// Any other status with a JSON message; no work is done.
    Status(StatusCode),
    /// 302 to somewhere; no work is done.
    Redirect(String),
    /// A complete HTTP answer whose JSON stops half-way.
    Truncate,
    /// Half of the answer that its Content-Length promises; then the connection closes.
    Cut,
    /// A TCP reset instead of an answer.
    Reset(Moment),
    /// No answer at all, the connection stays open.
    Hang(Moment),
    /// Every object of the answer has a field that no document knows.
    ExtraFields,
    /// Every object of the answer that has an id lacks some of its other fields.
    AbsentFields,
}

/// A fault that is set, as the control API shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetFault {
    /// The name it was set under.
    pub name: String,
    /// The fault, as it is written.
    pub fault: String,
    /// How many calls it struck.
    pub struck: u64,
    /// How many more it will strike; `null` without limit.
    pub remaining: Option<u64>,
}

/// The faults of a sandbox, and the dice that decide about rates.
#[derive(Debug)]
pub struct Faults {
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    faults: Vec<Active>,
    dice: StdRng,
}

#[derive(Debug)]
struct Active {
    name: String,
    fault: Fault,
    struck: u64,
}

/// What is to happen to one call.
#[derive(Debug, Default, PartialEq)]
struct Verdict {
    latency_before: Duration,
    latency_after: Duration,
    fault: Option<FaultKind>,
    /// Decides about details: which fields go missing, which id a 500 carries.
    chance: u128,
}

impl Faults {
    /// No faults; the same seed throws the same dice.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { table: Mutex::new(Table { faults: Vec::new(), dice: StdRng::seed_from_u64(seed) }) }
    }

    /// Sets a fault under a name, in place of the one that has this name.
    pub fn put(&self, name: &str, fault: Fault) {
        let mut table = self.table();
        let active = Active { name: name.to_owned(), fault, struck: 0 };
        match table.faults.iter_mut().find(|set| set.name == name) {
            Some(set) => *set = active,
            None => table.faults.push(active),
        }
    }

    /// Lifts the fault of this name; `false` when there is none.
    pub fn remove(&self, name: &str) -> bool {
        let mut table = self.table();
        let before = table.faults.len();
        table.faults.retain(|set| set.name != name);
        table.faults.len() < before
    }

    /// Lifts all faults.
    pub fn clear(&self) {
        self.table().faults.clear();
    }

    /// The faults that are set, spent ones included, in the order in which they were.
    pub fn list(&self) -> Vec<SetFault> {
        self.table()
            .faults
            .iter()
            .map(|set| SetFault {
                name: set.name.clone(),
                fault: set.fault.to_string(),
                struck: set.struck,
                remaining: set.fault.times.map(|times| times.saturating_sub(set.struck)),
            })
            .collect()
    }

    /// Decides about a call. Latencies add up; of the others the first that strikes is the only one.
    fn judge(&self, method: &Method, path: &str) -> Verdict {
        let mut table = self.table();
        let Table { faults, dice } = &mut *table;
        let mut verdict = Verdict { chance: dice.random(), ..Verdict::default() };
        for set in faults.iter_mut().filter(|set| set.fault.calls.matches(method, path)) {
            let spent = set.fault.times.is_some_and(|times| set.struck >= times);
            let is_latency = matches!(set.fault.kind, FaultKind::Latency(..));
            if spent || (!is_latency && verdict.fault.is_some()) || !dice.random_bool(set.fault.rate) {
                continue;
            }
            set.struck += 1;
            match &set.fault.kind {
                FaultKind::Latency(Moment::Before, range) => {
                    verdict.latency_before = verdict.latency_before.saturating_add(dice.random_range(range.clone()))
                }
                FaultKind::Latency(Moment::After, range) => {
                    verdict.latency_after = verdict.latency_after.saturating_add(dice.random_range(range.clone()))
                }
                other => verdict.fault = Some(other.clone()),
            }
        }
        verdict
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().expect("a fault that is written as documented")
    }

    fn strikes(faults: &Faults, calls: usize) -> usize {
        (0..calls).filter(|_| faults.judge(&Method::GET, "/api/connections").fault.is_some()).count()
    }

    #[test]
    fn a_rate_strikes_about_that_share_and_the_same_calls_for_the_same_seed() {
        let pattern_of = |seed| {
            let faults = Faults::seeded(seed);
            faults.put("one", fault("GET /api/connections: 500 @ 0.2"));
            (0..1000).map(|_| faults.judge(&Method::GET, "/api/connections").fault.is_some()).collect::<Vec<_>>()
        };
        let struck = pattern_of(1).iter().filter(|struck| **struck).count();
        assert!((150..250).contains(&struck), "{struck} of 1000 at a rate of 0.2");
        assert_eq!(pattern_of(1), pattern_of(1));
        assert_ne!(pattern_of(1), pattern_of(2));
    }

    #[test]
    fn a_counted_fault_is_spent_after_its_last_time() {
        let faults = Faults::seeded(1);
        faults.put("twice", fault("* /api/**: 500 x2"));
        assert_eq!(strikes(&faults, 10), 2);
        assert_eq!(faults.list()[0].remaining, Some(0));
    }

    #[test]
    fn latencies_add_up_and_leave_room_for_one_other_fault() {
        let faults = Faults::seeded(1);
        faults.put("slow", fault("* /api/**: latency 10ms"));
        faults.put("slower", fault("* /api/**: latency 20ms"));
        faults.put("late", fault("* /api/**: latency-after 5ms"));
        faults.put("first", fault("* /api/**: 500"));
        faults.put("second", fault("* /api/**: html"));
        let verdict = faults.judge(&Method::GET, "/api/connections");
        assert_eq!(verdict.latency_before, Duration::from_millis(30));
        assert_eq!(verdict.latency_after, Duration::from_millis(5));
        assert_eq!(verdict.fault, Some(FaultKind::ServerError(Moment::Before)));
        assert_eq!(faults.list()[4].struck, 0);
    }

    #[test]
    fn putting_under_a_name_replaces_and_removing_lifts() {
        let faults = Faults::seeded(1);
        faults.put("one", fault("* /api/**: 500"));
        faults.put("one", fault("* /api/tags: 500"));
        assert_eq!(faults.list().len(), 1);
        assert_eq!(strikes(&faults, 1), 0);
        assert!(faults.remove("one"));
        assert!(!faults.remove("one"));
    }
}
