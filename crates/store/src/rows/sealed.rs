//! Rows with a sealed secret, in every table that has some, so that no table is forgotten when the key is rotated.

use super::{
    cells::{Cell, Fields},
    table::Table,
    tables,
};
use crate::{Read, StoreError, Write, data_keys, sealed::Sealed};

/// A row with a sealed secret. The portal wrote it.
#[derive(Debug)]
pub struct SealedRow {
    /// Its table.
    pub table: &'static str,
    /// The values of its key.
    pub row: String,
    /// The secret.
    pub sealed: Sealed,
    of: &'static Table,
    key: Vec<Cell>,
}

/// Every row whose secret is sealed with another key than this one, but for those that the portal did not write.
///
/// # Errors
/// If the database cannot be read.
pub async fn sealed_with_another_key(conn: &mut Read, key_id: &str) -> Result<Vec<SealedRow>, StoreError> {
    let row_key = conn.row_key().ok_or(StoreError::NoRowKey)?;
    let mut found = Vec::new();
    for table in tables::all() {
        if table.has_secrets(conn).await? {
            let rows = table.all(conn).await?;
            let genuine = rows.iter().filter(|fields| table.is_genuine(&row_key, fields));
            found.extend(genuine.filter_map(|fields| sealed_row(table, fields)));
        }
    }
    found.retain(|row| row.sealed.key_id != key_id);
    Ok(found)
}

fn sealed_row(table: &'static Table, fields: &Fields) -> Option<SealedRow> {
    let (Some(Cell::Text(key_id)), Some(Cell::Bytes(nonce)), Some(Cell::Bytes(bytes))) =
        (fields.get("key_id"), fields.get("nonce"), fields.get("sealed"))
    else {
        return None;
    };
    let sealed = Sealed { key_id: key_id.clone(), nonce: nonce.clone(), bytes: bytes.clone() };
    let key = table.key.iter().filter_map(|column| fields.get(column).cloned()).collect();
    Some(SealedRow { table: table.name, row: table.row_of(fields), sealed, of: table, key })
}

/// Stores the same secret, sealed with the current key.
///
/// # Errors
/// [`StoreError::SealedWithOldKey`] if it is not the current key, [`StoreError::BadRow`] if somebody changed the row.
pub async fn seal_again(tx: &mut Write, row: &SealedRow, sealed: &Sealed) -> Result<(), StoreError> {
    data_keys::check_sealed(tx, &sealed.key_id).await?;
    row.of.guard(tx, &row.key).await?;
    row.of.put_sealed(tx, &row.key, sealed).await?;
    row.of.seal(tx, &row.key).await
}

/// The names of the tables with sealed secrets.
///
/// # Errors
/// If the database cannot be read.
pub async fn tables_with_secrets(conn: &mut Read) -> Result<Vec<&'static str>, StoreError> {
    let mut names = Vec::new();
    for table in tables::all() {
        if table.has_secrets(conn).await? {
            names.push(table.name);
        }
    }
    Ok(names)
}
