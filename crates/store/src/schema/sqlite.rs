//! The schema as SQLite has it.

use std::sync::OnceLock;

use sqlx::{SqliteConnection, sqlite::SqlitePoolOptions};

use super::object::Object;
use crate::{StoreError, sqlite::MIGRATIONS};

static EXPECTED: OnceLock<Vec<Object>> = OnceLock::new();

/// What the migrations make of an empty database.
pub(super) async fn expected() -> Result<&'static [Object], StoreError> {
    if let Some(made) = EXPECTED.get() {
        return Ok(made);
    }
    let empty = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    MIGRATIONS.run(&empty).await.map_err(StoreError::Migration)?;
    let made = objects(&mut *empty.acquire().await?).await?;
    empty.close().await;
    Ok(EXPECTED.get_or_init(|| made))
}

/// The whole schema, but for SQLite's own statistics about tables.
pub(super) async fn objects(connection: &mut SqliteConnection) -> Result<Vec<Object>, StoreError> {
    let all = "SELECT type, name, tbl_name, sql FROM sqlite_schema
                WHERE NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4'))
                ORDER BY type, name, rowid";
    Ok(sqlx::query_as(all).fetch_all(connection).await?)
}

/// The statement that removes a trigger, index or view.
pub(super) fn drop((kind, name, _, _): &Object) -> String {
    format!("DROP {kind} IF EXISTS \"{name}\"")
}
