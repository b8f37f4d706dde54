//! The table `saved_search`.

use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use crate::{
    PersonId, Read, SavedSearchId, StoreError, Target, TargetType, Write,
    values::{micros, parsed},
};

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its id.
    pub id: SavedSearchId,
    /// Its owner.
    pub person: PersonId,
    /// The owner's name.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The search, as in the search box.
    pub search: String,
    /// Whether everybody sees it.
    pub shared: bool,
}

impl SavedSearch {
    /// The search as the log names it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::Search, self.id, Some(&self.name))
    }
}

/// A person's own searches by name, then shared ones of others; at most `most`.
pub async fn list(conn: &mut Read, person: PersonId, most: Option<u32>) -> Result<Vec<SavedSearch>, StoreError> {
    sqlx::query(
        "SELECT saved_search.*, person.name AS owner
           FROM saved_search JOIN person ON person.id = saved_search.person_id
          WHERE person_id = ?1 OR shared = 1
          ORDER BY person_id <> ?1, lower(saved_search.name), saved_search.id
          LIMIT coalesce(?2, -1)",
    )
    .bind(person.to_string())
    .bind(most)
    .fetch_all(conn.sqlite())
    .await?
    .iter()
    .map(search)
    .collect()
}

pub async fn find(conn: &mut Read, id: SavedSearchId) -> Result<Option<SavedSearch>, StoreError> {
    sqlx::query(
        "SELECT saved_search.*, person.name AS owner
           FROM saved_search JOIN person ON person.id = saved_search.person_id
          WHERE saved_search.id = ?",
    )
    .bind(id.to_string())
    .fetch_optional(conn.sqlite())
    .await?
    .map(|row| search(&row))
    .transpose()
}

/// How many searches a person has, and whether another of them has this name.
pub async fn kept(
    conn: &mut Read,
    person: PersonId,
    name: &str,
    but: Option<SavedSearchId>,
) -> Result<(i64, bool), StoreError> {
    Ok(sqlx::query_as(
        "SELECT count(*), coalesce(max(name = ?2 AND id IS NOT ?3), 0) FROM saved_search WHERE person_id = ?1",
    )
    .bind(person.to_string())
    .bind(name)
    .bind(but.map(|id| id.to_string()))
    .fetch_one(conn.sqlite())
    .await?)
}

/// How many searches are shared.
pub async fn shared(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM saved_search WHERE shared = 1").fetch_one(conn.sqlite()).await?)
}

pub async fn insert(tx: &mut Write, search: &SavedSearch, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO saved_search (id, person_id, name, search, shared, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(search.id.to_string())
        .bind(search.person.to_string())
        .bind(&search.name)
        .bind(&search.search)
        .bind(search.shared)
        .bind(micros(now))
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn rename(tx: &mut Write, id: SavedSearchId, name: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE saved_search SET name = ? WHERE id = ?")
        .bind(name)
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

pub async fn remove(tx: &mut Write, id: SavedSearchId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM saved_search WHERE id = ?").bind(id.to_string()).execute(tx.sqlite()).await?;
    Ok(())
}

fn search(row: &SqliteRow) -> Result<SavedSearch, StoreError> {
    let (id, person): (String, String) = (row.try_get("id")?, row.try_get("person_id")?);
    Ok(SavedSearch {
        id: parsed("saved search", &id)?,
        person: parsed("person id", &person)?,
        owner: row.try_get("owner")?,
        name: row.try_get("name")?,
        search: row.try_get("search")?,
        shared: row.try_get("shared")?,
    })
}
