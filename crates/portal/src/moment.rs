//! Times in forms and URLs.

use time::{
    Date, Duration, OffsetDateTime, PrimitiveDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
const MINUTES: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Relative times, by their text in a URL.
const BACK: [(&str, Duration); 3] =
    [("24h", Duration::hours(24)), ("7d", Duration::days(7)), ("30d", Duration::days(30))];

/// Reads RFC 3339; the same without a zone, in UTC; a date, which means midnight UTC; or `24h`, `7d` and `30d` before
/// `now`. Relative times are rounded down to the minute, so that reloading a page repeats the same query and gets a
/// cached answer.
#[must_use]
pub fn parse(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    if let Some((_, back)) = BACK.iter().find(|(word, _)| *word == text) {
        let then = now - *back;
        return then.replace_second(0).and_then(|then| then.replace_nanosecond(0)).ok();
    }
    // A `+` in a URL that was not encoded arrives as a space.
    let text = text.replacen(' ', "+", usize::from(text.contains('T')));
    OffsetDateTime::parse(&text, &Rfc3339)
        .or_else(|_| PrimitiveDateTime::parse(&text, SECONDS).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| PrimitiveDateTime::parse(&text, MINUTES).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(&text, DAY).map(|day| day.midnight().assume_utc()))
        .ok()
        .filter(|at| at.checked_to_offset(time::UtcOffset::UTC).is_some_and(|at| (1970..=9999).contains(&at.year())))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::parse;

    #[test]
    fn a_time_without_a_zone_is_in_utc() {
        let now = datetime!(2026-11-22 14:30:45.5 UTC);
        for (text, at) in [
            ("2026-11-22T14:30:00Z", datetime!(2026-11-22 14:30 UTC)),
            ("2026-11-22T14:30:00+01:00", datetime!(2026-11-22 13:30 UTC)),
            ("2026-11-22T14:30:00 01:00", datetime!(2026-11-22 13:30 UTC)),
            ("2026-11-22T14:30:15", datetime!(2026-11-22 14:30:15 UTC)),
            ("2026-11-22T14:30", datetime!(2026-11-22 14:30 UTC)),
            ("2026-11-22", datetime!(2026-11-22 00:00 UTC)),
            ("24h", datetime!(2026-11-21 14:30 UTC)),
            ("30d", datetime!(2026-10-23 14:30 UTC)),
        ] {
            assert_eq!(parse(text, now), Some(at), "{text}");
        }
        for bad in [
            "",
            "yesterday-ish",
            "2026-13-01",
            "24",
            "-1",
            "2026-11-22T25:00",
            "1969-01-01",
            "99999-01-01",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse(bad, now), None, "{bad}");
        }
    }
}
