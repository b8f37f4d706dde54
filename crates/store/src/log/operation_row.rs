//! The rows of the table `operation` as they are stored, to be compared with the log and hashed.

use serde::{Deserialize, Serialize};

use crate::{Action, OperationId, Outcome, PersonId, Read, State, StoreError, TargetType, TeamId, TeamSlug, sql};

/// A row as it is stored, to be compared with the log. As JSON it is what [`crate::retention`] hashes, so its fields keep
/// their names and their order.
#[derive(Debug, Deserialize, Serialize)]
pub struct OperationRow {
    pub id: OperationId,
    pub sequence: i64,
    pub last_sequence: i64,
    /// In microseconds since 1970, like the deadline.
    pub at: i64,
    pub actor_id: Option<PersonId>,
    pub actor_name: String,
    pub actor_email: Option<String>,
    pub team_id: Option<TeamId>,
    pub team_slug: Option<TeamSlug>,
    pub team_name: Option<String>,
    pub action: Action,
    pub target_type: Option<TargetType>,
    pub target_id: Option<String>,
    pub target_name: Option<String>,
    pub deadline: Option<i64>,
    pub outcome: Option<Outcome>,
    pub state: State,
    pub acted_in: Option<i64>,
    /// 0 or 1.
    pub break_glass: i64,
    pub batch: Option<OperationId>,
}

/// An [`OperationRow`] as one column: reading them one by one took longer than all other reads of a verification.
macro_rules! rows_as_json {
    ($from:literal) => {
        sql::each(
            concat!("SELECT json_array(", columns!(), ")", $from),
            concat!("SELECT json_build_array(", columns!(), ")::text", $from),
        )
    };
}
pub(super) use rows_as_json;

macro_rules! columns {
    () => {
        "operation.id, operation.sequence, last_sequence, at, actor_id, actor_name, actor_email, team_id,
                    team_slug, team_name, action, target_type, target_id, target_name, deadline, outcome, state, acted_in,
                    break_glass, batch"
    };
}
pub(super) use columns;

/// The rows whose first entries are above one sequence and up to another, in the order of the log.
pub async fn rows_between(conn: &mut Read, above: i64, up_to: i64) -> Result<Vec<OperationRow>, StoreError> {
    let rows: Vec<String> =
        sql::query_scalar(rows_as_json!(" FROM operation WHERE sequence > ? AND sequence <= ? ORDER BY sequence"))
            .bind(above)
            .bind(up_to)
            .fetch_all(conn.database())
            .await?;
    rows.iter().map(|row| read_row(row)).collect()
}

/// A row that was read by `rows_as_json`.
pub(super) fn read_row(row: &str) -> Result<OperationRow, StoreError> {
    serde_json::from_str(&sql::in_json(row)).map_err(|error| StoreError::damaged("row of an operation", error))
}
