//! How values are stored: instants as microseconds since 1970, ids and words as text, lists as JSON arrays or arrays.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    error::StoreError,
    sql::{List, Listed},
};

/// An instant as it is stored: microseconds since 1970.
#[must_use]
pub fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The stored instant.
pub(crate) fn instant(micros: i64) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .map_err(|error| StoreError::damaged("instant", error))
}

/// Parses a word or an id that the portal wrote.
pub(crate) fn parsed<T>(what: &'static str, text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::damaged(what, error))
}

/// A list for `IN (SELECT value FROM json_each(?))`: ids as strings, numbers as numbers.
pub(crate) fn json_list<T: Listed>(items: &[T]) -> List {
    List::of(items)
}

/// The same for the index, which is SQLite's alone.
pub(crate) fn json_text<T: Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}
