//! One page of a list that Workato returns in one piece.

use crate::upstream::Shown;

/// How many rows a page of a list can have. The first is the default.
pub const PAGE_SIZES: [usize; 3] = [50, 100, 200];

/// Which page of a list, of how many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The number of the page, counted from 1.
    pub page: usize,
    /// Rows of a full page: one of [`PAGE_SIZES`].
    pub rows: usize,
}

/// One page of a list. The list itself is one copy that all readers share; a page holds positions in it.
#[derive(Clone, Debug)]
pub struct ListPage<T> {
    /// Everything Workato returned. A stale copy is the whole list, since Workato did not filter it.
    pub all: Shown<T>,
    /// Positions of this page's rows in `all`, in order.
    pub places: Vec<usize>,
    /// Rows in the whole filtered list.
    pub total: usize,
    /// Which page this is.
    pub paging: Paging,
}

impl<T> ListPage<T> {
    /// Takes from the positions of a filtered list those on this page.
    pub(crate) fn new(all: Shown<T>, mut places: Vec<usize>, paging: Paging) -> Self {
        let total = places.len();
        let start = (paging.page - 1).saturating_mul(paging.rows).min(total);
        places.drain(..start);
        places.truncate(paging.rows);
        // Otherwise a page of 50,000 rows holds half a megabyte.
        places.shrink_to_fit();
        Self { all, places, total, paging }
    }

    /// The same from positions that others use as well.
    pub(crate) fn cut(all: Shown<T>, places: &[usize], paging: Paging) -> Self {
        let start = (paging.page - 1).saturating_mul(paging.rows).min(places.len());
        let end = start.saturating_add(paging.rows).min(places.len());
        Self { all, places: places[start..end].to_vec(), total: places.len(), paging }
    }

    /// The number of pages: at least one, even if nothing matches.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.total.div_ceil(self.paging.rows).max(1)
    }
}
