//! What a person searches the log for. The search box and the fields of the form give the same conditions; `find` runs
//! them.

mod audit_query;
mod clause;
mod contradiction;
mod form;
mod grammar;
mod spelling;
#[cfg(test)]
mod tests;

pub use audit_query::AuditQuery;
pub use clause::{AnyOf, BOX, Clause, Condition, Key, When, Words};
pub use form::{AuditFilter, Cursor, FilterInput};
