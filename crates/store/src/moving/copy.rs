//! Copying and comparing rows, whatever columns they have.

use sha2::{Digest as _, Sha256};

use super::tables::MovedTable;
use crate::{
    Store, StoreError,
    connection::{Read, Write},
    sql::{self, Row, Value},
};

/// How many rows are read at once.
const AT_ONCE: usize = 1_000;

/// What a table holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub rows: u64,
    hash: [u8; 32],
}

/// Copies the rows of a table that only grows, as far as the other database does not have them.
pub(super) async fn copy_new(
    source: &mut Write,
    to: &Store,
    table: &MovedTable,
    seen: &mut impl FnMut(&str, u64),
) -> Result<u64, StoreError> {
    let mut copied = 0;
    let mut last = match table.name {
        // Of all others there are few, or they are written long after their place in the log.
        "entry" | "entry_body" => newest(&mut to.read().await?, table).await?,
        _ => None,
    };
    loop {
        let rows = after(source, table, last.as_deref()).await?;
        let Some(end) = rows.last() else { break };
        last = Some(key_of(table, end)?);
        let mut tx = to.write().await?;
        for row in &rows {
            if !exists(&mut tx, table, row).await? {
                insert(&mut tx, table, row).await?;
                copied += 1;
            }
        }
        if table.name == "removed_body" {
            // An earlier attempt may have copied what was removed since.
            let removed = "DELETE FROM entry_body WHERE sequence IN (SELECT sequence FROM removed_body)";
            sql::query(removed).execute(tx.database()).await?;
        }
        tx.commit().await?;
        seen(table.name, copied);
    }
    Ok(copied)
}

/// Replaces everything in these tables, in one transaction.
pub(super) async fn copy_anew(
    source: &mut Write,
    to: &Store,
    tables: &[MovedTable],
    seen: &mut impl FnMut(&str, u64),
) -> Result<u64, StoreError> {
    let mut tx = to.write().await?;
    for table in tables.iter().rev() {
        sql::query(format!("DELETE FROM {}", table.name)).execute(tx.database()).await?;
    }
    let mut all = 0;
    for table in tables {
        let (mut copied, mut last) = (0, None);
        loop {
            let rows = after(source, table, last.as_deref()).await?;
            let Some(end) = rows.last() else { break };
            last = Some(key_of(table, end)?);
            for row in &rows {
                insert(&mut tx, table, row).await?;
                copied += 1;
            }
            seen(table.name, copied);
        }
        all += copied;
    }
    tx.commit().await?;
    Ok(all)
}

/// A digest of every row of a table, in the order of its key, whatever order its columns have.
pub(super) async fn digest(conn: &mut Read, table: &MovedTable) -> Result<Digest, StoreError> {
    let mut hasher = Sha256::new();
    let (mut count, mut last) = (0, None);
    loop {
        let rows = after(conn, table, last.as_deref()).await?;
        let Some(end) = rows.last() else { break };
        last = Some(key_of(table, end)?);
        for row in &rows {
            count += 1;
            let mut cells = (0..row.width())
                .map(|at| Ok((row.name(at), value(row, at)?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
            cells.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in cells {
                let (kind, bytes) = match value {
                    Value::Null(_) | Value::List(_) => continue,
                    Value::Number(number) => (b'n', number.to_be_bytes().to_vec()),
                    Value::Text(text) => (b't', text.into_bytes()),
                    Value::Bytes(bytes) => (b'b', bytes),
                };
                for part in [name.as_bytes(), &[kind], &bytes] {
                    hasher.update((part.len() as u64).to_be_bytes());
                    hasher.update(part);
                }
            }
            hasher.update(u64::MAX.to_be_bytes());
        }
    }
    Ok(Digest { rows: count, hash: hasher.finalize().into() })
}

fn value(row: &Row, at: usize) -> Result<Value, StoreError> {
    match row.value(at)? {
        Some(value) => value.map_err(|why| StoreError::damaged("value", why)),
        None => Ok(Value::Null(row.kind(at)?)),
    }
}

/// The next rows in the order of the table's key.
async fn after(conn: &mut Read, table: &MovedTable, last: Option<&[Value]>) -> Result<Vec<Row>, StoreError> {
    let key = table.key.join(", ");
    let condition = match last {
        Some(_) => format!("WHERE ({key}) > ({})", vec!["?"; table.key.len()].join(", ")),
        None => String::new(),
    };
    let query = sql::query(format!("SELECT * FROM {} {condition} ORDER BY {key} LIMIT {AT_ONCE}", table.name));
    let query = last.into_iter().flatten().fold(query, |query, value| query.bind(value.clone()));
    Ok(query.fetch_all(conn.database()).await?)
}

async fn newest(conn: &mut Read, table: &MovedTable) -> Result<Option<Vec<Value>>, StoreError> {
    let [key] = table.key else { return Ok(None) };
    let query = sql::query_scalar::<Option<i64>>(format!("SELECT max({key}) FROM {}", table.name));
    let newest = query.fetch_one(conn.database()).await?;
    Ok(newest.map(|newest| vec![Value::Number(newest)]))
}

fn key_of(table: &MovedTable, row: &Row) -> Result<Vec<Value>, StoreError> {
    let place = |column: &&str| (0..row.width()).find(|at| row.name(*at) == *column);
    table
        .key
        .iter()
        .map(|column| {
            let at = place(column).ok_or_else(|| StoreError::damaged("table", format!("{column} is missing")))?;
            value(row, at)
        })
        .collect()
}

async fn exists(tx: &mut Write, table: &MovedTable, row: &Row) -> Result<bool, StoreError> {
    let condition: Vec<_> = table.key.iter().map(|column| format!("{column} = ?")).collect();
    let query = sql::query(format!("SELECT 1 FROM {} WHERE {}", table.name, condition.join(" AND ")));
    let query = key_of(table, row)?.into_iter().fold(query, sql::Query::bind);
    Ok(query.fetch_optional(tx.database()).await?.is_some())
}

async fn insert(tx: &mut Write, table: &MovedTable, row: &Row) -> Result<(), StoreError> {
    let columns: Vec<&str> = (0..row.width()).map(|at| row.name(at)).collect();
    let places = vec!["?"; columns.len()].join(", ");
    let mut query = sql::query(format!("INSERT INTO {} ({}) VALUES ({places})", table.name, columns.join(", ")));
    for at in 0..row.width() {
        query = query.bind(value(row, at)?);
    }
    query.execute(tx.database()).await?;
    Ok(())
}
