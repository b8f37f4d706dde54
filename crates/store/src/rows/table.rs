//! A table whose rows carry HMACs: checking a row when it is read, and writing its HMAC when it was changed.

use super::{
    cells::{Cell, Checked, Fields},
    row_key::{BadRow, IsCurrent, RowFault, RowKey},
};
use crate::{
    connection::{Read, Write},
    error::StoreError,
    sealed::Sealed,
    sql::{self, Query},
};

/// The column of the HMAC.
const MAC: &str = "mac";

/// A table whose rows carry HMACs.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key.
    pub key: &'static [&'static str],
    /// Columns that the HMAC does not cover, since they change without granting anything.
    pub uncovered: &'static [&'static str],
    /// The columns that are read to check a row: all that the HMAC covers.
    pub columns: &'static str,
    /// Whether a process remembers the newest row that it has read. Not for what there can be very much of.
    pub is_remembered: bool,
}

impl Table {
    /// The row, if the portal wrote it. Otherwise it is reported.
    pub(crate) fn check(&'static self, key: Option<&RowKey>, fields: Fields) -> Option<Checked> {
        match key {
            Some(key) if !self.is_genuine(key, &fields) => {
                key.report(&self.bad(&fields, RowFault::Forged));
                None
            }
            Some(key) if self.was_put_back(key, &fields) => {
                key.report(&self.bad(&fields, RowFault::Outdated));
                None
            }
            // A command that has no key grants nothing: it shows, exports or verifies.
            _ => Some(Checked(fields)),
        }
    }

    /// The row, if no later entry has changed it: `newest` is the entry that the log has last about it.
    pub(crate) fn check_newest(
        &'static self,
        key: Option<&RowKey>,
        row: Checked,
        newest: Option<i64>,
    ) -> Result<Option<Checked>, StoreError> {
        let is_newest = row.recorded_in()? == newest;
        Ok(self.only_if(key, row, is_newest))
    }

    /// The row, if the log says nothing against it. Otherwise it is reported as outdated.
    pub(crate) fn only_if(&'static self, key: Option<&RowKey>, row: Checked, holds: bool) -> Option<Checked> {
        match key {
            Some(key) if !holds => {
                key.report(&self.bad(&row.0, RowFault::Outdated));
                None
            }
            _ => Some(row),
        }
    }

    /// Reports a row that has not all the rows that belong to it.
    pub(crate) fn report_incomplete(&'static self, key: Option<&RowKey>, row: &Checked) {
        if let Some(key) = key {
            key.report(&self.bad(&row.0, RowFault::Incomplete));
        }
    }

    pub(super) fn is_genuine(&self, key: &RowKey, fields: &Fields) -> bool {
        self.verify(key, fields).is_some()
    }

    /// Whether the portal wrote the row; and if so, whether with the current key.
    pub(crate) fn verify(&self, key: &RowKey, fields: &Fields) -> Option<IsCurrent> {
        let Some(Cell::Bytes(mac)) = fields.get(MAC) else { return None };
        key.verify(self.name, self.covered(fields), mac)
    }

    fn mac(&self, key: &RowKey, fields: &Fields) -> [u8; 32] {
        key.mac(self.name, self.covered(fields))
    }

