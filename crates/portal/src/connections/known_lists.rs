//! What pages show of lists of connections, worked out once for each copy of a list.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
};

use workato::{Connection, List};

use super::{Filter, StatusFilter, UsageFilter};
use crate::{impact::OwnRecipes, per_snapshot::PerSnapshot, upstream::Snapshot};

/// How many connections each view of the list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewCounts {
    /// All connections.
    pub all: usize,
    /// Those with [`StatusFilter::Broken`].
    pub broken: usize,
    /// Those with [`StatusFilter::None`].
    pub never_connected: usize,
}

impl ViewCounts {
    fn of(connections: &[Connection]) -> Self {
        let count = |status: StatusFilter| connections.iter().filter(|one| status.is_of(one)).count();
        Self { all: connections.len(), broken: count(StatusFilter::Broken), never_connected: count(StatusFilter::None) }
    }
}

/// How many connections the views by usage have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageCounts {
    /// Those with [`UsageFilter::Unused`]. `None` if some recipe could not be read, which may use any of them.
    pub unused: Option<usize>,
    /// Those with [`UsageFilter::BrokenInUse`].
    pub broken_in_use: usize,
}

impl UsageCounts {
    fn of(connections: &[Connection], recipes: &OwnRecipes) -> Self {
        let count = |usage: UsageFilter| connections.iter().filter(|one| usage.is_of(one, recipes)).count();
        let unused = recipes.is_exact().then(|| count(UsageFilter::Unused));
        Self { unused, broken_in_use: count(UsageFilter::BrokenInUse) }
    }
}

/// What pages show of a whole list.
#[derive(Clone, Debug)]
pub(crate) struct OfList {
    pub views: ViewCounts,
    pub applications: Arc<Vec<String>>,
}

/// What was computed from lists of connections.
#[derive(Default)]
pub(crate) struct KnownLists {
    whole: PerSnapshot<List<Connection>, (), OfList>,
    filtered: PerSnapshot<List<Connection>, (usize, String), Places>,
    used: PerSnapshot<List<Connection>, usize, Used>,
}

/// How many connections are used how.
struct Used {
    counts: UsageCounts,
    /// What they depend on, so that no other answer can have its address.
    _recipes: Weak<OwnRecipes>,
}

/// The positions of a filtered list.
pub(crate) struct Places {
    pub places: Vec<usize>,
    /// What they depend on, so that no other answer can have its address.
    _recipes: Option<Weak<OwnRecipes>>,
}

impl KnownLists {
    pub async fn whole(&self, list: &Arc<Snapshot<List<Connection>>>) -> Arc<OfList> {
        let count = |list: &Snapshot<List<Connection>>| OfList {
            views: ViewCounts::of(&list.items),
            applications: Arc::new(applications(&list.items)),
        };
        let bytes = |of: &OfList| of.applications.iter().map(|name| name.len() + size_of::<String>()).sum();
        self.whole.of(list, (), list.items.len(), count, bytes).await
    }

    pub async fn used(&self, list: &Arc<Snapshot<List<Connection>>>, recipes: &Arc<OwnRecipes>) -> UsageCounts {
        let known = Arc::clone(recipes);
        let count = move |list: &Snapshot<List<Connection>>| Used {
            counts: UsageCounts::of(&list.items, &known),
            _recipes: Arc::downgrade(&known),
        };
        self.used.of(list, Arc::as_ptr(recipes).addr(), list.items.len(), count, |_| 0).await.counts
    }

    pub async fn filtered(
        &self,
        list: &Arc<Snapshot<List<Connection>>>,
        filter: &Filter,
        recipes: Option<&Arc<OwnRecipes>>,
    ) -> Arc<Places> {
        let recipes = recipes.filter(|_| filter.needs_recipes()).map(Arc::clone);
        let address = recipes.as_ref().map_or(0, |recipes| Arc::as_ptr(recipes).addr());
        let filtering = filter.clone();
        let work = move |list: &Snapshot<List<Connection>>| Places {
            places: filtering.places(&list.items, recipes.as_deref()),
            _recipes: recipes.as_ref().map(Arc::downgrade),
        };
        let bytes = |places: &Places| places.places.len() * size_of::<usize>();
        self.filtered.of(list, (address, filter.without_page()), list.items.len(), work, bytes).await
    }
}

/// The applications of these connections, without duplicates.
pub(super) fn applications(connections: &[Connection]) -> Vec<String> {
    let all: BTreeSet<&str> = connections.iter().filter_map(|connection| connection.application.as_deref()).collect();
    all.into_iter().map(str::to_owned).collect()
}
