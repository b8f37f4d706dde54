//! The table `saved_search`.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use crate::{
    Entry, PersonId, Read, SavedSearchId, StoreError, Target, TargetType, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::SAVED_SEARCH,
    },
    values::micros,
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

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT saved_search.*, 'log' AS \"table\", person.name AS owner,
                    (SELECT sequence FROM operation
                      WHERE team_id IS NULL AND target_type = 'search' AND target_id = saved_search.id
                        AND outcome = 'succeeded'
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM saved_search JOIN person ON person.id = saved_search.person_id ",
            $rest
        )
    };
}

const LIST: &str = select!(
    "WHERE person_id = ?1 OR shared = 1
     ORDER BY person_id <> ?1, lower(saved_search.name), saved_search.id
     LIMIT coalesce(?2, -1)"
);

/// A person's own searches by name, then shared ones of others; at most `most`.
pub async fn list(conn: &mut Read, person: PersonId, most: Option<u32>) -> Result<Vec<SavedSearch>, StoreError> {
    let rows = sqlx::query(LIST).bind(person.to_string()).bind(most).fetch_all(conn.sqlite()).await?;
    let mut searches = Vec::new();
    for row in &rows {
        searches.extend(search(conn, row)?);
    }
    Ok(searches)
}

pub async fn find(conn: &mut Read, id: SavedSearchId) -> Result<Option<SavedSearch>, StoreError> {
    let row =
        sqlx::query(select!("WHERE saved_search.id = ?")).bind(id.to_string()).fetch_optional(conn.sqlite()).await?;
    row.map_or(Ok(None), |row| search(conn, &row))
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

/// Saves a search. If it is shared, this entry records it.
pub async fn insert(
    tx: &mut Write,
    search: &SavedSearch,
    told: Option<&Entry>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO saved_search (id, person_id, name, search, shared, created_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(search.id.to_string())
    .bind(search.person.to_string())
    .bind(&search.name)
    .bind(&search.search)
    .bind(search.shared)
    .bind(micros(told.map_or(now, |told| told.at)))
    .bind(told.map(|told| told.sequence))
    .execute(tx.sqlite())
    .await?;
    SAVED_SEARCH.seal(tx, &key(search.id)).await
}

pub async fn rename(tx: &mut Write, id: SavedSearchId, name: &str, told: Option<&Entry>) -> Result<(), StoreError> {
    SAVED_SEARCH.guard(tx, &key(id)).await?;
    sqlx::query("UPDATE saved_search SET name = ?, recorded_in = ? WHERE id = ?")
        .bind(name)
        .bind(told.map(|told| told.sequence))
        .bind(id.to_string())
        .execute(tx.sqlite())
        .await?;
    SAVED_SEARCH.seal(tx, &key(id)).await
}

pub async fn remove(tx: &mut Write, id: SavedSearchId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM saved_search WHERE id = ?").bind(id.to_string()).execute(tx.sqlite()).await?;
    Ok(())
}

/// A search, if the portal wrote its row and no later entry has changed it.
fn search(conn: &Read, row: &SqliteRow) -> Result<Option<SavedSearch>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let (key, log) = (conn.row_key(), Checked::unsealed(log));
    let Some(row) = SAVED_SEARCH.check(key.as_ref(), row) else { return Ok(None) };
    let Some(row) = SAVED_SEARCH.check_newest(key.as_ref(), row, log.opt_number("newest")?)? else {
        return Ok(None);
    };
    Ok(Some(SavedSearch {
        id: row.parsed("id")?,
        person: row.parsed("person_id")?,
        owner: log.text("owner")?.to_owned(),
        name: row.text("name")?.to_owned(),
        search: row.text("search")?.to_owned(),
        shared: row.number("shared")? != 0,
    }))
}

fn key(id: SavedSearchId) -> [Cell; 1] {
    [id.to_string().into()]
}
