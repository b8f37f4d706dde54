//! The order of the connection list.

use workato::{AuthorizationStatus, Connection};

use crate::{Problem, impact::OwnRecipes};

store::words! {
    /// What the list is sorted by.
    pub enum SortKey {
        /// The name, without regard to case.
        Name => "name",
        /// The application.
        Application => "application",
        /// The status, broken connections first.
        Status => "status",
        /// The number of recipes that use it.
        Recipes => "recipes",
        /// The time of the last update.
        UpdatedAt => "updated_at",
    }
}

/// The order of the list. Equal connections are sorted by id, so that pages are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What the list is sorted by.
    pub key: SortKey,
    /// Whether the greatest value comes first.
    pub reverse: bool,
}

impl Default for Sort {
    /// The latest update first.
    fn default() -> Self {
        Self { key: SortKey::UpdatedAt, reverse: true }
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.reverse { "-" } else { "" }, self.key)
    }
}

impl Sort {
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let (reverse, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
        word.parse().map(|key| Self { key, reverse }).map_err(|_| Problem::NotASort)
    }

    /// Sorts positions in `all`.
    pub(super) fn apply(self, all: &[Connection], recipes: Option<&OwnRecipes>, places: &mut [usize]) {
        match self.key {
            SortKey::Name => self.by(all, places, |c| c.name.as_deref().unwrap_or_default().to_lowercase()),
            SortKey::Application => self.by(all, places, |c| c.application.clone()),
            SortKey::Status => self.by(all, places, status_rank),
            SortKey::Recipes => self.by(all, places, |c| {
                recipes.map(|recipes| recipes.of_connection(c.id)).map(|used| (used.total(), used.active))
            }),
            SortKey::UpdatedAt => self.by(all, places, |c| c.updated_at),
        }
    }

    fn by<K: Ord>(self, all: &[Connection], places: &mut [usize], key: impl Fn(&Connection) -> K) {
        let mut keyed: Vec<(K, usize)> = places.iter().map(|place| (key(&all[*place]), *place)).collect();
        keyed.sort_by(|(a, place_a), (b, place_b)| {
            let order = a.cmp(b);
            let order = if self.reverse { order.reverse() } else { order };
            order.then_with(|| all[*place_a].id.cmp(&all[*place_b].id))
        });
        for (place, (_, sorted)) in places.iter_mut().zip(keyed) {
            *place = sorted;
        }
    }
}

/// Broken connections first: people open the list to find them.
fn status_rank(connection: &Connection) -> u8 {
    match connection.authorization_status {
        Some(AuthorizationStatus::Failed) => 0,
        Some(AuthorizationStatus::Exception) => 1,
        Some(AuthorizationStatus::Other(_)) => 2,
        None if connection.unreadable.has("authorization_status") => 2,
        None => 3,
        Some(AuthorizationStatus::Success) => 4,
    }
}
