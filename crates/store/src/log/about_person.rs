//! Operations that decide who could have been a person: who chose the password, and who gave the role.

use time::OffsetDateTime;

use super::{operations::summary_of, summary::OperationSummary};
use crate::{PersonId, Read, StoreError, values::micros};

/// The operations since then in which a person got a password from somebody or a role in the portal, oldest first.
pub async fn since(
    conn: &mut Read,
    person: PersonId,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    sqlx::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS NULL AND operation.target_type = 'person' AND operation.target_id = ?
            AND operation.action IN ('person.create', 'person.join', 'person.role')
            AND operation.outcome = 'succeeded' AND operation.at > ?
          ORDER BY operation.sequence"
    ))
    .bind(person.to_string())
    .bind(micros(since))
    .fetch_all(conn.sqlite())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}
