//! Operations about a person: those that decide who could have been the person, and those that the person should know of.

use time::OffsetDateTime;

use super::{operations::summary_of, summary::OperationSummary};
use crate::{Outcome, PersonId, Read, StoreError, sql};

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
    let rows = sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS NULL AND operation.target_type = 'person' AND operation.target_id = ?
            AND operation.action IN ('person.create', 'person.join', 'person.role')
          ORDER BY operation.sequence"
    ))
    .bind(person.to_string())
    .fetch_all(conn.database())
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

/// The operations about a person's ways to sign in since the person last dismissed the notices about them, newest first.
pub async fn unseen(conn: &mut Read, person: PersonId) -> Result<Vec<OperationSummary>, StoreError> {
    sql::query(concat!(
        include_str!("operations_with_entries.sql"),
        " WHERE operation.team_id IS NULL AND operation.target_type = 'person' AND operation.target_id = ?1
            AND operation.outcome = 'succeeded'
            AND operation.action IN ('person.invite', 'person.release', 'person.join', 'recovery.use')
            AND operation.sequence > coalesce(
                (SELECT sequence FROM operation AS seen INDEXED BY operation_on_person
                  WHERE seen.target_type = 'person' AND seen.outcome = 'succeeded' AND seen.target_id = ?1
                    AND seen.team_id IS NULL AND seen.action = 'notice.dismiss'
                  ORDER BY seen.sequence DESC LIMIT 1), 0)
          ORDER BY operation.sequence DESC LIMIT 20"
    ))
    .bind(person.to_string())
    .fetch_all(conn.database())
    .await?
    .iter()
    .map(summary_of)
    .collect()
}
