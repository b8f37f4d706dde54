//! Parses query parameters, ids in paths, and JSON bodies.

use std::{convert::Infallible, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::{Map, Value};
use time::{OffsetDateTime, PrimitiveDateTime, format_description::FormatItem, macros::format_description};

use crate::answers::Refusal;

/// The decoded parameters of a query, in order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The last value with this name. An empty value counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().rev().find(|(given, value)| given == name && !value.is_empty());
        given.map(|(_, value)| value.as_str())
    }

    /// All values with this name, as in `includes[]=tags`.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(given, value)| given == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The requested page: number 1 and size 100 by default, size 100 at most.
    pub fn page(&self) -> Page {
        let positive = |name| self.get(name).and_then(|text| text.parse().ok()).filter(|number: &usize| *number > 0);
        Page { number: positive("page").unwrap_or(1), size: positive("per_page").unwrap_or(100).min(100) }
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The number, from 1.
    pub number: usize,
    /// The size, 100 at most.
    pub size: usize,
}

impl Page {
    /// The items on this page.
    pub fn of<T>(self, items: impl Iterator<Item = T>) -> Vec<T> {
        items.skip((self.number - 1).saturating_mul(self.size)).take(self.size).collect()
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, the documented format of `updated_after`.
const WHOLE_SECONDS_UTC: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Parses an `updated_after`.
pub fn updated_after(text: &str) -> Result<OffsetDateTime, Refusal> {
    PrimitiveDateTime::parse(text, WHOLE_SECONDS_UTC)
        .map(PrimitiveDateTime::assume_utc)
        .map_err(|_| Refusal::BadRequest)
}

/// Parses an id in a path. Anything but a number is not found.
pub fn id(text: &str) -> Result<u64, Refusal> {
    u64::from_str(text).map_err(|_| Refusal::NotFound)
}

/// Parses a JSON object, whatever its content type. An empty body is an empty object.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refusal::BadRequest),
    }
}

/// Parses an id in a body: a number, or a string of digits.
pub fn id_in_body(value: &Value) -> Result<u64, Refusal> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
    .ok_or(Refusal::BadRequest)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_documented_format_is_parsed() {
        assert_eq!(updated_after("2026-03-01T08:00:00Z"), Ok(datetime!(2026-03-01 08:00 UTC)));
    }

    #[rstest]
    #[case::fraction("2026-03-01T08:00:00.000Z")]
    #[case::offset("2026-03-01T08:00:00+00:00")]
    #[case::no_zone("2026-03-01T08:00:00")]
    #[case::date("2026-03-01")]
    #[case::no_such_day("2026-02-30T08:00:00Z")]
    #[case::small_letters("2026-03-01t08:00:00z")]
    #[case::words("yesterday-ish")]
    fn nothing_but_the_documented_format_is_parsed(#[case] text: &str) {
        assert_eq!(updated_after(text), Err(Refusal::BadRequest));
    }

    #[test]
    fn a_page_has_a_hundred_items_at_most() {
        let query = Query(vec![("page".into(), "3".into()), ("per_page".into(), "500".into())]);
        assert_eq!(query.page(), Page { number: 3, size: 100 });
        assert_eq!(query.page().of(0..250), (200..250).collect::<Vec<_>>());
    }
}
