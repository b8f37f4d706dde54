//! How much a view shows, in words.

use portal::views::Finds;
use time::OffsetDateTime;

use crate::{
    context,
    wording::{numbers, times},
};

/// How old a count may be before its title says so. A list that a page has just read is newer.
const WORTH_SAYING: time::Duration = time::Duration::minutes(1);

/// When the list was read that a count is of, if that was a while ago.
pub fn count_title(finds: Finds) -> Option<String> {
    let Finds::Rows { read_at, .. } = finds else { return None };
    read_title(read_at)
}

/// The same for a count of a list that was read at this time.
pub fn read_title(read_at: OffsetDateTime) -> Option<String> {
    let now = OffsetDateTime::now_utc();
    (now - read_at > WORTH_SAYING).then(|| format!("Read {}", times::ago(read_at, now, context::zone())))
}

/// How much a view shows, in a table of views.
pub fn finds(finds: Finds) -> String {
    match finds {
        Finds::Operations(count) => numbers::count(count),
        Finds::Rows { count, .. } => numbers::grouped(count),
        Finds::NotCounted => "Not counted yet".to_owned(),
        Finds::CannotBeAsked => "Not available".to_owned(),
    }
}
