//! Times as people read them: how long ago, or the date and time in UTC.

use portal::audit::Took;
use time::{OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

const ABSOLUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");

/// The date and time to the minute: "23 Oct 2026, 02:00 UTC".
pub fn absolute(at: OffsetDateTime) -> String {
    formatted(at, ABSOLUTE)
}

/// The date and time to the second: "23 Oct 2026, 02:00:15 UTC".
pub fn exact(at: OffsetDateTime) -> String {
    formatted(at, EXACT)
}

fn formatted(at: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    at.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// How long ago, to the second within the first minute: "12 s ago".
pub fn age(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (now - at).whole_seconds() {
        seconds @ -59..=59 => format!("{} s ago", seconds.max(0)),
        _ => ago(at, now),
    }
}

/// How long ago, and the date after a week: "2 h ago", "yesterday", "3 days ago", "2 Nov 2026".
pub fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let passed = now - at;
    let (minutes, hours, days) = (passed.whole_minutes(), passed.whole_hours(), passed.whole_days());
    match passed.whole_seconds() {
        ..=-60 => absolute(at),
        -59..=59 => "just now".to_owned(),
        _ if minutes < 60 => format!("{minutes} min ago"),
        _ if hours < 24 => format!("{hours} h ago"),
        _ if days == 1 => "yesterday".to_owned(),
        _ if days < 7 => format!("{days} days ago"),
        _ => formatted(at, DAY),
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
    use time::macros::datetime;

    use super::{age, ago, wait};

    #[test]
    fn the_last_week_is_relative_and_older_times_are_dates() {
        let now = datetime!(2026-11-22 12:00 UTC);
        for (at, expected) in [
            (datetime!(2026-11-22 11:59:30 UTC), "just now"),
            (datetime!(2026-11-22 11:15 UTC), "45 min ago"),
            (datetime!(2026-11-22 10:00 UTC), "2 h ago"),
            (datetime!(2026-11-21 11:00 UTC), "yesterday"),
            (datetime!(2026-11-19 11:00 UTC), "3 days ago"),
            (datetime!(2026-11-02 11:00 UTC), "2 Nov 2026"),
            (datetime!(2026-11-22 13:00 UTC), "22 Nov 2026, 13:00 UTC"),
        ] {
            assert_eq!(ago(at, now), expected);
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
            assert_eq!(age(at, now), expected);
        }
    }
}
