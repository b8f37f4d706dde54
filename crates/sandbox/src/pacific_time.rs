//! Instants as in Workato's answers: with milliseconds and the offset of the US Pacific time zone.
//! It knows only this zone, by the daylight saving rule in force since 2007.

use std::fmt;

use serde::{Serialize, Serializer};
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, macros::offset};

const STANDARD: UtcOffset = offset!(-8);
const DAYLIGHT: UtcOffset = offset!(-7);

/// An instant in whole milliseconds, displayed as `2020-12-23T14:11:18.052-08:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacificTime(OffsetDateTime);

impl PacificTime {
    /// The current instant.
    #[must_use]
    pub fn now() -> Self {
        OffsetDateTime::now_utc().into()
    }

    /// The instant in UTC.
    #[must_use]
    pub fn instant(self) -> OffsetDateTime {
        self.0
    }

    /// The instant `ago` before this one.
    #[must_use]
    pub fn minus(self, ago: Duration) -> Self {
        (self.0 - ago).into()
    }
}

impl From<OffsetDateTime> for PacificTime {
    fn from(instant: OffsetDateTime) -> Self {
        let utc = instant.to_offset(UtcOffset::UTC);
        let below_a_millisecond = i64::from(utc.nanosecond() % 1_000_000);
        Self(utc - Duration::nanoseconds(below_a_millisecond))
    }
}

impl fmt::Display for PacificTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.0.to_offset(offset_at(self.0));
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}-{:02}:00",
            local.year(),
            u8::from(local.month()),
            local.day(),
            local.hour(),
            local.minute(),
            local.second(),
            local.millisecond(),
            -local.offset().whole_hours(),
        )
    }
}

impl Serialize for PacificTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The offset at an instant. Daylight saving time lasts from the second Sunday of March to the first Sunday of
/// November; clocks change at 2:00 local time.
fn offset_at(instant: OffsetDateTime) -> UtcOffset {
    let year = instant.to_offset(STANDARD).year();
    let Some(begins) = sunday(year, Month::March, 2).map(|day| at_two(day, STANDARD)) else { return STANDARD };
    let Some(ends) = sunday(year, Month::November, 1).map(|day| at_two(day, DAYLIGHT)) else { return STANDARD };
    if instant >= begins && instant < ends { DAYLIGHT } else { STANDARD }
}

fn sunday(year: i32, month: Month, nth: u8) -> Option<Date> {
    let first = Date::from_calendar_date(year, month, 1).ok()?;
    let to_sunday = (7 - first.weekday().number_days_from_sunday()) % 7;
    first.replace_day(1 + to_sunday + 7 * (nth - 1)).ok()
}

fn at_two(day: Date, offset: UtcOffset) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT + Duration::hours(2)).assume_offset(offset)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn written(instant: OffsetDateTime) -> String {
        PacificTime::from(instant).to_string()
    }

    #[test]
    fn the_offset_is_eight_hours_in_winter_and_seven_in_summer() {
        assert_eq!(written(datetime!(2020-12-23 22:11:18.052 UTC)), "2020-12-23T14:11:18.052-08:00");
        assert_eq!(written(datetime!(2022-08-08 15:05:22.047 UTC)), "2022-08-08T08:05:22.047-07:00");
    }

    #[test]
    fn clocks_change_at_two_on_the_second_sunday_of_march() {
        assert_eq!(written(datetime!(2026-03-08 09:59:59.999 UTC)), "2026-03-08T01:59:59.999-08:00");
        assert_eq!(written(datetime!(2026-03-08 10:00:00 UTC)), "2026-03-08T03:00:00.000-07:00");
        // March 2026 begins on a Sunday, March 2025 on a Saturday.
        assert_eq!(written(datetime!(2025-03-09 10:00:00 UTC)), "2025-03-09T03:00:00.000-07:00");
        assert_eq!(written(datetime!(2025-03-09 09:59:59 UTC)), "2025-03-09T01:59:59.000-08:00");
    }

    #[test]
    fn clocks_change_back_at_two_on_the_first_sunday_of_november() {
        assert_eq!(written(datetime!(2026-11-01 08:59:59 UTC)), "2026-11-01T01:59:59.000-07:00");
        assert_eq!(written(datetime!(2026-11-01 09:00:00 UTC)), "2026-11-01T01:00:00.000-08:00");
    }

    #[test]
    fn the_turn_of_the_year_is_decided_by_the_local_year() {
        assert_eq!(written(datetime!(2026-01-01 03:00:00 UTC)), "2025-12-31T19:00:00.000-08:00");
    }

    #[test]
    fn fractions_of_a_millisecond_are_rounded_down() {
        assert_eq!(written(datetime!(2026-01-01 12:00:00.000_999_999 UTC)), "2026-01-01T04:00:00.000-08:00");
    }
}
