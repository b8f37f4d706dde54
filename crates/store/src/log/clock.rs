//! The instants that the log records. They never go back: if the system's clock was set back by up to a minute, what is
//! written keeps the last instant until the clock has caught up. If it was set back by more, an entry says so first, and
//! the log goes on from there. Refusing instead would stop all work after a wrong clock was corrected.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use time::{Duration, OffsetDateTime};

use super::{
    action::Action,
    draft::Draft,
    entry::{EntryActor, Target, TargetType, instant},
};
use crate::values;

/// How far the clock may be set back without an entry. Time servers correct more than that only once, at the start.
pub const TOLERATED: Duration = Duration::MINUTE;

/// Where instants come from: the system's clock, or one that is set by hand. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still at this instant until it is set.
    #[must_use]
    pub fn at(instant: OffsetDateTime) -> Self {
        Self(Some(Arc::new(AtomicI64::new(values::micros(instant)))))
    }

    /// Sets a clock that was made by [`Clock::at`]. The system's clock cannot be set.
    pub fn set(&self, instant: OffsetDateTime) {
        if let Some(set) = &self.0 {
            set.store(values::micros(instant), Ordering::Release);
        }
    }

    /// Makes a clock that was made by [`Clock::at`] follow the system's clock.
    pub fn follow_system(&self) {
        if let Some(set) = &self.0 {
            set.store(FOLLOWS_SYSTEM, Ordering::Release);
        }
    }

    /// What the clock says.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let set = self.0.as_ref().map(|set| set.load(Ordering::Acquire)).filter(|set| *set != FOLLOWS_SYSTEM);
        let set = set.and_then(|set| values::instant(set).ok());
        set.unwrap_or_else(OffsetDateTime::now_utc)
    }
}

/// The value of a clock that follows the system's.
const FOLLOWS_SYSTEM: i64 = i64::MIN;

/// What the clock says, compared with the newest instant of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The instant of what is written now.
    At(OffsetDateTime),
    /// The clock was set back by more than is tolerated.
    SetBack {
        /// The newest instant of the log.
        from: OffsetDateTime,
    },
}

pub(super) fn reading(newest: Option<OffsetDateTime>, now: OffsetDateTime) -> Reading {
    match newest {
        Some(from) if from - now > TOLERATED => Reading::SetBack { from },
        Some(newest) => Reading::At(now.max(newest)),
        None => Reading::At(now),
    }
}

/// An instant in the log's resolution, microseconds.
pub(super) fn in_micros(now: OffsetDateTime) -> OffsetDateTime {
    now.replace_microsecond(now.microsecond()).unwrap_or(now)
}

/// The entry that says that the clock was set back.
pub(super) fn set_back(from: OffsetDateTime, to: OffsetDateTime) -> Draft {
    let text = |at| instant::text(at).unwrap_or_default();
    Draft::recorded(EntryActor::system(), Action::AuditClockSet)
        .target(Target::new(TargetType::AuditLog, "clock", None))
        .parameter("from", text(from))
        .parameter("to", text(to))
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::{Clock, Reading, reading};

    #[test]
    fn a_clock_that_is_set_stands_still_for_every_clone_until_it_follows_the_system() {
        let clock = Clock::at(datetime!(2026-10-25 02:30 UTC));
        let clone = clock.clone();
        clock.set(datetime!(2026-10-26 02:30 UTC));
        assert_eq!(clone.now(), datetime!(2026-10-26 02:30 UTC));
        clone.follow_system();
        assert!((OffsetDateTime::now_utc() - clock.now()).abs() < Duration::MINUTE);
        let system = Clock::system();
        system.set(datetime!(2026-10-26 02:30 UTC));
        assert!((OffsetDateTime::now_utc() - system.now()).abs() < Duration::MINUTE, "nobody sets the system's clock");
    }

    #[test]
    fn the_log_waits_for_a_clock_that_is_a_minute_late_and_no_longer() {
        let newest = datetime!(2026-10-25 02:30 UTC);
        let read = |seconds| reading(Some(newest), newest + Duration::seconds(seconds));
        assert_eq!(read(1), Reading::At(newest + Duration::SECOND));
        assert_eq!(read(0), Reading::At(newest));
        assert_eq!(read(-60), Reading::At(newest));
        assert_eq!(read(-61), Reading::SetBack { from: newest });
        assert_eq!(reading(None, newest), Reading::At(newest));
    }
}
