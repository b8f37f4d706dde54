//! Faults: which ones are set, and which one a call meets.
//! How they are written is in `syntax`, what they do to a call in `fault_injection`.

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

pub use pattern::Pattern;
pub use syntax::FaultSyntaxError;

/// A fault for some calls, at a rate. Written as `METHOD PATH: KIND [@ RATE] [xTIMES]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The calls it applies to.
    pub calls: Pattern,
    /// What happens to these calls.
    pub kind: FaultKind,
    /// The share of these calls, above 0 and at most 1.
    pub rate: f64,
    /// The number of calls after which it is used up. `None` for no limit.
    pub times: Option<u64>,
}

/// Whether a fault happens before the call changes anything or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nothing was changed.
    Before,
    /// The change was made and is in the ledger, but the client does not get its answer.
    After,
}

/// The `Retry-After` of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Seconds.
    Seconds(u64),
    /// An HTTP date this many seconds in the future.
    Date(u64),
}

/// The kinds of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The call takes longer, before or after its work. The call can have another fault as well.
    Latency(Moment, RangeInclusive<Duration>),
    /// 429, with or without a `Retry-After`.
    TooManyRequests(Option<RetryAfter>),
    /// 500 with the documented JSON body.
    ServerError(Moment),
    /// 502 with an HTML page, as from a proxy.
    Html(Moment),
    /// Any other status with a JSON message. Nothing was changed.
    Status(StatusCode),
    /// 302 to this location. Nothing was changed.
    Redirect(String),
    /// A complete HTTP answer with half of the JSON.
    Truncate,
    /// Half of the body that Content-Length announces; then the connection closes.
    Cut,
    /// A TCP reset instead of an answer.
    Reset(Moment),
    /// No answer, and the connection stays open.
    Hang(Moment),
    /// Every object in the answer has an undocumented field.
    ExtraFields,
    /// Every object in the answer that has an id lacks some of its other fields.
    AbsentFields,
    /// Objects in the answer have values that no document describes, and lists have elements without an id. Some bytes
    /// are not UTF-8.
    OddValues,
    /// Every object in the answer that has this field has an object in its place.
    OddField(String),
    /// The parameters of the query are ignored.
    IgnoredQuery,
}

/// A fault that is set, as in the control API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetFault {
    /// The name.
    pub name: String,
    /// The fault, in its notation.
    pub fault: String,
    /// How many calls it has affected.
    pub struck: u64,
    /// How many more calls it will affect; `null` for no limit.
    pub remaining: Option<u64>,
}

/// The faults of a sandbox, and the random numbers for their rates.
#[derive(Debug)]
pub struct Faults {
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    faults: Vec<Active>,
    rng: StdRng,
}

#[derive(Debug)]
struct Active {
    name: String,
    fault: Fault,
    struck: u64,
}

/// What happens to one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Decision {
    pub(crate) latency_before: Duration,
    pub(crate) latency_after: Duration,
    pub(crate) fault: Option<FaultKind>,
    /// A random number for details: which fields are missing, which id a 500 has.
    pub(crate) random: u128,
}

impl Faults {
    /// No faults. The same seed gives the same decisions.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { table: Mutex::new(Table { faults: Vec::new(), rng: StdRng::seed_from_u64(seed) }) }
    }

    /// Sets a fault. Replaces the fault with the same name.
    pub fn put(&self, name: &str, fault: Fault) {
        let mut table = self.table();
        let active = Active { name: name.to_owned(), fault, struck: 0 };
        match table.faults.iter_mut().find(|set| set.name == name) {
            Some(set) => *set = active,
            None => table.faults.push(active),
        }
    }

    /// Removes the fault with this name. `false` if there is none.
    pub fn remove(&self, name: &str) -> bool {
        let mut table = self.table();
        let before = table.faults.len();
        table.faults.retain(|set| set.name != name);
        table.faults.len() < before
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.table().faults.clear();
    }

    /// The faults in the order in which they were set, including used-up ones.
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

    /// Chooses what happens to a call. Latencies add up; of the other faults only the first one applies.
    pub(crate) fn decide(&self, method: &Method, path: &str) -> Decision {
        let mut table = self.table();
        let Table { faults, rng } = &mut *table;
        let mut decision = Decision { random: rng.random(), ..Decision::default() };
        for set in faults.iter_mut().filter(|set| set.fault.calls.matches(method, path)) {
            let spent = set.fault.times.is_some_and(|times| set.struck >= times);
            let is_latency = matches!(set.fault.kind, FaultKind::Latency(..));
            if spent || (!is_latency && decision.fault.is_some()) || !rng.random_bool(set.fault.rate) {
                continue;
            }
            set.struck += 1;
            match &set.fault.kind {
                FaultKind::Latency(Moment::Before, range) => {
                    decision.latency_before = decision.latency_before.saturating_add(rng.random_range(range.clone()))
                }
                FaultKind::Latency(Moment::After, range) => {
                    decision.latency_after = decision.latency_after.saturating_add(rng.random_range(range.clone()))
                }
                other => decision.fault = Some(other.clone()),
            }
        }
        decision
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().expect("a documented fault")
    }

    fn strikes(faults: &Faults, calls: usize) -> usize {
        (0..calls).filter(|_| faults.decide(&Method::GET, "/api/connections").fault.is_some()).count()
    }

    #[test]
    fn a_rate_affects_about_that_share_and_the_same_calls_for_the_same_seed() {
        let pattern_of = |seed| {
            let faults = Faults::seeded(seed);
            faults.put("one", fault("GET /api/connections: 500 @ 0.2"));
            (0..1000).map(|_| faults.decide(&Method::GET, "/api/connections").fault.is_some()).collect::<Vec<_>>()
        };
        let struck = pattern_of(1).iter().filter(|struck| **struck).count();
        assert!((150..250).contains(&struck), "{struck} of 1000 at a rate of 0.2");
        assert_eq!(pattern_of(1), pattern_of(1));
        assert_ne!(pattern_of(1), pattern_of(2));
    }

    #[test]
    fn a_counted_fault_is_used_up_after_its_last_time() {
        let faults = Faults::seeded(1);
        faults.put("twice", fault("* /api/**: 500 x2"));
        assert_eq!(strikes(&faults, 10), 2);
        assert_eq!(faults.list()[0].remaining, Some(0));
    }

    #[test]
    fn latencies_add_up_beside_one_other_fault() {
        let faults = Faults::seeded(1);
        faults.put("slow", fault("* /api/**: latency 10ms"));
        faults.put("slower", fault("* /api/**: latency 20ms"));
        faults.put("late", fault("* /api/**: latency-after 5ms"));
        faults.put("first", fault("* /api/**: 500"));
        faults.put("second", fault("* /api/**: html"));
        let decision = faults.decide(&Method::GET, "/api/connections");
        assert_eq!(decision.latency_before, Duration::from_millis(30));
        assert_eq!(decision.latency_after, Duration::from_millis(5));
        assert_eq!(decision.fault, Some(FaultKind::ServerError(Moment::Before)));
        assert_eq!(faults.list()[4].struck, 0);
    }

    #[test]
    fn put_replaces_and_remove_removes_by_name() {
        let faults = Faults::seeded(1);
        faults.put("one", fault("* /api/**: 500"));
        faults.put("one", fault("* /api/tags: 500"));
        assert_eq!(faults.list().len(), 1);
        assert_eq!(strikes(&faults, 1), 0);
        assert!(faults.remove("one"));
        assert!(!faults.remove("one"));
    }
}
