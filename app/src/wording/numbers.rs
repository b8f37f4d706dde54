//! Numbers as people read them.

use std::time::Duration;

use portal::audit::Count;

/// A number with its thousands separated: "20,000".
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The same for a number that the log or the database counts.
pub fn grouped_i64(number: i64) -> String {
    usize::try_from(number).map_or_else(|_| number.to_string(), grouped)
}

/// A count that stops at a limit: "412", or "1,000+" beyond it.
pub fn count(count: Count) -> String {
    match count {
        Count::Exactly(number) => grouped(number),
        Count::More => format!("{}+", grouped(Count::MOST)),
    }
}

/// "1,000+ operations".
pub fn operations(number: Count) -> String {
    match number {
        Count::Exactly(1) => "1 operation".to_owned(),
        number => format!("{} operations", count(number)),
    }
}

/// The same for a number that the log or the database counts.
pub fn operations_i64(number: i64) -> String {
    usize::try_from(number).map_or_else(|_| format!("{number} operations"), operations_of)
}

/// "12 operations".
pub fn operations_of(number: usize) -> String {
    if number == 1 { "1 operation".to_owned() } else { format!("{} operations", grouped(number)) }
}

/// "14 days".
pub fn days(length: Duration) -> String {
    match length.as_secs() / (24 * 60 * 60) {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::Count;

    use super::{grouped, operations};

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1_000, 20_000, 1_234_567].map(grouped), ["0", "999", "1,000", "20,000", "1,234,567"]);
    }

    #[test]
    fn a_count_beyond_the_limit_says_so() {
        assert_eq!(
            [Count::Exactly(1), Count::Exactly(1_000), Count::More].map(operations),
            ["1 operation", "1,000 operations", "1,000+ operations"]
        );
    }
}
