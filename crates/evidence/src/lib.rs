//! A log that can be proved; the README below has the overview and an example.
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod key;
pub mod note;
pub mod signed_text;
pub mod stored_tree;
pub mod tree;
pub mod verify;
