//! How long an operation took from intent to outcome, in a few spans.

use super::{action::Stage, entry::Entry};
use crate::words;

words! {
    /// A span of time.
    pub enum Took {
        /// Less than a second.
        UnderASecond => "under-1s",
        /// One second or more, less than five.
        Seconds => "1s-5s",
        /// Five seconds or more, less than thirty.
        LongSeconds => "5s-30s",
        /// Thirty seconds or more, less than five minutes.
        Minutes => "30s-5m",
        /// Five minutes or more.
        Longer => "over-5m",
    }
}

impl Took {
    /// The span of this duration. A negative one, after a clock was set back, is the shortest.
    #[must_use]
    pub fn of(length: time::Duration) -> Self {
        match length.whole_milliseconds() {
            ..=999 => Self::UnderASecond,
            1_000..=4_999 => Self::Seconds,
            5_000..=29_999 => Self::LongSeconds,
            30_000..=299_999 => Self::Minutes,
            _ => Self::Longer,
        }
    }

    /// How long these entries of an operation took from intent to outcome, or to what was found out instead.
    pub fn between(entries: &[Entry]) -> Option<Self> {
        let place = entries.iter().position(|entry| entry.stage == Stage::Intent)?;
        let (intent, end) = (&entries[place], entries.get(place + 1)?);
        Some(Self::of(end.at - intent.at))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::Took;

    #[test]
    fn every_length_is_in_one_span() {
        for (milliseconds, took) in [
            (-5, Took::UnderASecond),
            (999, Took::UnderASecond),
            (1_000, Took::Seconds),
            (4_999, Took::Seconds),
            (5_000, Took::LongSeconds),
            (29_999, Took::LongSeconds),
            (30_000, Took::Minutes),
            (300_000, Took::Longer),
        ] {
            assert_eq!(Took::of(Duration::milliseconds(milliseconds)), took, "{milliseconds}");
        }
    }
}
