//! Searching the log: what can be asked, how the index is filled and used, and counts for the charts.

pub(super) mod count;
mod document;
pub(super) mod figures;
pub(super) mod find;
pub(super) mod from_log;
pub(super) mod index_check;
pub(super) mod indexer;
pub(super) mod query;
pub(super) mod related;
pub(super) mod suggestions;
mod tokens;
