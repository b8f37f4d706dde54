//! Parses and displays faults: `METHOD PATH: KIND [@ RATE] [xTIMES]`. The README has the table of kinds.

use std::{fmt, ops::RangeInclusive, str::FromStr, time::Duration};

use axum::http::StatusCode;

use super::{Fault, FaultKind, Moment, Pattern, RetryAfter};

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultSyntaxError {
    /// The text does not have the parts of a fault.
    #[error("a fault is written 'METHOD PATH: KIND [@ RATE] [xTIMES]', as in 'GET /api/connections: 500 @ 0.2'")]
    Shape,
    /// The part before the colon is not a pattern.
    #[error("{0:?} is not 'METHOD PATH': the method may be *, the path begins with / and may hold * and a final **")]
    Calls(String),
    /// The kind is unknown or has an invalid argument.
    #[error(
        "{0:?} is not a kind of fault; there are latency 2s (or 1s..3s), latency-after, 429, 429 retry-after=SECONDS, \
         429 retry-after=date:SECONDS, 500, 500-after, html, html-after, status CODE, redirect URL, truncate, cut, \
         reset, reset-after, hang, hang-after, extra-fields and absent-fields"
    )]
    Kind(String),
    /// The rate is out of range or not a number.
    #[error("{0:?} is not a rate: above 0 and at most 1, or a percentage such as 20%")]
    Rate(String),
    /// The count is not a number of at least 1.
    #[error("{0:?} is not a count such as x3")]
    Times(String),
}

impl FromStr for Fault {
    type Err = FaultSyntaxError;

    fn from_str(text: &str) -> Result<Self, FaultSyntaxError> {
        let (calls, rest) = text.split_once(": ").ok_or(FaultSyntaxError::Shape)?;
        let unreadable = || FaultSyntaxError::Calls(calls.to_owned());
        let (method, path) = calls.trim().split_once(' ').ok_or_else(unreadable)?;
        let calls = Pattern::new(method, path.trim()).ok_or_else(unreadable)?;

        let (rest, times) = split_times(rest.trim())?;
        let (kind, rate) = match rest.rsplit_once('@') {
            Some((kind, rate)) => (kind, read_rate(rate.trim())?),
            None => (rest, 1.0),
        };
        Ok(Self { calls, kind: kind.trim().parse()?, rate, times })
    }
}

fn split_times(text: &str) -> Result<(&str, Option<u64>), FaultSyntaxError> {
    match text.rsplit_once(' ') {
        Some((rest, count)) if count.starts_with('x') => {
            let times = count[1..].parse().ok().filter(|times| *times > 0);
            times.map(|times| (rest, Some(times))).ok_or_else(|| FaultSyntaxError::Times(count.to_owned()))
        }
        _ => Ok((text, None)),
    }
}

fn read_rate(text: &str) -> Result<f64, FaultSyntaxError> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.parse().map(|percent: f64| percent / 100.0),
        None => text.parse(),
    };
    share.ok().filter(|share| *share > 0.0 && *share <= 1.0).ok_or_else(|| FaultSyntaxError::Rate(text.to_owned()))
}

impl FromStr for FaultKind {
    type Err = FaultSyntaxError;

    fn from_str(text: &str) -> Result<Self, FaultSyntaxError> {
        let unknown = || FaultSyntaxError::Kind(text.to_owned());
        let (word, argument) = text.split_once(' ').map_or((text, ""), |(word, argument)| (word, argument.trim()));
        let plain = |kind| if argument.is_empty() { Ok(kind) } else { Err(unknown()) };
        match word {
            "latency" => read_range(argument).map(|range| Self::Latency(Moment::Before, range)).ok_or_else(unknown),
            "latency-after" => {
                read_range(argument).map(|range| Self::Latency(Moment::After, range)).ok_or_else(unknown)
            }
            "429" if argument.is_empty() => Ok(Self::TooManyRequests(None)),
            "429" => argument
                .strip_prefix("retry-after=")
                .and_then(read_retry_after)
                .map(|retry_after| Self::TooManyRequests(Some(retry_after)))
                .ok_or_else(unknown),
            "500" => plain(Self::ServerError(Moment::Before)),
            "500-after" => plain(Self::ServerError(Moment::After)),
            "html" => plain(Self::Html(Moment::Before)),
            "html-after" => plain(Self::Html(Moment::After)),
            "status" => argument
                .parse()
                .ok()
                .filter(|status: &StatusCode| status.as_u16() >= 400)
                .map(Self::Status)
                .ok_or_else(unknown),
            "redirect" if is_location(argument) => Ok(Self::Redirect(argument.to_owned())),
            "truncate" => plain(Self::Truncate),
            "cut" => plain(Self::Cut),
            "reset" | "reset-before" => plain(Self::Reset(Moment::Before)),
            "reset-after" => plain(Self::Reset(Moment::After)),
            "hang" | "hang-before" => plain(Self::Hang(Moment::Before)),
            "hang-after" => plain(Self::Hang(Moment::After)),
            "extra-fields" => plain(Self::ExtraFields),
            "absent-fields" => plain(Self::AbsentFields),
            "odd-values" => plain(Self::OddValues),
            "odd-field" if is_location(argument) => Ok(Self::OddField(argument.to_owned())),
            "ignored-query" => plain(Self::IgnoredQuery),
            _ => Err(unknown()),
        }
    }
}

