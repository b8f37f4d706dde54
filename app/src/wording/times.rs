//! Times as people read them: how long ago, or the date and time. Pages show times at the reader's offset from UTC and
//! name it once; texts for other places are in UTC and say so.

use portal::audit::Took;
use time::{OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const WEEKDAY: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short] [day padding:none] [month repr:short] [year]");

/// The date and time at `zone`: "23 Oct 2026, 02:00".
pub fn moment(at: OffsetDateTime, zone: UtcOffset) -> String {
    at.to_offset(zone).format(MOMENT).unwrap_or_default()
}

/// The time of day at `zone`: "02:00".
pub fn clock(at: OffsetDateTime, zone: UtcOffset) -> String {
    at.to_offset(zone).format(CLOCK).unwrap_or_default()
}

/// The day at `zone`: "Today, Fri 23 Oct 2026".
pub fn day(at: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
    let day = at.to_offset(zone).date();
    let words = day.format(WEEKDAY).unwrap_or_default();
    let today = now.to_offset(zone).date();
    if day == today {
        format!("Today, {words}")
    } else if Some(day) == today.previous_day() {
        format!("Yesterday, {words}")
    } else {
        words
    }
}

/// The date at `zone`: "23 Oct 2026".
pub fn date(at: OffsetDateTime, zone: UtcOffset) -> String {
    at.to_offset(zone).format(DAY).unwrap_or_default()
}

