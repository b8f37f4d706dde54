//! What an entry says of a row's columns.

use std::collections::BTreeMap;

use serde_json::Value;
use store::{micros, rows::all::Cell};

use crate::audit::{Entry, TargetType};

/// What the log says of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// This value, or NULL.
    Exactly(Option<Cell>),
    /// A value that the log does not know, such as a password's hash.
    Something,
}

pub(super) type Columns = BTreeMap<&'static str, Says>;

pub(super) fn id_of(entry: &Entry, kind: TargetType) -> Option<String> {
    entry.targets.first().filter(|target| target.kind == kind).map(|target| target.id.clone())
}

pub(super) fn operation(entry: &Entry) -> Says {
    Says::Exactly(Some(entry.operation_id.to_string().into()))
}

pub(super) fn at(entry: &Entry) -> Says {
    Says::Exactly(Some(micros(entry.at).into()))
}

pub(super) fn instant(entry: &Entry, name: &str) -> Says {
    let text = entry.parameters.get(name).and_then(Value::as_str);
    let at =
        text.and_then(|text| time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok());
    Says::Exactly(at.map(|at| micros(at).into()))
}

/// A parameter as a column has it.
pub(super) fn parameter(entry: &Entry, name: &str) -> Says {
    Says::Exactly(match entry.parameters.get(name) {
        Some(Value::String(text)) => Some(text.as_str().into()),
        Some(Value::Bool(is_true)) => Some(i64::from(*is_true).into()),
        Some(Value::Number(number)) => number.as_i64().map(Cell::Number),
        _ => None,
    })
}

/// Text that may be missing.
pub(super) fn text(text: &Option<String>) -> Says {
    Says::Exactly(text.clone().map(Cell::Text))
}

/// A duration as instants are stored.
pub(super) fn micros_of(duration: time::Duration) -> i64 {
    i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX)
}
