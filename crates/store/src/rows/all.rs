//! Every row that grants or hides something, good or bad, for verification.

use std::collections::BTreeMap;

pub use super::cells::Cell;
use super::{
    cells::Fields,
    row_key::{BadRow, RowFault, RowKey},
    tables,
};
use crate::{connection::Read, error::StoreError};

/// A row as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// Its table.
    pub table: &'static str,
    /// The values of its key.
    pub row: String,
    /// Its columns, without those that are NULL.
    pub columns: BTreeMap<String, Cell>,
}

/// Every row of these tables.
///
/// # Errors
/// If they cannot be read.
pub async fn stored(conn: &mut Read) -> Result<Vec<StoredRow>, StoreError> {
    let mut rows = Vec::new();
    for table in tables::all() {
        for fields in table.all(conn).await? {
            rows.push(StoredRow {
                table: table.name,
                row: table.row_of(&fields),
                columns: fields.0.into_iter().collect(),
            });
        }
    }
    Ok(rows)
}

/// The rows that the portal did not write, and watches that have not all their rows. `None` without a key.
///
/// # Errors
/// If they cannot be read.
pub async fn bad(conn: &mut Read) -> Result<Option<Vec<BadRow>>, StoreError> {
    let Some(key) = conn.row_key() else { return Ok(None) };
    let mut bad = Vec::new();
    let mut read: BTreeMap<&str, Vec<Fields>> = BTreeMap::new();
    for table in tables::all() {
        let rows = table.all(conn).await?;
        let forged = rows.iter().filter(|fields| !table.is_genuine(&key, fields));
        bad.extend(forged.map(|fields| table.bad(fields, RowFault::Forged)));
        read.insert(table.name, rows);
    }
    let seen = read.remove(tables::SEEN.name).unwrap_or_default();
    let watches = read.remove(tables::WATCH.name).unwrap_or_default();
    for watch in &watches {
        let of_team: Vec<&Fields> = seen.iter().filter(|seen| seen.get("team_id") == watch.get("team_id")).collect();
        if !is_complete(&key, watch, &of_team) {
            bad.push(tables::WATCH.bad(watch, RowFault::Incomplete));
        }
    }
    Ok(Some(bad))
}

fn is_complete(key: &RowKey, watch: &Fields, seen: &[&Fields]) -> bool {
    let macs = seen.iter().filter_map(|seen| match seen.get("mac") {
        Some(Cell::Bytes(mac)) => Some(mac.as_slice()),
        _ => None,
    });
    let macs: Vec<&[u8]> = macs.collect();
    // A watch that has to begin again is for no token.
    watch.get("fingerprint") == Some(&Cell::Text(String::new()))
        || watch.get("seen_count") == Some(&Cell::Number(seen.len() as i64))
            && matches!(watch.get("seen_digest"), Some(Cell::Bytes(digest)) if key.is_digest_of(digest, &macs))
}