/// "UTC", "UTC+1", "UTC−3:30".
pub fn zone_name(zone: UtcOffset) -> String {
    let (hours, minutes, _) = zone.as_hms();
    let sign = if zone.is_negative() { "−" } else { "+" };
    match (hours.unsigned_abs(), minutes.unsigned_abs()) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The date and time to the second: "23 Oct 2026, 02:00:15 UTC".
pub fn exact(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(EXACT).unwrap_or_default()
}

/// How long ago, to the second within the first minute: "12 s ago".
pub fn age(at: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
    match (now - at).whole_seconds() {
        seconds @ -59..=59 => format!("{} s ago", seconds.max(0)),
        _ => ago(at, now, zone),
    }
}

/// How long ago, and the date after a day: "2 h ago", "2 Nov 2026".
pub fn ago(at: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
    let passed = now - at;
    match (passed.whole_seconds(), passed.whole_minutes(), passed.whole_hours()) {
        (..=-60, ..) => moment(at, zone),
        (-59..=59, ..) => "just now".to_owned(),
        (_, minutes @ ..60, _) => format!("{minutes} min ago"),
        (.., hours @ ..24) => format!("{hours} h ago"),
        _ => date(at, zone),
    }
}

/// A number of whole days: "1 day", "93 days".
pub fn days(passed: time::Duration) -> String {
    match passed.whole_days() {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// How long somebody has to wait, rounded up: "75 s", "4 min 12 s", "14 h 39 min".
pub fn wait(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    let (whole, rest) = match seconds {
        ..120 => return format!("{seconds} s"),
        120..3_600 => ((seconds / 60, "min"), (seconds % 60, "s")),
        _ => ((minutes / 60, "h"), (minutes % 60, "min")),
    };
    let part = |(count, unit)| format!("{count} {unit}");
    if rest.0 == 0 { part(whole) } else { format!("{} {}", part(whole), part(rest)) }
}

/// How long something took: "0.8 s", "12 s", "4 min 12 s".
pub fn duration(length: time::Duration) -> String {
    let seconds = length.as_seconds_f64().max(0.0);
    if seconds < 10.0 { format!("{seconds:.1} s") } else { wait(length.whole_seconds().unsigned_abs()) }
}

/// How long an operation took: "1 to 5 s".
pub const fn took(took: Took) -> &'static str {
    match took {
        Took::UnderASecond => "under 1 s",
        Took::Seconds => "1 to 5 s",
        Took::LongSeconds => "5 to 30 s",
        Took::Minutes => "30 s to 5 min",
        Took::Longer => "over 5 min",
    }
}

#[cfg(test)]
mod tests {
    use time::{
        UtcOffset,
        macros::{datetime, offset},
    };

    use super::{age, ago, clock, day, duration, moment, wait, zone_name};

    #[test]
    fn times_are_at_the_readers_offset_which_is_named() {
        let at = datetime!(2026-11-22 23:30 UTC);
        for (zone, words, time, name) in [
            (UtcOffset::UTC, "22 Nov 2026, 23:30", "23:30", "UTC"),
            (offset!(+1), "23 Nov 2026, 00:30", "00:30", "UTC+1"),
            (offset!(-3:30), "22 Nov 2026, 20:00", "20:00", "UTC−3:30"),
            (offset!(+5:45), "23 Nov 2026, 05:15", "05:15", "UTC+5:45"),
        ] {
            assert_eq!((moment(at, zone), clock(at, zone), zone_name(zone)), (words.into(), time.into(), name.into()));
        }
    }

    #[test]
    fn a_day_is_the_readers_day() {
        let now = datetime!(2026-11-23 08:00 UTC);
        let at = datetime!(2026-11-22 23:30 UTC);
        assert_eq!(day(at, now, offset!(+1)), "Today, Mon 23 Nov 2026");
        assert_eq!(day(at, now, UtcOffset::UTC), "Yesterday, Sun 22 Nov 2026");
        assert_eq!(day(datetime!(2026-11-02 12:00 UTC), now, UtcOffset::UTC), "Mon 2 Nov 2026");
    }

    #[test]
    fn the_last_day_is_relative_and_older_times_are_dates() {
        let now = datetime!(2026-11-22 12:00 UTC);
        for (at, expected) in [
            (datetime!(2026-11-22 11:59:30 UTC), "just now"),
            (datetime!(2026-11-22 11:15 UTC), "45 min ago"),
            (datetime!(2026-11-22 10:00 UTC), "2 h ago"),
            (datetime!(2026-11-21 12:01 UTC), "23 h ago"),
            (datetime!(2026-11-21 11:00 UTC), "21 Nov 2026"),
            (datetime!(2026-11-02 11:00 UTC), "2 Nov 2026"),
            (datetime!(2026-11-22 13:00 UTC), "22 Nov 2026, 13:00"),
        ] {
            assert_eq!(ago(at, now, UtcOffset::UTC), expected);
        }
    }

    #[test]
    fn a_duration_has_tenths_below_ten_seconds() {
        for (milliseconds, expected) in
            [(0, "0.0 s"), (788, "0.8 s"), (9_940, "9.9 s"), (12_600, "12 s"), (252_000, "4 min 12 s")]
        {
            assert_eq!(duration(time::Duration::milliseconds(milliseconds)), expected);
        }
    }

    #[test]
    fn a_wait_is_never_shorter_in_words() {
        for (seconds, expected) in [
            (0, "0 s"),
            (1, "1 s"),
            (59, "59 s"),
            (119, "119 s"),
            (120, "2 min"),
            (252, "4 min 12 s"),
            (300, "5 min"),
            (3_599, "59 min 59 s"),
            (3_600, "1 h"),
            (3_601, "1 h 1 min"),
            (52_740, "14 h 39 min"),
            (86_399, "24 h"),
            (86_400, "24 h"),
        ] {
            assert_eq!(wait(seconds), expected);
        }
    }

    #[test]
    fn an_age_counts_seconds_and_is_never_negative() {
        let now = datetime!(2026-11-22 12:00 UTC);
        for (at, expected) in [
            (datetime!(2026-11-22 11:59:48 UTC), "12 s ago"),
            (datetime!(2026-11-22 12:00:01 UTC), "0 s ago"),
            (datetime!(2026-11-22 11:58 UTC), "2 min ago"),
        ] {
            assert_eq!(age(at, now, UtcOffset::UTC), expected);
        }
    }
}
