//! How far Workato's clock is ahead of this machine's, as the `Date` of the last answer shows (RFC 9110, section 6.6.1).

use std::sync::{Mutex, PoisonError};

use reqwest::header::{DATE, HeaderMap};
use time::{Duration, OffsetDateTime};

/// What the last answer with a date has shown.
#[derive(Debug, Default)]
pub(super) struct ServerClock(Mutex<Option<Duration>>);

impl ServerClock {
    /// Notes the date of an answer that arrived `now`. A date has whole seconds, so half a second is added to it.
    pub(super) fn note(&self, headers: &HeaderMap, now: OffsetDateTime) {
        let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        if let Some(date) = date {
            let ahead = OffsetDateTime::from(date) + Duration::milliseconds(500) - now;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }

    pub(super) fn ahead(&self) -> Option<Duration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_date_of_an_answer_says_how_far_the_clocks_differ_and_nonsense_says_nothing() {
        let (clock, now) = (ServerClock::default(), datetime!(2026-11-28 06:00 UTC));
        let note = |date: &'static str| {
            clock.note(&HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]), now);
            clock.ahead().map(Duration::whole_seconds)
        };
        assert_eq!(note("tomorrow"), None);
        assert_eq!(note("Sat, 28 Nov 2026 06:00:00 GMT"), Some(0));
        assert_eq!(note("Sat, 28 Nov 2026 06:05:00 GMT"), Some(300));
        assert_eq!(note("Fri, 27 Nov 2026 06:00:00 GMT"), Some(-86_399));
        assert_eq!(note(""), Some(-86_399), "the last date counts");
    }
}
