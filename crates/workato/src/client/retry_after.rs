//! Parses `Retry-After`: seconds or an HTTP date (RFC 9110, section 10.2.3). Servers and proxies also send fractions of
//! seconds, several values in one header, and the header more than once.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Upper bound of the wait.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The requested wait in whole seconds, rounded up; the longest one if there are several. `None` if no value is seconds
/// or a date. Zero for a date in the past.
pub(super) fn of(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| waits(value, now)).max().map(|wait| wait.min(LONGEST))
}

/// Each wait in a header value. Values are separated by commas, and two of the three date formats contain one.
fn waits(value: &str, now: OffsetDateTime) -> Vec<Duration> {
    let mut waits = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (first, after_first) = rest.split_once(',').unwrap_or((rest, ""));
        let (second, after_second) = after_first.split_once(',').unwrap_or((after_first, ""));
        let two = rest.get(..first.len() + 1 + second.len()).unwrap_or(rest);
        if let Some(wait) = date(two, now) {
            waits.push(wait);
            rest = after_second;
        } else {
            waits.extend(seconds(first).or_else(|| date(first, now)));
            rest = after_first;
        }
    }
    waits
}

/// `7`, or with a fraction `299.997`.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    // A number too large for 64 bits is a very long wait.
    let seconds: u64 = whole.parse().unwrap_or(u64::MAX);
    let started = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    Some(Duration::from_secs(seconds.saturating_add(started)))
}

/// The time until an HTTP date in one of its three formats, or until an RFC 2822 date with another zone than GMT.
fn date(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    let date = httpdate::parse_http_date(text).map(OffsetDateTime::from).ok();
    let wait = date.or_else(|| OffsetDateTime::parse(text, &Rfc2822).ok())? - now;
    // In the past: no wait.
    let wait = Duration::try_from(wait).unwrap_or_default();
    Some(Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;
    use rstest::rstest;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(1994-11-06 08:49:00 UTC);

    #[rstest]
    #[case::seconds("7", Some(7))]
    #[case::none("0", Some(0))]
    #[case::too_long("99999999999999999999999", Some(86_400))]
    #[case::a_fraction("299.997", Some(300))]
    #[case::no_fraction("9.000", Some(9))]
    #[case::the_start_of_a_fraction("9.", Some(9))]
    #[case::less_than_a_second("0.001", Some(1))]
    #[case::two("9, 12", Some(12))]
    #[case::the_larger_first("12,9", Some(12))]
    #[case::one_that_cannot_be_read("9, soon", Some(9))]
    #[case::empty_ones(" , 9, ", Some(9))]
    #[case::rfc_1123("Sun, 06 Nov 1994 08:49:37 GMT", Some(37))]
    #[case::rfc_850("Sunday, 06-Nov-94 08:49:37 GMT", Some(37))]
    #[case::asctime("Sun Nov  6 08:49:37 1994", Some(37))]
    #[case::another_zone("Sun, 06 Nov 1994 09:49:37 +0100", Some(37))]
    #[case::seconds_and_a_date("9, Sun, 06 Nov 1994 08:49:37 GMT", Some(37))]
    #[case::a_date_and_seconds("Sunday, 06-Nov-94 08:49:37 GMT, 40", Some(40))]
    #[case::two_dates("Sun Nov  6 08:49:37 1994, Sun, 06 Nov 1994 08:49:38 GMT", Some(38))]
    #[case::past_date("Sun, 06 Nov 1994 08:48:59 GMT", Some(0))]
    #[case::far_date("Sun, 06 Nov 2094 08:49:37 GMT", Some(86_400))]
    #[case::negative("-7", None)]
    #[case::a_sign("+7", None)]
    #[case::an_exponent("1e3", None)]
    #[case::two_points("1.2.3", None)]
    #[case::words("soon", None)]
    #[case::empty("", None)]
    fn seconds_and_dates_are_parsed(#[case] value: &'static str, #[case] seconds: Option<u64>) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        assert_eq!(of(&headers, NOW), seconds.map(Duration::from_secs));
    }

    #[test]
    fn the_longest_wait_of_several_headers_counts() {
        let mut headers = HeaderMap::new();
        for value in ["9", "Sun, 06 Nov 1994 08:49:12.5 GMT", "not one", "11.2"] {
            headers.append(RETRY_AFTER, HeaderValue::from_static(value));
        }
        headers.append(RETRY_AFTER, HeaderValue::from_bytes(b"\xe9").expect("an opaque value"));
        assert_eq!(of(&headers, NOW), Some(Duration::from_secs(12)));
    }

    #[test]
    fn a_date_is_rounded_up_to_whole_seconds() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"))]);
        assert_eq!(of(&headers, NOW + time::Duration::milliseconds(1)), Some(Duration::from_secs(37)));
    }

    #[test]
    fn without_the_header_there_is_no_wait() {
        assert_eq!(of(&HeaderMap::new(), OffsetDateTime::UNIX_EPOCH), None);
    }
}
