//! The audit log: entries, the tree over them, and what is derived from them.

pub mod about_person;
pub mod action;
mod append;
pub mod batches;
mod checked;
pub mod checkpoints;
pub mod clock;
pub mod doubt;
pub mod draft;
pub mod ended_operations;
pub mod entries;
pub mod entry;
pub mod entry_key;
pub mod log_reads;
mod operation_row;
pub mod operations;
pub mod own_operations;
pub mod requests;
pub mod retention;
pub mod review_standing;
pub mod reviews;
pub mod saved_views;
pub mod state;
pub mod summary;
pub mod took;
pub mod tree;

#[cfg(any(test, feature = "testing"))]
pub use append::insert_entry;
pub use append::{append, instant_now};
