//! What the log says of the code of connectors that is kept.

use std::collections::BTreeMap;

use serde_json::Value;

use super::said::{Columns, Says, at};
use crate::audit::{Action, Entry};

type Rows = BTreeMap<(&'static str, String), Columns>;

const TABLE: &str = "connector_code";

/// Follows an entry that names code that is kept from then on.
pub(super) fn follow(rows: &mut Rows, entry: &Entry) {
    let Some(team) = &entry.team else { return };
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_i64).unwrap_or_default();
    let workspace = entry.parameters.get("workspace_id").and_then(Value::as_i64).unwrap_or_default();
    for code in entry.parameters.get("code").and_then(Value::as_array).into_iter().flatten() {
        let row = format!("{} {workspace} {} {}", team.id, number(code, "connector"), number(code, "version"));
        let sha256 = code.get("sha256").and_then(Value::as_str).map(Into::into);
        let columns = [
            ("sha256", Says::Exactly(sha256)),
            ("bytes", Says::Exactly(Some(number(code, "bytes").into()))),
            ("seen_at", at(entry)),
            ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
        ];
        rows.insert((TABLE, row), columns.into());
    }
}

/// Follows an entry about a team: a retired one has no code.
pub(super) fn follow_team(rows: &mut Rows, entry: &Entry, team: &str) {
    if entry.action == Action::TeamRetire {
        rows.retain(|(table, row), _| *table != TABLE || row.split(' ').next() != Some(team));
    }
}
