//! What the log says of second factors and recovery codes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::said::{Columns, Says, at, id_of, parameter};
use crate::audit::{Action, Entry, TargetType};

type Rows = BTreeMap<(&'static str, String), Columns>;

/// Follows an entry about a person, each of which names the second factors that are left.
pub(super) fn follow(rows: &mut Rows, entry: &Entry, person: &str) {
    let left: Vec<&str> =
        entry.parameters.get("factors").and_then(Value::as_str).unwrap_or_default().split_whitespace().collect();
    rows.retain(|(table, id), columns| {
        let is_of_person = columns.get("person_id") == Some(&Says::Exactly(Some(person.into())));
        *table != "factor" || !is_of_person || left.contains(&id.as_str())
    });
    if left.is_empty() {
        rows.remove(&("recovery_codes", person.to_owned()));
    }
    if entry.action != Action::FactorAdd {
        return;
    }
    let Some(Value::String(factor)) = entry.parameters.get("factor") else { return };
    let columns = [
        ("person_id", Says::Exactly(Some(person.into()))),
        ("kind", parameter(entry, "kind")),
        ("name", parameter(entry, "name")),
        ("created_at", at(entry)),
        ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
    ];
    rows.insert(("factor", factor.clone()), columns.into());
}

/// Follows an entry about a person's recovery codes.
pub(super) fn follow_recovery(rows: &mut Rows, entry: &Entry) {
    let Some(person) = id_of(entry, TargetType::Person) else { return };
    let columns =
        [("left_over", parameter(entry, "left")), ("recorded_in", Says::Exactly(Some(entry.sequence.into())))];
    rows.insert(("recovery_codes", person), columns.into());
}
