//! A part of the schema.

/// A table, index, trigger, view or function: kind, name, table, and the statement that makes it.
pub(super) type Object = (String, String, String, Option<String>);
