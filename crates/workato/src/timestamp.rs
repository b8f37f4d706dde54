//! Instants in Workato's answers. How a page shows them is decided elsewhere.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::row::FromField;

/// An instant in UTC with nanosecond precision, within the years 0 to 9999.
///
/// The samples in Workato's API reference end in `Z`; real answers have milliseconds and the US Pacific offset:
/// `2020-12-23T14:11:18.052-08:00`. Parses any RFC 3339 offset; displays UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

/// The text is not an RFC 3339 date and time with an offset, or is outside the years 0 to 9999 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date and time with its offset, such as 2020-12-23T14:11:18-08:00")]
pub struct TimestampError;

impl Timestamp {
    /// The timestamp of an instant. An instant outside the years 0 to 9999 becomes the nearest one inside.
    #[must_use]
    pub fn new(instant: OffsetDateTime) -> Self {
        match instant.checked_to_offset(UtcOffset::UTC) {
            Some(utc) if utc.year() >= 0 => Self(utc),
            _ if instant.year() > 0 => Self(PrimitiveDateTime::MAX.assume_utc()),
            _ => Self(time::macros::datetime!(0000-01-01 00:00 UTC)),
        }
    }

    /// The instant, in UTC.
    #[must_use]
    pub const fn get(self) -> OffsetDateTime {
        self.0
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(instant: OffsetDateTime) -> Self {
        Self::new(instant)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError)?;
        match instant.checked_to_offset(UtcOffset::UTC) {
            Some(utc) if utc.year() >= 0 => Ok(Self(utc)),
            _ => Err(TimestampError),
        }
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with a fraction only if it is not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())?;
        write!(f, "T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        if time.nanosecond() != 0 {
            let fraction = format!("{:09}", time.nanosecond());
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromField for Timestamp {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        text.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::utc("2015-05-26T22:53:52.528Z", "2015-05-26T22:53:52.528Z")]
    #[case::pacific_winter("2020-12-23T14:11:18.052-08:00", "2020-12-23T22:11:18.052Z")]
    #[case::pacific_summer("2022-08-08T08:05:22.047-07:00", "2022-08-08T15:05:22.047Z")]
    #[case::east("2024-02-29T01:00:00+05:30", "2024-02-28T19:30:00Z")]
    fn an_instant_is_displayed_in_utc(#[case] text: &str, #[case] utc: &str) {
        assert_eq!(text.parse::<Timestamp>().expect("RFC 3339").to_string(), utc);
    }

    #[rstest]
    #[case("")]
    #[case("yesterday")]
    #[case("2024-01-01")]
    #[case("2024-01-01T00:00:00")]
    #[case("2024-02-30T00:00:00Z")]
    #[case::before_year_0_in_utc("0000-01-01T00:00:00+08:00")]
    #[case::after_year_9999_in_utc("9999-12-31T23:59:59-08:00")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Timestamp>(), Err(TimestampError));
    }

    #[test]
    fn an_instant_out_of_range_becomes_the_nearest_one() {
        let late = time::macros::datetime!(9999-12-31 23:59:59 -08:00);
        let early = time::macros::datetime!(-0005-01-01 00:00:00 UTC);
        assert_eq!(Timestamp::new(late).to_string(), "9999-12-31T23:59:59.999999999Z");
        assert_eq!(Timestamp::new(early).to_string(), "0000-01-01T00:00:00Z");
    }
}
