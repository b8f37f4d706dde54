//! What the log says of connectors' counterparts and of promotions.

use std::collections::BTreeMap;

use serde_json::Value;
use store::rows::all::Cell;

use super::said::{Columns, Says, at, parameter};
use crate::audit::Entry;

type Rows = BTreeMap<(&'static str, String), Columns>;

/// Follows an entry that says which connector is the counterpart of another.
pub(super) fn follow_pair(rows: &mut Rows, entry: &Entry) {
    let Some((key, mut columns)) = of_both(entry) else { return };
    columns.insert("connector_id", parameter(entry, "connector"));
    columns.insert("workspace_id", parameter(entry, "workspace_id"));
    rows.insert(("connector_pair", key), columns);
}

/// Follows an entry that says what is promoted.
pub(super) fn follow_promotion(rows: &mut Rows, entry: &Entry) {
    let Some((_, mut columns)) = of_both(entry) else { return };
    columns.insert("created_at", at(entry));
    rows.insert(("promotion", entry.operation_id.to_string()), columns);
}

/// The columns that both kinds of rows have, and what names a pair.
fn of_both(entry: &Entry) -> Option<(String, Columns)> {
    let team = entry.team.as_ref()?.id.to_string();
    let text = |name: &str| entry.parameters.get(name).and_then(Value::as_str);
    let number = |name: &str| entry.parameters.get(name).and_then(Value::as_i64);
    let (source, workspace, connector) =
        (text("source_team")?, number("source_workspace_id")?, number("source_connector")?);
    let columns = [
        ("source_team_id", Says::Exactly(Some(source.into()))),
        ("source_workspace_id", Says::Exactly(Some(workspace.into()))),
        ("source_connector_id", Says::Exactly(Some(connector.into()))),
        ("team_id", Says::Exactly(Some(Cell::from(team.as_str())))),
        ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
    ];
    Some((format!("{source} {workspace} {connector} {team}"), columns.into()))
}
