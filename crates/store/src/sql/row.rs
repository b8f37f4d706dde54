//! A row of either database. Columns are found by name or number, and are of few types.

use sqlx::{
    Column, ColumnIndex, Error, Row as _, TypeInfo, ValueRef,
    postgres::{PgRow, PgValueRef},
    sqlite::{SqliteRow, SqliteValueRef},
};

use super::{
    nul::shown,
    value::{Kind, Value},
};

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a column can be read as.
pub(crate) trait Get<'r>: Sized {
    fn sqlite(row: &'r SqliteRow, at: usize) -> Result<Self, Error>;
    fn postgres(row: &'r PgRow, at: usize) -> Result<Self, Error>;
}

macro_rules! get {
    ($($type:ty),*) => {
        $(impl<'r> Get<'r> for $type {
            fn sqlite(row: &'r SqliteRow, at: usize) -> Result<Self, Error> {
                row.try_get(at)
            }

            fn postgres(row: &'r PgRow, at: usize) -> Result<Self, Error> {
                row.try_get(at)
            }
        })*
    };
}

// Words and ids alone are read without a copy.
get!(&'r str, Vec<u8>, &'r [u8], Option<&'r str>, Option<Vec<u8>>, Option<&'r [u8]>);

impl Get<'_> for Option<String> {
    fn sqlite(row: &SqliteRow, at: usize) -> Result<Self, Error> {
        row.try_get(at)
    }

    fn postgres(row: &PgRow, at: usize) -> Result<Self, Error> {
        Ok(row.try_get::<Option<String>, _>(at)?.map(shown))
    }
}

impl Get<'_> for String {
    fn sqlite(row: &SqliteRow, at: usize) -> Result<Self, Error> {
        row.try_get(at)
    }

    fn postgres(row: &PgRow, at: usize) -> Result<Self, Error> {
        Ok(shown(row.try_get(at)?))
    }
}

impl Get<'_> for Option<i64> {
    fn sqlite(row: &SqliteRow, at: usize) -> Result<Self, Error> {
        row.try_get(at)
    }

    fn postgres(row: &PgRow, at: usize) -> Result<Self, Error> {
        let value = row.try_get_raw(at)?;
        let kind = value.type_info().name().to_owned();
        match kind.as_str() {
            // What a statement compares, and the numbers in its text.
            "BOOL" => Ok(row.try_get::<Option<bool>, _>(at)?.map(i64::from)),
            "INT4" => Ok(row.try_get::<Option<i32>, _>(at)?.map(i64::from)),
            _ => row.try_get(at),
        }
    }
}

impl Get<'_> for i64 {
    fn sqlite(row: &SqliteRow, at: usize) -> Result<Self, Error> {
        row.try_get(at)
    }

    fn postgres(row: &PgRow, at: usize) -> Result<Self, Error> {
        Option::<i64>::postgres(row, at)?.ok_or_else(|| is_null(at))
    }
}

impl Get<'_> for bool {
    fn sqlite(row: &SqliteRow, at: usize) -> Result<Self, Error> {
        row.try_get(at)
    }

    fn postgres(row: &PgRow, at: usize) -> Result<Self, Error> {
        Ok(i64::postgres(row, at)? != 0)
    }
}

fn is_null(at: usize) -> Error {
    Error::ColumnDecode { index: at.to_string(), source: "unexpected NULL".into() }
}

impl Row {
    /// The value of a column.
    pub fn try_get<'r, T: Get<'r>, I>(&'r self, column: I) -> Result<T, Error>
    where
        I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        match self {
            Self::Sqlite(row) => T::sqlite(row, column.index(row)?),
            Self::Postgres(row) => T::postgres(row, column.index(row)?),
        }
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.columns().len(),
            Self::Postgres(row) => row.columns().len(),
        }
    }

    /// The name of a column.
    pub fn name(&self, at: usize) -> &str {
        match self {
            Self::Sqlite(row) => row.column(at).name(),
            Self::Postgres(row) => row.column(at).name(),
        }
    }

    /// The type that a column is declared with.
    pub fn kind(&self, at: usize) -> Result<Kind, Error> {
        let declared = match self {
            Self::Sqlite(row) => row.column(at).type_info().name().to_owned(),
            Self::Postgres(row) => row.column(at).type_info().name().to_owned(),
        };
        match declared.as_str() {
            "INTEGER" | "INT8" => Ok(Kind::Number),
            "TEXT" => Ok(Kind::Text),
            "BLOB" | "BYTEA" => Ok(Kind::Bytes),
            other => Err(Error::ColumnDecode { index: at.to_string(), source: format!("type {other}").into() }),
        }
    }

    /// The value of a column as what it is, unless it is NULL; or the name of its type, if it is of no other kind.
    pub fn value(&self, at: usize) -> Result<Option<Result<Value, String>>, Error> {
        match self {
            Self::Sqlite(row) => of_sqlite(row.try_get_raw(at)?),
            Self::Postgres(row) => of_postgres(row.try_get_raw(at)?),
        }
    }
}

fn of_sqlite(value: SqliteValueRef<'_>) -> Result<Option<Result<Value, String>>, Error> {
    if value.is_null() {
        return Ok(None);
    }
    let kind = value.type_info().name().to_owned();
    Ok(Some(match kind.as_str() {
        "INTEGER" => decoded::<sqlx::Sqlite, i64>(value).map(Value::Number),
        "TEXT" => decoded::<sqlx::Sqlite, String>(value).map(Value::Text),
        "BLOB" => decoded::<sqlx::Sqlite, Vec<u8>>(value).map(Value::Bytes),
        other => Err(format!("it is of type {other}")),
    }))
}

fn of_postgres(value: PgValueRef<'_>) -> Result<Option<Result<Value, String>>, Error> {
    if value.is_null() {
        return Ok(None);
    }
    let kind = value.type_info().name().to_owned();
    Ok(Some(match kind.as_str() {
        "INT8" => decoded::<sqlx::Postgres, i64>(value).map(Value::Number),
        "INT4" => decoded::<sqlx::Postgres, i32>(value).map(|number| Value::Number(i64::from(number))),
        "TEXT" => decoded::<sqlx::Postgres, String>(value).map(shown).map(Value::Text),
        "BYTEA" => decoded::<sqlx::Postgres, Vec<u8>>(value).map(Value::Bytes),
        other => Err(format!("it is of type {other}")),
    }))
}

fn decoded<'r, D: sqlx::Database, T: sqlx::Decode<'r, D>>(value: D::ValueRef<'r>) -> Result<T, String> {
    T::decode(value).map_err(|error| error.to_string())
}
