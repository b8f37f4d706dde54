//! Statements for both databases. A statement is written once, in SQLite's dialect, wherever PostgreSQL can be given a
//! translation of it; see [`dialect`]. What is here has the shape of sqlx's own interface, but for the database in the types:
//! the database is known when a statement runs.

mod connection;
mod dialect;
mod nul;
mod pool;
mod query;
mod row;
mod value;

#[cfg(any(test, feature = "testing"))]
pub(crate) use self::dialect::translate;
pub(crate) use self::{
    connection::Connection,
    dialect::{Statement, each},
    nul::in_json,
    pool::{Pool, Pooled, Transaction},
    query::{Query, query, query_as, query_scalar},
    row::Row,
    value::{List, Listed, Value},
};
