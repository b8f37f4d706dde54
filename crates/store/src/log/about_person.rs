//! Operations that decide who could have been a person: who chose the password, and who gave the role.

use time::OffsetDateTime;

use super::{operations::summary_of, summary::OperationSummary};
use crate::{Outcome, PersonId, Read, StoreError};

/// The operations since then in which a person got a password from somebody or a role in the portal, oldest first. Whether
/// and when it happened is taken from the entries, which are compared with their hashes and with the row.
///
/// # Errors
/// [`StoreError::Changed`] if an entry is not as it was written.
pub async fn since(
    conn: &mut Read,
    person: PersonId,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    let rows = sqlx::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS NULL AND operation.target_type = 'person' AND operation.target_id = ?
            AND operation.action IN ('person.create', 'person.join', 'person.role')
          ORDER BY operation.sequence"
    ))
    .bind(person.to_string())
    .fetch_all(conn.sqlite())
    .await?;
    let mut found = Vec::new();
    for row in &rows {
        let mut operation = summary_of(row)?;
        if let Some(bad) = operation.changed.take() {
            return Err(bad.into());
        }
        if operation.outcome == Some(Outcome::Succeeded) && operation.at > since {
            found.push(operation);
        }
    }
    Ok(found)
}