    fn covered<'a>(&'a self, fields: &'a Fields) -> impl Iterator<Item = (&'a str, &'a Cell)> {
        let covered = fields.0.iter().filter(|(name, _)| name != MAC && !self.uncovered.contains(&name.as_str()));
        covered.map(|(name, cell)| (name.as_str(), cell))
    }

    /// Whether this process has read a newer row.
    fn was_put_back(&'static self, key: &RowKey, fields: &Fields) -> bool {
        match fields.get("recorded_in") {
            Some(Cell::Number(recorded_in)) if self.is_remembered => {
                key.is_older(self.name, self.row_of(fields), *recorded_in)
            }
            _ => false,
        }
    }

    pub(super) fn bad(&self, fields: &Fields, fault: RowFault) -> BadRow {
        BadRow { table: self.name, row: self.row_of(fields), fault }
    }

    pub(super) fn row_of(&self, fields: &Fields) -> String {
        let part = |column: &&str| match fields.get(column) {
            None => "-".to_owned(),
            Some(Cell::Bytes(bytes)) => hex::encode(&bytes[..bytes.len().min(8)]),
            Some(cell) => cell.text(),
        };
        self.key.iter().map(part).collect::<Vec<_>>().join(" ")
    }

    /// The HMAC of a row with these values, for a row that is written in one statement.
    pub(crate) fn mac_of(&self, tx: &Write, cells: Vec<(&str, Option<Cell>)>) -> Result<Vec<u8>, StoreError> {
        let key = tx.row_key().ok_or(StoreError::NoRowKey)?;
        let named = cells.into_iter().filter_map(|(name, cell)| Some((name.to_owned(), cell?)));
        Ok(self.mac(&key, &Fields(named.collect())).to_vec())
    }

    /// Refuses to change a row that the portal did not write: its new HMAC would make it genuine.
    ///
    /// # Errors
    /// [`StoreError::BadRow`].
    pub(crate) async fn guard(&'static self, tx: &mut Write, key: &[Cell]) -> Result<(), StoreError> {
        let row_key = tx.row_key().ok_or(StoreError::NoRowKey)?;
        let Some(fields) = self.fetch(tx, key).await? else { return Ok(()) };
        if self.is_genuine(&row_key, &fields) {
            return Ok(());
        }
        let bad = self.bad(&fields, RowFault::Forged);
        row_key.report(&bad);
        Err(StoreError::BadRow(bad.to_string()))
    }

    /// Writes the HMAC of a row that was written in this transaction.
    pub(crate) async fn seal(&'static self, tx: &mut Write, key: &[Cell]) -> Result<(), StoreError> {
        let row_key = tx.row_key().ok_or(StoreError::NoRowKey)?;
        let Some(fields) = self.fetch(tx, key).await? else { return Ok(()) };
        let mac = self.mac(&row_key, &fields).to_vec();
        let sql = format!("UPDATE {} SET {MAC} = ? WHERE {}", self.name, self.condition());
        bind(sql::query(sql).bind(mac), key).execute(tx.database()).await?;
        Ok(())
    }

    /// Writes the HMAC of every row.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn seal_all(&'static self, tx: &mut Write) -> Result<(), StoreError> {
        for fields in self.all(tx).await? {
            let key: Vec<Cell> = self.key.iter().filter_map(|column| fields.get(column).cloned()).collect();
            self.seal(tx, &key).await?;
        }
        Ok(())
    }

    /// Writes the HMACs of at most `limit` rows after `after` with the current key, in the order of the table's key.
    /// Returns the key of the last row, or `None` at the end. Rows that the portal did not write stay as they are.
    pub(crate) async fn follow_keys(
        &'static self,
        tx: &mut Write,
        after: Option<&[Cell]>,
        limit: i64,
    ) -> Result<Option<Vec<Cell>>, StoreError> {
        let row_key = tx.row_key().ok_or(StoreError::NoRowKey)?;
        let columns = self.key.join(", ");
        let condition = match after {
            Some(_) => format!("WHERE ({columns}) > ({})", vec!["?"; self.key.len()].join(", ")),
            None => String::new(),
        };
        let sql = format!("SELECT {} FROM {} {condition} ORDER BY {columns} LIMIT ?", self.columns, self.name);
        let statement = bind(sql::query(sql), after.unwrap_or_default());
        let rows = statement.bind(limit).fetch_all(tx.database()).await?;
        let mut last = None;
        for row in &rows {
            let fields = Fields::of(row)?;
            let key: Vec<Cell> = self.key.iter().filter_map(|column| fields.get(column).cloned()).collect();
            if self.verify(&row_key, &fields) == Some(IsCurrent(false)) {
                self.seal(tx, &key).await?;
            }
            last = Some(key);
        }
        Ok(last)
    }

    /// Whether its rows have a sealed secret that is read with them.
    pub(super) async fn has_secrets(&self, conn: &mut Read) -> Result<bool, StoreError> {
        if self.columns != "*" {
            return Ok(false);
        }
        let columns = sql::each(
            "SELECT count(*) FROM pragma_table_info(?) WHERE name IN ('key_id', 'nonce', 'sealed')",
            "SELECT count(*) FROM information_schema.columns
              WHERE table_schema = current_schema() AND table_name = ? AND column_name IN ('key_id', 'nonce', 'sealed')",
        );
        let columns: i64 = sql::query_scalar(columns).bind(self.name).fetch_one(conn.database()).await?;
        Ok(columns == 3)
    }

    /// Replaces the sealed secret of a row.
    pub(super) async fn put_sealed(&self, tx: &mut Write, key: &[Cell], sealed: &Sealed) -> Result<(), StoreError> {
        let sql = format!("UPDATE {} SET key_id = ?, nonce = ?, sealed = ? WHERE {}", self.name, self.condition());
        let statement = sql::query(sql).bind(sealed.key_id.clone());
        let statement = statement.bind(sealed.nonce.clone()).bind(sealed.bytes.clone());
        bind(statement, key).execute(tx.database()).await?;
        Ok(())
    }

    async fn fetch(&self, tx: &mut Write, key: &[Cell]) -> Result<Option<Fields>, StoreError> {
        let sql = format!("SELECT {} FROM {} WHERE {}", self.columns, self.name, self.condition());
        let row = bind(sql::query(sql), key).fetch_optional(tx.database()).await?;
        row.map(|row| Fields::of(&row)).transpose()
    }

    pub(super) async fn all(&self, conn: &mut Read) -> Result<Vec<Fields>, StoreError> {
        let sql = format!("SELECT {} FROM {} ORDER BY {}", self.columns, self.name, self.key.join(", "));
        let rows = sql::query(sql).fetch_all(conn.database()).await?;
        rows.iter().map(Fields::of).collect()
    }

    fn condition(&self) -> String {
        self.key.iter().map(|column| format!("{column} = ?")).collect::<Vec<_>>().join(" AND ")
    }
}

fn bind(statement: Query, key: &[Cell]) -> Query {
    key.iter().fold(statement, |statement, cell| match cell.clone() {
        Cell::Number(number) => statement.bind(number),
        Cell::Text(text) => statement.bind(text),
        Cell::Bytes(bytes) => statement.bind(bytes),
    })
}
