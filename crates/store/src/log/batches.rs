//! The operations that were asked for together.

use super::operations::summary_of;
use crate::{OperationId, OperationSummary, Read, StoreError, sql};

/// The operations of a batch after a sequence, oldest first, at most `limit`.
pub async fn operations(
    conn: &mut Read,
    batch: OperationId,
    after: i64,
    limit: i64,
) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.batch = ? AND operation.sequence > ? ORDER BY operation.sequence LIMIT ?"
    ))
    .bind(batch.to_string())
    .bind(after)
    .bind(limit)
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}
