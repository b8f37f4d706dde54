//! One page of a list that Workato returns in one piece.

use crate::upstream::Shown;

/// Rows on one page of a list.
pub const PAGE_SIZE: usize = 50;

/// One page of a list. The list itself is one copy that all readers share; a page holds positions in it.
#[derive(Clone, Debug)]
pub struct ListPage<T> {
    /// Everything Workato returned. A stale copy is the whole list, since Workato did not filter it.
    pub all: Shown<T>,
    /// Positions of this page's rows in `all`, in order.
    pub places: Vec<usize>,
    /// Rows in the whole filtered list.
    pub total: usize,
    /// The number of this page, counted from 1.
    pub page: usize,
}

impl<T> ListPage<T> {
    /// Takes from the positions of a filtered list those on this page.
    pub(crate) fn new(all: Shown<T>, mut places: Vec<usize>, page: usize) -> Self {
        let total = places.len();
        let start = (page - 1).saturating_mul(PAGE_SIZE).min(total);
        places.drain(..start);
        places.truncate(PAGE_SIZE);
        // Otherwise a page of 50,000 rows holds half a megabyte.
        places.shrink_to_fit();
        Self { all, places, total, page }
    }

    /// The number of pages: at least one, even if nothing matches.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.total.div_ceil(PAGE_SIZE).max(1)
    }
}
