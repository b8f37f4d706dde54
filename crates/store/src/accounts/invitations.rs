//! The table `invitation`: one-time links, stored as the keyed hash of their secret.

use time::OffsetDateTime;

use crate::{
    Entry, PersonId, Read, StoreError, Write,
    rows::{
        cells::{Checked, Fields},
        tables::INVITATION,
    },
    values::micros,
};

/// Who a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationFor {
    /// The first admin, who enters their own name and e-mail.
    FirstAdmin,
    /// An existing person, who chooses a password.
    Person(PersonId),
}

/// Stores a link. The entry about an invitation records it; the link for the set-up has none.
pub async fn insert(
    tx: &mut Write,
    secret_hash: &[u8],
    purpose: InvitationFor,
    told: Option<&Entry>,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    let (purpose, person) = match purpose {
        InvitationFor::FirstAdmin => ("setup", None),
        InvitationFor::Person(id) => ("invite", Some(id)),
    };
    sqlx::query(
        "INSERT INTO invitation (secret_hash, purpose, person_id, created_at, expires_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(secret_hash)
    .bind(purpose)
    .bind(person.map(|id| id.to_string()))
    .bind(micros(told.map_or(now, |told| told.at)))
    .bind(micros(expires_at))
    .bind(told.map(|told| told.sequence))
    .execute(tx.sqlite())
    .await?;
    INVITATION.seal(tx, &[secret_hash.into()]).await
}

/// Who the link is for, unless it has expired, was used or replaced, or does not exist.
pub async fn find(
    conn: &mut Read,
    secret_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<InvitationFor>, StoreError> {
    let row = sqlx::query(
        "SELECT invitation.*, 'log' AS \"table\",
                (SELECT sequence FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = invitation.person_id
                    AND team_id IS NULL AND action IN ('person.invite', 'person.join', 'person.disable')
                  ORDER BY sequence DESC LIMIT 1) AS newest
           FROM invitation WHERE secret_hash = ? AND expires_at > ?",
    )
    .bind(secret_hash)
    .bind(micros(now))
    .fetch_optional(conn.sqlite())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut parts = Fields::parts(&row)?.into_iter();
    let (Some(link), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let key = conn.row_key();
    let Some(link) = INVITATION.check(key.as_ref(), link) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(link) = INVITATION.check_newest(key.as_ref(), link, newest)? else { return Ok(None) };
    Ok(Some(match link.opt_text("person_id")? {
        None => InvitationFor::FirstAdmin,
        Some(_) => InvitationFor::Person(link.parsed("person_id")?),
    }))
}

/// Removes every link for the same.
pub async fn remove(tx: &mut Write, purpose: InvitationFor) -> Result<(), StoreError> {
    let (purpose, person) = match purpose {
        InvitationFor::FirstAdmin => ("setup", None),
        InvitationFor::Person(id) => ("invite", Some(id)),
    };
    sqlx::query("DELETE FROM invitation WHERE purpose = ? AND person_id IS ?")
        .bind(purpose)
        .bind(person.map(|id| id.to_string()))
        .execute(tx.sqlite())
        .await?;
    Ok(())
}
