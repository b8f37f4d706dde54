//! Things of one kind that need attention.

use time::OffsetDateTime;

/// How many of each kind are listed. The rest are behind a link.
pub(super) const MOST_LISTED: usize = 5;

/// Things of one kind that need attention, newest first.
#[derive(Clone, Debug)]
pub struct Kind<T> {
    /// The first few.
    pub listed: Vec<T>,
    /// How many there are.
    pub count: usize,
    /// Whether there are more than could be counted.
    pub has_more: bool,
    /// Since when the oldest that was counted waits.
    pub oldest: Option<OffsetDateTime>,
}
