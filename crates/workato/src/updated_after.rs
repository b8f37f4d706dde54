//! The value of the connection list's `updated_after` filter: an instant in whole seconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Timestamp, TimestampError};

/// An instant in UTC, in whole seconds: `YYYY-MM-DDTHH:MM:SSZ` (Workato API reference, Connections).
///
/// Fractions are rounded down, so that nothing updated within that second is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Timestamp", into = "Timestamp")]
pub struct UpdatedAfter(Timestamp);

impl UpdatedAfter {
    /// Rounds the instant down to the second.
    #[must_use]
    pub fn new(instant: OffsetDateTime) -> Self {
        Timestamp::new(instant).into()
    }

    /// The instant, in UTC.
    #[must_use]
    pub const fn get(self) -> OffsetDateTime {
        self.0.get()
    }

    /// The query parameter: `2024-05-01T08:30:00Z`.
    #[must_use]
    pub fn to_query(self) -> String {
        self.0.to_string()
    }
}

impl From<Timestamp> for UpdatedAfter {
    fn from(timestamp: Timestamp) -> Self {
        let instant = timestamp.get();
        let whole = instant.replace_nanosecond(0).unwrap_or(instant);
        Self(Timestamp::new(whole))
    }
}

impl From<UpdatedAfter> for Timestamp {
    fn from(after: UpdatedAfter) -> Self {
        after.0
    }
}

impl FromStr for UpdatedAfter {
    type Err = TimestampError;

    /// Parses RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        text.parse::<Timestamp>().map(Self::from)
    }
}

impl fmt::Display for UpdatedAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2024-05-01T08:30:00Z", "2024-05-01T08:30:00Z")]
    #[case("2024-05-01T08:30:00.999-07:00", "2024-05-01T15:30:00Z")]
    #[case::before_1970("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z")]
    fn workato_gets_whole_utc_seconds(#[case] text: &str, #[case] query: &str) {
        let after: UpdatedAfter = text.parse().expect("RFC 3339");
        assert_eq!(after.to_query(), query);
    }
}
