//! A row as its columns' names and values, whatever columns it has.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    error::StoreError,
    sql::{Row, Value},
    values::{instant, parsed},
};

/// The column that begins the columns of another table in a row of several. Its value is the table's name.
const TABLE: &str = "table";

/// A value. NULL is the absence of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number, an instant or a truth value.
    Number(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl Cell {
    /// The value as text, bytes in hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => hex::encode(bytes),
        }
    }
}

/// The columns of one table in a row, without those that are NULL. Nothing says that the portal wrote them.
#[derive(Clone, Debug)]
pub(crate) struct Fields(pub Vec<(String, Cell)>);

impl Fields {
    /// The columns of a row of one table.
    pub fn of(row: &Row) -> Result<Self, StoreError> {
        let mut parts = Self::parts(row)?;
        if parts.len() == 1 { Ok(parts.remove(0)) } else { Err(StoreError::damaged("row", "it is of several tables")) }
    }

    /// The columns of a row of several tables, table by table.
    pub fn parts(row: &Row) -> Result<Vec<Self>, StoreError> {
        let mut parts = Vec::new();
        for at in 0..row.width() {
            let name = row.name(at);
            if at == 0 || name == TABLE {
                parts.push(Self(Vec::new()));
            }
            if name == TABLE {
                continue;
            }
            let Some(value) = row.value(at)? else { continue };
            let cell = match value.map_err(|why| StoreError::damaged("value", why))? {
                Value::Number(number) => Cell::Number(number),
                Value::Text(text) => Cell::Text(text),
                Value::Bytes(bytes) => Cell::Bytes(bytes),
                Value::Null(_) | Value::List(_) => continue,
            };
            if let Some(part) = parts.last_mut() {
                part.0.push((name.to_owned(), cell));
            }
        }
        Ok(parts)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
    }
}

/// The columns of a row that the portal wrote. Only [`super::table::Table`] makes one, after it has checked the row.
#[derive(Clone, Debug)]
pub(crate) struct Checked(pub(super) Fields);

impl Checked {
    /// What the log says, or other columns that belong to no row with an HMAC.
    pub fn unsealed(fields: Fields) -> Self {
        Self(fields)
    }

    pub fn opt_text(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self.0.get(column) {
            None => Ok(None),
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(_) => Err(StoreError::damaged(column, "it is not text")),
        }
    }

    pub fn text(&self, column: &'static str) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| StoreError::damaged(column, "it is missing"))
    }

    /// A word or an id that the portal wrote.
    pub fn parsed<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        parsed(column, self.text(column)?)
    }

    pub fn opt_number(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            None => Ok(None),
            Some(Cell::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(StoreError::damaged(column, "it is not a number")),
        }
    }

    pub fn number(&self, column: &'static str) -> Result<i64, StoreError> {
        self.opt_number(column)?.ok_or_else(|| StoreError::damaged(column, "it is missing"))
    }

    pub fn opt_instant(&self, column: &'static str) -> Result<Option<OffsetDateTime>, StoreError> {
        self.opt_number(column)?.map(instant).transpose()
    }

    pub fn instant(&self, column: &'static str) -> Result<OffsetDateTime, StoreError> {
        instant(self.number(column)?)
    }

    pub fn bytes(&self, column: &'static str) -> Result<&[u8], StoreError> {
        match self.0.get(column) {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(StoreError::damaged(column, "it is not bytes")),
        }
    }

    /// The entry that records the row's newest change, if it has one.
    pub fn recorded_in(&self) -> Result<Option<i64>, StoreError> {
        self.opt_number("recorded_in")
    }
}
