//! crates/portal
