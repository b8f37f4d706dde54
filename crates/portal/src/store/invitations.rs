//! The table `invitation`: one-time links, known by the hash of their secret.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, micros, parsed};
use crate::{PersonId, accounts::InvitationFor};

pub(crate) async fn insert(
    tx: &mut WriteTx,
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
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the link is for, if it is good.
pub(crate) async fn find(
    conn: &mut SqliteConnection,
    secret_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<InvitationFor>, StoreError> {
    sqlx::query("SELECT purpose, person_id FROM invitation WHERE secret_hash = ? AND expires_at > ?")
        .bind(secret_hash)
        .bind(micros(now))
        .fetch_optional(conn)
        .await?
        .map(|row| invitation(&row))
        .transpose()
}

/// Uses the link up, and with it every other link for the same.
pub(crate) async fn remove(tx: &mut WriteTx, purpose: InvitationFor) -> Result<(), StoreError> {
    let (purpose, person) = match purpose {
        InvitationFor::FirstAdmin => ("setup", None),
        InvitationFor::Person(id) => ("invite", Some(id)),
    };
    sqlx::query("DELETE FROM invitation WHERE purpose = ? AND person_id IS ?")
        .bind(purpose)
        .bind(person.map(|id| id.to_string()))
        .execute(&mut **tx)
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
