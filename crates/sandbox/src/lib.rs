//! crates/sandbox
