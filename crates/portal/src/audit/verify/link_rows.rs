//! What the log says of one-time links.

use serde_json::Value;

use super::said::{Columns, Says, at, instant, operation, parameter};
use crate::audit::Entry;

/// The link that an entry made.
pub(super) fn made(entry: &Entry) -> Columns {
    let recovers = entry.parameters.get("resets").and_then(Value::as_str) == Some("password and factors");
    let number = |is_so: bool| Says::Exactly(Some(i64::from(is_so).into()));
    Columns::from([
        ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
        ("created_at", at(entry)),
        ("expires_at", instant(entry, "expires_at")),
        ("purpose", Says::Exactly(Some("invite".into()))),
        ("made_in", operation(entry)),
        ("needs_release", number(entry.parameters.contains_key("release"))),
        ("released_in", Says::Exactly(None)),
        ("recovers", number(recovers)),
    ])
}

/// The same link, after an entry has released it.
pub(super) fn release(link: &mut Columns, entry: &Entry) {
    link.extend([
        ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
        ("purpose", Says::Exactly(Some("invite".into()))),
        ("made_in", parameter(entry, "link")),
        ("needs_release", Says::Exactly(Some(1.into()))),
        ("released_in", operation(entry)),
    ]);
}
