//! A statement with its arguments, and how it is run. Futures of PostgreSQL are boxed: they are large, and callers that use
//! SQLite should not carry them along.

use std::marker::PhantomData;

use futures::{StreamExt, stream::BoxStream};
use sqlx::{AssertSqlSafe, Error, Postgres, Sqlite, postgres::PgArguments, sqlite::SqliteArguments};

use super::{
    connection::Connection,
    dialect::Statement,
    row::{Get, Row},
    value::{Bind, Value, for_postgres, for_sqlite},
};

/// A statement with its arguments.
#[must_use]
pub(crate) struct Query {
    statement: Statement,
    values: Vec<Value>,
}

/// How many rows a statement changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done(u64);

impl Done {
    pub const fn rows_affected(self) -> u64 {
        self.0
    }
}

/// A statement whose rows are read column by column.
pub(crate) fn query(statement: impl Into<Statement>) -> Query {
    Query { statement: statement.into(), values: Vec::new() }
}

/// A statement of which the first column is read.
pub(crate) fn query_scalar<T>(statement: impl Into<Statement>) -> Typed<T, AsScalar> {
    Typed(query(statement), PhantomData)
}

/// A statement whose rows are read as tuples.
pub(crate) fn query_as<T>(statement: impl Into<Statement>) -> Typed<T, AsTuple> {
    Typed(query(statement), PhantomData)
}

type OnSqlite = sqlx::query::Query<'static, Sqlite, SqliteArguments>;
type OnPostgres = sqlx::query::Query<'static, Postgres, PgArguments>;

impl Query {
    /// Adds the next argument.
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    fn on_sqlite(self) -> Result<OnSqlite, Error> {
        let arguments = for_sqlite(self.values).map_err(Error::Encode)?;
        Ok(match self.statement {
            Statement::Same(text) | Statement::Each { sqlite: text, .. } => sqlx::query_with(text, arguments),
            Statement::Made(text) => sqlx::query_with(AssertSqlSafe(text), arguments),
        })
    }

    fn on_postgres(self) -> Result<OnPostgres, Error> {
        let arguments = for_postgres(self.values).map_err(Error::Encode)?;
        Ok(sqlx::query_with(self.statement.for_postgres(), arguments))
    }

    pub async fn execute(self, connection: Connection<'_>) -> Result<Done, Error> {
        Ok(Done(match connection {
            Connection::Sqlite(connection) => self.on_sqlite()?.execute(connection).await?.rows_affected(),
            Connection::Postgres(connection) => {
                Box::pin(self.on_postgres()?.execute(connection)).await?.rows_affected()
            }
        }))
    }

    pub async fn fetch_all(self, connection: Connection<'_>) -> Result<Vec<Row>, Error> {
        Ok(match connection {
            Connection::Sqlite(connection) => {
                self.on_sqlite()?.fetch_all(connection).await?.into_iter().map(Row::Sqlite).collect()
            }
            Connection::Postgres(connection) => {
                Box::pin(self.on_postgres()?.fetch_all(connection)).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    pub async fn fetch_optional(self, connection: Connection<'_>) -> Result<Option<Row>, Error> {
        Ok(match connection {
            Connection::Sqlite(connection) => self.on_sqlite()?.fetch_optional(connection).await?.map(Row::Sqlite),
            Connection::Postgres(connection) => {
                Box::pin(self.on_postgres()?.fetch_optional(connection)).await?.map(Row::Postgres)
            }
        })
    }

    pub async fn fetch_one(self, connection: Connection<'_>) -> Result<Row, Error> {
        self.fetch_optional(connection).await?.ok_or(Error::RowNotFound)
    }

    /// The rows as a stream.
    pub fn fetch(self, connection: Connection<'_>) -> BoxStream<'_, Result<Row, Error>> {
        let failed = |error| futures::stream::once(async move { Err(error) }).boxed();
        match connection {
            Connection::Sqlite(connection) => match self.on_sqlite() {
                Ok(query) => query.fetch(connection).map(|row| Ok(Row::Sqlite(row?))).boxed(),
                Err(error) => failed(error),
            },
            Connection::Postgres(connection) => match self.on_postgres() {
                Ok(query) => query.fetch(connection).map(|row| Ok(Row::Postgres(row?))).boxed(),
                Err(error) => failed(error),
            },
        }
    }
}

/// A statement whose rows are read as `T`.
#[must_use]
pub(crate) struct Typed<T, How>(Query, PhantomData<fn() -> (T, How)>);

/// By the first column.
pub(crate) struct AsScalar;

/// Column by column.
pub(crate) struct AsTuple;

/// How a row is read.
pub(crate) trait Reads<T> {
    fn read(row: &Row) -> Result<T, Error>;
}

impl<T: for<'r> Get<'r>> Reads<T> for AsScalar {
    fn read(row: &Row) -> Result<T, Error> {
        row.try_get(0)
    }
}

macro_rules! tuple {
    ($($type:ident $at:literal),*) => {
        impl<$($type: for<'r> Get<'r>),*> Reads<($($type,)*)> for AsTuple {
            fn read(row: &Row) -> Result<($($type,)*), Error> {
                Ok(($(row.try_get::<$type, _>($at)?,)*))
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);

impl<T, How: Reads<T>> Typed<T, How> {
    /// Adds the next argument.
    pub fn bind(self, value: impl Bind) -> Self {
        Self(self.0.bind(value), PhantomData)
    }

    pub async fn fetch_all(self, connection: Connection<'_>) -> Result<Vec<T>, Error> {
        self.0.fetch_all(connection).await?.iter().map(How::read).collect()
    }

    pub async fn fetch_optional(self, connection: Connection<'_>) -> Result<Option<T>, Error> {
        self.0.fetch_optional(connection).await?.as_ref().map(How::read).transpose()
    }

    pub async fn fetch_one(self, connection: Connection<'_>) -> Result<T, Error> {
        How::read(&self.0.fetch_one(connection).await?)
    }
}
