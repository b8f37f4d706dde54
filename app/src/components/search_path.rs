//! The URL of a search of the audit log.

use portal::audit::BOX;

use crate::query::Query;

/// The audit log's list with this text in its search box.
pub fn search_path(search: &str) -> String {
    Query::default().with(BOX, search).on("/audit")
}
