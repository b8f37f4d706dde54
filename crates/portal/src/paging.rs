//! One page of a list that Workato answers whole.

use crate::{connections::PAGE, upstream::Shown};

/// One page of a list: places in the one copy that everybody shares.
#[derive(Clone, Debug)]
pub struct ListPage<T> {
    /// Everything Workato answered; where that is stale, the whole list.
    pub all: Shown<T>,
    /// Where in it this page's rows are, in order.
    pub places: Vec<usize>,
    /// How many the whole filtered list holds.
    pub total: usize,
    /// Which page this is, from 1.
    pub page: usize,
}

impl<T> ListPage<T> {
    /// Of all the places of a filtered list those on this page.
    pub(crate) fn cut(all: Shown<T>, mut places: Vec<usize>, page: usize) -> Self {
        let total = places.len();
        let start = (page - 1).saturating_mul(PAGE).min(total);
        places.drain(..start);
        places.truncate(PAGE);
        Self { all, places, total, page }
    }

    /// How many pages there are; one, if nothing matches.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.total.div_ceil(PAGE).max(1)
    }
}
