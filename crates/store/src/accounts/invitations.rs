//! The table `invitation`: one-time links, stored as the hash of their secret.

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    PersonId, Read, StoreError, Write,
    values::{micros, parsed},
};

/// Who a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationFor {
    /// The first admin, who enters their own name and e-mail.
    FirstAdmin,
    /// An existing person, who chooses a password.
    Person(PersonId),
}

pub async fn insert(
    tx: &mut Write,
    secret_hash: &[u8],
    purpose: InvitationFor,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    let (purpose, person) = match purpose {
        InvitationFor::FirstAdmin => ("setup", None),
        InvitationFor::Person(id) => ("invite", Some(id)),
    };
    sqlx::query(
        "INSERT INTO invitation (secret_hash, purpose, person_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(secret_hash)
    .bind(purpose)
    .bind(person.map(|id| id.to_string()))
    .bind(micros(now))
    .bind(micros(expires_at))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Who the link is for, unless it has expired or does not exist.
pub async fn find(
    conn: &mut Read,
    secret_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<InvitationFor>, StoreError> {
    sqlx::query("SELECT purpose, person_id FROM invitation WHERE secret_hash = ? AND expires_at > ?")
        .bind(secret_hash)
        .bind(micros(now))
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| invitation(&row))
        .transpose()
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

fn invitation(row: &SqliteRow) -> Result<InvitationFor, StoreError> {
    let person: Option<String> = row.try_get("person_id")?;
    Ok(match person {
        None => InvitationFor::FirstAdmin,
        Some(id) => InvitationFor::Person(parsed::<PersonId>("person id", &id)?),
    })
}
