//! What the log says of the tokens of the feed.

use std::collections::BTreeMap;

use super::said::{Columns, Says, at, id_of, parameter};
use crate::audit::{Action, Entry, TargetType};

/// A token of the feed was created or revoked.
pub(super) fn follow(rows: &mut BTreeMap<(&'static str, String), Columns>, entry: &Entry) {
    let Some(token) = id_of(entry, TargetType::Feed) else { return };
    let columns = rows.entry(("feed_token", token)).or_default();
    let is_new = entry.action == Action::FeedCreate;
    if is_new {
        columns.insert("created_at", at(entry));
    }
    for column in ["name", "created_by"] {
        columns.insert(column, parameter(entry, column));
    }
    columns.insert("revoked_at", if is_new { Says::Exactly(None) } else { at(entry) });
    columns.insert("recorded_in", Says::Exactly(Some(entry.sequence.into())));
}
