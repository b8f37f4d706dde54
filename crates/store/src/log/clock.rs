//! The instants that the log records. They never go back: if the system's clock was set back by up to a minute, what is
//! written keeps the last instant until the clock has caught up. If it was set back by more, an entry says so first, and
//! the log goes on from there. Refusing instead would stop all work after a wrong clock was corrected.

use time::{Duration, OffsetDateTime};

use super::{
    action::Action,
    draft::Draft,
    entry::{EntryActor, Target, TargetType, instant},
};

/// How far the clock may be set back without an entry. Time servers correct more than that only once, at the start.
pub const TOLERATED: Duration = Duration::MINUTE;

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

/// The clock's time in the log's resolution, microseconds.
pub(super) fn system_time() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
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
    use time::{Duration, macros::datetime};

    use super::{Reading, reading};

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
