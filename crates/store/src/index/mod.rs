//! The search index and the counts behind the charts, in a file of their own, `index.db`. Everything in it is derived
//! from the log: if the file is missing, old or damaged, it is made anew.

pub mod contents;
pub mod counts;
mod database;
pub mod document;
pub mod documents;
pub mod facets;
pub mod inventory;
mod matches;
pub mod query;

pub use database::{FILE, Index, Progress};
