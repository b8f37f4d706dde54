//! The table `person`.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{StoreError, WriteTx, instant, micros, parsed};
use crate::{PersonId, PortalRole, accounts::Person};

pub(crate) async fn list(conn: &mut SqliteConnection) -> Result<Vec<Person>, StoreError> {
    sqlx::query("SELECT * FROM person ORDER BY lower(name), email")
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(person)
        .collect()
}

pub(crate) async fn count(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM person").fetch_one(conn).await?)
}

pub(crate) async fn by_id(conn: &mut SqliteConnection, id: PersonId) -> Result<Option<Person>, StoreError> {
    sqlx::query("SELECT * FROM person WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| person(&row))
        .transpose()
}

/// By e-mail, which is kept in lower case.
pub(crate) async fn by_email(conn: &mut SqliteConnection, email: &str) -> Result<Option<Person>, StoreError> {
    sqlx::query("SELECT * FROM person WHERE email = ?")
        .bind(email)
        .fetch_optional(conn)
        .await?
        .map(|row| person(&row))
        .transpose()
}

/// The stored password of a person who has one.
pub(crate) async fn password_hash(conn: &mut SqliteConnection, id: PersonId) -> Result<Option<String>, StoreError> {
    let hash: Option<Option<String>> = sqlx::query_scalar("SELECT password_hash FROM person WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    Ok(hash.flatten())
}

pub(crate) async fn insert(tx: &mut WriteTx, person: &Person, password_hash: Option<&str>) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO person (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(person.id.to_string())
        .bind(&person.email)
        .bind(&person.name)
        .bind(person.role.as_str())
        .bind(password_hash)
        .bind(micros(person.created_at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn set_password(tx: &mut WriteTx, id: PersonId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET password_hash = ? WHERE id = ?")
        .bind(hash)
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn set_role(tx: &mut WriteTx, id: PersonId, role: PortalRole) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET role = ? WHERE id = ?")
        .bind(role.as_str())
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn set_disabled(tx: &mut WriteTx, id: PersonId, at: Option<OffsetDateTime>) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET disabled_at = ? WHERE id = ?")
        .bind(at.map(micros))
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How many admins could still sign in if this person were none.
pub(crate) async fn other_admins(tx: &mut WriteTx, id: PersonId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM person
          WHERE role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL AND id <> ?",
    )
    .bind(id.to_string())
    .fetch_one(&mut **tx)
    .await?)
}

fn person(row: &SqliteRow) -> Result<Person, StoreError> {
    let (id, role): (String, String) = (row.try_get("id")?, row.try_get("role")?);
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    let password_hash: Option<String> = row.try_get("password_hash")?;
    Ok(Person {
        id: parsed("person id", &id)?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: parsed("portal role", &role)?,
        joined: password_hash.is_some(),
        disabled_at: disabled_at.map(instant).transpose()?,
        created_at: instant(row.try_get("created_at")?)?,
    })
}
