//! Parses `Retry-After`: seconds or an HTTP date (RFC 9110, section 10.2.3).

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Upper bound of the wait.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The requested wait. `None` without the header, or if it is neither seconds nor a date. Zero for a date in the past.
pub(super) fn of(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        // A number too large for 64 bits is a very long wait.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    // An HTTP date is an RFC 2822 date whose zone is written GMT.
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(Duration::try_from(date - now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;
    use rstest::rstest;
    use time::macros::datetime;

    #[rstest]
    #[case::seconds("7", Some(7))]
    #[case::none("0", Some(0))]
    #[case::too_long("99999999999999999999999", Some(86_400))]
    #[case::date("Sun, 06 Nov 1994 08:49:37 GMT", Some(37))]
    #[case::past_date("Sun, 06 Nov 1994 08:48:59 GMT", Some(0))]
    #[case::far_date("Sun, 06 Nov 2094 08:49:37 GMT", Some(86_400))]
    #[case::negative("-7", None)]
    #[case::words("soon", None)]
    #[case::empty("", None)]
    fn seconds_and_dates_are_parsed(#[case] value: &'static str, #[case] seconds: Option<u64>) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        let now = datetime!(1994-11-06 08:49:00 UTC);
        assert_eq!(of(&headers, now), seconds.map(Duration::from_secs));
    }

    #[test]
    fn without_the_header_there_is_no_wait() {
        assert_eq!(of(&HeaderMap::new(), OffsetDateTime::UNIX_EPOCH), None);
    }
}
