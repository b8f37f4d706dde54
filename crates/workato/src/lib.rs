//! crates/workato
