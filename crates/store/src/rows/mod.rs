//! Rows that grant or hide something. Each carries an HMAC under a key that only the portal has, and no row is read for
//! its rights without being checked: the tables' modules get their columns from a [`cells::Checked`] row alone.

pub mod all;
pub(crate) mod cells;
pub mod follow_keys;
pub mod row_key;
pub mod sealed;
pub(crate) mod table;
pub mod tables;
