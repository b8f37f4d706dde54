//! The table `review`: the standing of operations with their reviewers, derived from the entries about them.

use crate::{Entry, OperationId, Outcome, Read, ReviewStanding, StoreError, TargetType, Write, sql, values::parsed};

/// The standing of an operation, and the entry that it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationStanding {
    pub operation: OperationId,
    pub standing: ReviewStanding,
    pub since: i64,
}

/// A row of the table.
pub struct StoredReview {
    pub standing: OperationStanding,
    /// Whether the entry that it rests on still has its body.
    pub has_body: bool,
}

/// The standing that an entry gives to another operation.
pub fn said(entry: &Entry) -> Option<OperationStanding> {
    let standing = ReviewStanding::after(entry.action)?;
    let target = entry.targets.first().filter(|target| target.kind == TargetType::Operation)?;
    let operation = target.id.parse().ok()?;
    (entry.outcome == Some(Outcome::Succeeded)).then_some(OperationStanding {
        operation,
        standing,
        since: entry.sequence,
    })
}

/// Updates the standing of the operation that this entry is about.
pub async fn follow(tx: &mut Write, entry: &Entry) -> Result<(), StoreError> {
    let Some(said) = said(entry) else { return Ok(()) };
    sql::query(
        "INSERT INTO review (operation_sequence, standing, last_sequence)
         SELECT sequence, ?, ? FROM operation WHERE id = ?
         ON CONFLICT (operation_sequence)
         DO UPDATE SET standing = excluded.standing, last_sequence = excluded.last_sequence",
    )
    .bind(said.standing.as_str())
    .bind(said.since)
    .bind(said.operation.to_string())
    .execute(tx.database())
    .await?;
    Ok(())
}

/// How many rows there are, also of operations that do not exist.
pub async fn count(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM review").fetch_one(conn.database()).await?)
}

/// Every row, by the entry that it rests on.
pub async fn all(conn: &mut Read) -> Result<Vec<StoredReview>, StoreError> {
    sql::query(
        "SELECT operation.id, review.standing, review.last_sequence,
                EXISTS (SELECT 1 FROM entry_body WHERE entry_body.sequence = review.last_sequence) AS has_body
           FROM review JOIN operation ON operation.sequence = review.operation_sequence
          ORDER BY review.last_sequence",
    )
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(|row| {
        let (id, standing): (String, String) = (row.try_get("id")?, row.try_get("standing")?);
        let standing = OperationStanding {
            operation: parsed("operation id", &id)?,
            standing: parsed("review", &standing)?,
            since: row.try_get("last_sequence")?,
        };
        Ok(StoredReview { standing, has_body: row.try_get("has_body")? })
    })
    .collect()
}
