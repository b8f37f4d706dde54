//! The table `person`.

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    PersonId, PortalRole, Read, StoreError, Target, TargetType, Write,
    values::{instant, micros, parsed},
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id, which never changes.
    pub id: PersonId,
    /// The e-mail, in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role in the whole portal.
    pub role: PortalRole,
    /// Whether a password has been chosen.
    pub joined: bool,
    /// Since when the person cannot sign in, if so.
    pub disabled_at: Option<OffsetDateTime>,
    /// When the person was created.
    pub created_at: OffsetDateTime,
}

impl Person {
    /// The person as the log names them.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::Person, self.id, Some(&self.name))
    }
}

pub async fn list(conn: &mut Read) -> Result<Vec<Person>, StoreError> {
    sqlx::query("SELECT * FROM person ORDER BY lower(name), email")
        .fetch_all(conn.sqlite())
        .await?
        .iter()
        .map(person)
        .collect()
}

pub async fn count(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM person").fetch_one(conn.sqlite()).await?)
}

pub async fn by_id(conn: &mut Read, id: PersonId) -> Result<Option<Person>, StoreError> {
    sqlx::query("SELECT * FROM person WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| person(&row))
        .transpose()
}

/// By e-mail, which is kept in lower case.
pub async fn by_email(conn: &mut Read, email: &str) -> Result<Option<Person>, StoreError> {
    sqlx::query("SELECT * FROM person WHERE email = ?")
        .bind(email)
        .fetch_optional(conn.sqlite())
        .await?
        .map(|row| person(&row))
        .transpose()
}

/// The stored password of a person who has one.
pub async fn password_hash(conn: &mut Read, id: PersonId) -> Result<Option<String>, StoreError> {
    let hash: Option<Option<String>> = sqlx::query_scalar("SELECT password_hash FROM person WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(conn.sqlite())
        .await?;
    Ok(hash.flatten())
}

pub async fn insert(tx: &mut Write, person: &Person, password_hash: Option<&str>) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO person (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(person.id.to_string())
        .bind(&person.email)
        .bind(&person.name)
        .bind(person.role.as_str())
        .bind(password_hash)
        .bind(micros(person.created_at))
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn set_password(tx: &mut Write, id: PersonId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET password_hash = ? WHERE id = ?")
        .bind(hash)
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn set_role(tx: &mut Write, id: PersonId, role: PortalRole) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET role = ? WHERE id = ?")
        .bind(role.as_str())
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn set_disabled(tx: &mut Write, id: PersonId, at: Option<OffsetDateTime>) -> Result<(), StoreError> {
    sqlx::query("UPDATE person SET disabled_at = ? WHERE id = ?")
        .bind(at.map(micros))
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// How many other admins can sign in.
pub async fn other_admins(tx: &mut Write, id: PersonId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM person
          WHERE role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL AND id <> ?",
    )
    .bind(id.to_string())
    .fetch_one(tx.sqlite())
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
