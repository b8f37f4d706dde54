//! Operations that were sent to Workato and have ended: what was read of Workato before is no longer its current state.

use super::entry::TargetType;
use crate::{OperationId, Read, StoreError, TeamId, sql, values::parsed};

/// An operation that was sent to Workato and has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which one.
    pub operation: OperationId,
    /// The team in whose Workato.
    pub team: TeamId,
    /// What it may have changed.
    pub target: TargetType,
}

/// The operations that were sent to Workato of which an entry after this one says how they ended.
///
/// # Errors
/// If the log cannot be read.
pub async fn after(conn: &mut Read, sequence: i64) -> Result<Vec<Ended>, StoreError> {
    let ended: Vec<(String, String, String)> = sql::query_as(
        "SELECT operation.id, operation.team_id, operation.target_type
           FROM entry_body JOIN operation ON operation.id = entry_body.operation_id
          WHERE entry_body.sequence > ? AND entry_body.stage IN ('outcome', 'settled', 'waiting')
            AND operation.deadline IS NOT NULL AND operation.team_id IS NOT NULL AND operation.target_type IS NOT NULL",
    )
    .bind(sequence)
    .fetch_all(conn.database())
    .await?;
    let ended = ended.iter().map(|(operation, team, target)| {
        let operation = parsed("operation id", operation)?;
        Ok(Ended { operation, team: parsed("team id", team)?, target: parsed("target type", target)? })
    });
    ended.collect()
}