fn is_location(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read_range(text: &str) -> Option<RangeInclusive<Duration>> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let (least, most) = (read_duration(least)?, read_duration(most)?);
    (least <= most).then_some(least..=most)
}

fn read_duration(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(milliseconds) => milliseconds.parse().ok().map(Duration::from_millis),
        None => Duration::try_from_secs_f64(text.strip_suffix('s')?.parse().ok()?).ok(),
    }
}

fn read_retry_after(text: &str) -> Option<RetryAfter> {
    match text.strip_prefix("date:") {
        Some(seconds) => seconds.parse().ok().filter(|seconds| *seconds <= 86_400).map(RetryAfter::Date),
        None => text.parse().ok().map(RetryAfter::Seconds),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.calls, self.kind)?;
        if self.rate < 1.0 {
            write!(f, " @ {}", self.rate)?;
        }
        self.times.map_or(Ok(()), |times| write!(f, " x{times}"))
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(moment, range) => {
                write!(f, "latency{} {}ms", suffix(*moment), range.start().as_millis())?;
                if range.end() > range.start() {
                    write!(f, "..{}ms", range.end().as_millis())?;
                }
                Ok(())
            }
            Self::TooManyRequests(None) => f.write_str("429"),
            Self::TooManyRequests(Some(RetryAfter::Seconds(seconds))) => write!(f, "429 retry-after={seconds}"),
            Self::TooManyRequests(Some(RetryAfter::Date(seconds))) => write!(f, "429 retry-after=date:{seconds}"),
            Self::ServerError(moment) => write!(f, "500{}", suffix(*moment)),
            Self::Html(moment) => write!(f, "html{}", suffix(*moment)),
            Self::Status(status) => write!(f, "status {}", status.as_u16()),
            Self::Redirect(location) => write!(f, "redirect {location}"),
            Self::Truncate => f.write_str("truncate"),
            Self::Cut => f.write_str("cut"),
            Self::Reset(moment) => write!(f, "reset{}", suffix(*moment)),
            Self::Hang(moment) => write!(f, "hang{}", suffix(*moment)),
            Self::ExtraFields => f.write_str("extra-fields"),
            Self::AbsentFields => f.write_str("absent-fields"),
            Self::OddValues => f.write_str("odd-values"),
            Self::OddField(name) => write!(f, "odd-field {name}"),
            Self::IgnoredQuery => f.write_str("ignored-query"),
        }
    }
}

const fn suffix(moment: Moment) -> &'static str {
    match moment {
        Moment::Before => "",
        Moment::After => "-after",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("POST /api/custom_connectors/*/share_oem_version/*: reset-after @ 0.2")]
    #[case("GET /api/connections: latency 250ms..1500ms x3")]
    #[case("* /api/**: latency-after 2000ms")]
    #[case("* /api/**: 429")]
    #[case("* /api/**: 429 retry-after=3 @ 0.05 x10")]
    #[case("* /api/**: 429 retry-after=date:3")]
    #[case("DELETE /api/connections/*: 500")]
    #[case("DELETE /api/connections/*: 500-after")]
    #[case("* /api/**: html")]
    #[case("* /api/**: html-after")]
    #[case("* /api/**: status 403")]
    #[case("* /api/**: redirect https://example.test/elsewhere")]
    #[case("* /api/**: truncate")]
    #[case("* /api/**: cut")]
    #[case("* /api/**: reset")]
    #[case("* /api/**: hang")]
    #[case("* /api/**: hang-after")]
    #[case("* /api/**: extra-fields")]
    #[case("* /api/**: absent-fields")]
    #[case("* /api/**: odd-values")]
    #[case("GET /api/custom_connectors/*: odd-field oem_shared_version")]
    #[case("GET /api/connections: ignored-query")]
    fn every_kind_is_parsed_and_displayed(#[case] text: &str) {
        assert_eq!(text.parse::<Fault>().expect("documented").to_string(), text);
    }

    #[test]
    fn percentages_and_seconds_are_alternative_notations() {
        assert_eq!("GET /api/tags: latency 1.5s @ 20%".parse(), "GET /api/tags: latency 1500ms @ 0.2".parse::<Fault>());
        assert_eq!("GET /api/tags: reset-before".parse(), "GET /api/tags: reset".parse::<Fault>());
    }

    #[rstest]
    #[case("GET /api/connections 500")]
    #[case("/api/connections: 500")]
    #[case("GET api/connections: 500")]
    #[case("GET /api/connections: 501")]
    #[case("GET /api/connections: status 200")]
    #[case("GET /api/connections: 500 @ 0")]
    #[case("GET /api/connections: 500 @ 1.5")]
    #[case("GET /api/connections: 500 @ often")]
    #[case("GET /api/connections: 500 x0")]
    #[case("GET /api/connections: latency")]
    #[case("GET /api/connections: latency 3s..1s")]
    #[case("GET /api/connections: 429 retry-after=soon")]
    #[case("GET /api/connections: truncate half")]
    #[case("GET /api/connections: odd-field")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert!(text.parse::<Fault>().is_err());
    }
}
