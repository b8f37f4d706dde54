//! Moments, as people read them: how long ago, or the date and time in UTC. In a browser with script they become local.

use leptos::prelude::*;
use time::{
    OffsetDateTime, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const ABSOLUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");

/// How long ago, with the moment itself on hover.
#[component]
pub fn Ago(at: OffsetDateTime) -> impl IntoView {
    let now = OffsetDateTime::now_utc();
    view! { <time datetime=machine(at) title=words(at, EXACT)>{ago(at, now)}</time> }
}

/// How long ago, told to the second within the first minute: for what is read again soon.
#[component]
pub fn Age(at: OffsetDateTime) -> impl IntoView {
    let now = OffsetDateTime::now_utc();
    view! { <time datetime=machine(at) title=words(at, EXACT)>{age(at, now)}</time> }
}

/// The moment itself.
#[component]
pub fn Moment(at: OffsetDateTime) -> impl IntoView {
    view! { <time datetime=machine(at) title=words(at, EXACT) data-absolute="">{words(at, ABSOLUTE)}</time> }
}

/// The moment to the second, as text: "23 Oct 2026, 02:00:15 UTC".
pub fn in_utc(at: OffsetDateTime) -> String {
    words(at, EXACT)
}

fn machine(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}

fn words(at: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    at.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// "12 s ago", and from a minute on as [`ago`].
fn age(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (now - at).whole_seconds() {
        seconds @ -59..=59 => format!("{} s ago", seconds.max(0)),
        _ => ago(at, now),
    }
}

/// "2 h ago", "yesterday", "3 days ago", and after a week the day.
fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let passed = now - at;
    let (minutes, hours, days) = (passed.whole_minutes(), passed.whole_hours(), passed.whole_days());
    match passed.whole_seconds() {
        ..=-60 => words(at, ABSOLUTE),
        -59..=59 => "just now".to_owned(),
        _ if minutes < 60 => format!("{minutes} min ago"),
        _ if hours < 24 => format!("{hours} h ago"),
        _ if days == 1 => "yesterday".to_owned(),
        _ if days < 7 => format!("{days} days ago"),
        _ => words(at, DAY),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{age, ago};

    #[test]
    fn the_recent_past_is_told_in_hours_and_the_far_one_by_its_day() {
        let now = datetime!(2026-11-22 12:00 UTC);
        for (at, said) in [
            (datetime!(2026-11-22 11:59:30 UTC), "just now"),
            (datetime!(2026-11-22 11:15 UTC), "45 min ago"),
            (datetime!(2026-11-22 10:00 UTC), "2 h ago"),
            (datetime!(2026-11-21 11:00 UTC), "yesterday"),
            (datetime!(2026-11-19 11:00 UTC), "3 days ago"),
            (datetime!(2026-11-02 11:00 UTC), "2 Nov 2026"),
            (datetime!(2026-11-22 13:00 UTC), "22 Nov 2026, 13:00 UTC"),
        ] {
            assert_eq!(ago(at, now), said);
        }
    }

    #[test]
    fn an_age_counts_seconds_and_never_less_than_none() {
        let now = datetime!(2026-11-22 12:00 UTC);
        for (at, said) in [
            (datetime!(2026-11-22 11:59:48 UTC), "12 s ago"),
            (datetime!(2026-11-22 12:00:01 UTC), "0 s ago"),
            (datetime!(2026-11-22 11:58 UTC), "2 min ago"),
        ] {
            assert_eq!(age(at, now), said);
        }
    }
}
