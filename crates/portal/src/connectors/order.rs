//! The order of the connector list.

use time::OffsetDateTime;
use workato::Connector;

use super::name::name;
use crate::{
    Problem,
    impact::{CustomersRecipes, UsedBy},
};

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The title.
    Title,
    /// What customers get: an old version, then the latest, then none.
    Gets,
    /// The latest released version.
    Latest,
    /// When the latest version was released.
    Released,
    /// Since when the shared version is shared.
    Shared,
    /// How many customers use it.
    Customers,
    /// How many running recipes of customers use it.
    Recipes,
}

/// The order. Equal connectors are sorted by title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What the list is sorted by.
    pub key: Key,
    /// Whether the greatest value comes first.
    pub reverse: bool,
}

impl Default for Order {
    /// By title.
    fn default() -> Self {
        Self { key: Key::Title, reverse: false }
    }
}

impl Key {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Title, "title"),
        (Self::Gets, "gets"),
        (Self::Latest, "latest"),
        (Self::Released, "released"),
        (Self::Shared, "shared"),
        (Self::Customers, "customers"),
        (Self::Recipes, "recipes"),
    ];
}

impl Order {
    /// Reads the order from a URL. Nothing means by title.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let (reverse, word) = text.trim().strip_prefix('-').map_or((false, text.trim()), |word| (true, word));
        match Key::ALL.iter().find(|(_, known)| *known == word) {
            Some((key, _)) => Ok(Self { key: *key, reverse }),
            None if text.trim().is_empty() => Ok(Self { key: Key::Title, reverse: false }),
            None => Err(Problem::NotASort),
        }
    }

    /// As in a URL: the order after a click on the heading of `key`. Empty for the default.
    #[must_use]
    pub fn after_click(self, key: Key) -> String {
        let reverse = if self.key == key { !self.reverse } else { !matches!(key, Key::Title | Key::Gets) };
        let word = Key::ALL.iter().find(|(one, _)| *one == key).map_or("", |(_, word)| *word);
        match (key, reverse) {
            (Key::Title, false) => String::new(),
            (_, false) => word.to_owned(),
            (_, true) => format!("-{word}"),
        }
    }

    /// Sorts positions in `all`. Without `customers`, no usage is known.
    pub(super) fn apply(self, all: &[Connector], customers: Option<&CustomersRecipes>, places: &mut [usize]) {
        let used = |place: &usize| customers.map(|read| used_by(&all[*place], read)).unwrap_or_default();
        let shared_at = |connector: &Connector| {
            connector.oem_shared_at.filter(|_| connector.shared_version().is_some()).map(|at| at.get())
        };
        places.sort_by_cached_key(|place| {
            let connector = &all[*place];
            (name(connector).map(str::to_lowercase), connector.id)
        });
        match self.key {
            Key::Title => {}
            Key::Gets => places.sort_by_key(|place| match all[*place].shared_version() {
                Some(_) if all[*place].is_behind() => 0,
                Some(_) => 1,
                None => 2,
            }),
            Key::Latest => places.sort_by_key(|place| all[*place].latest_version()),
            Key::Released => places.sort_by_key(|place| released_at(&all[*place])),
            Key::Shared => places.sort_by_key(|place| shared_at(&all[*place])),
            Key::Customers => places.sort_by_cached_key(|place| (used(place).customers, used(place).active)),
            Key::Recipes => places.sort_by_cached_key(|place| (used(place).active, used(place).customers)),
        }
        if self.reverse {
            places.reverse();
        }
    }
}

/// How much a connector is used. Recipes name a connector by its technical name.
#[must_use]
pub fn used_by(connector: &Connector, read: &CustomersRecipes) -> UsedBy {
    connector.name.as_deref().map(|name| read.count_of_connector(name)).unwrap_or_default()
}

/// When the connector's latest version was released, as far as Workato says.
#[must_use]
pub fn released_at(connector: &Connector) -> Option<OffsetDateTime> {
    let latest = connector.latest_version()?;
    let released = connector.released_versions.iter().find(|released| released.version == latest)?;
    released.released_at.or(released.created_at).map(|at| at.get())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{Key, Order};

    fn connector(title: &str, shared: Option<i64>, latest: i64) -> Connector {
        serde_json::from_value(json!({
            "id": 3066, "title": title, "oem_shared_version": shared, "latest_released_version": latest,
            "released_versions": [{ "version": latest }],
        }))
        .expect("a connector")
    }

    #[test]
    fn connectors_are_sorted_by_each_column_in_both_directions() {
        let all = [connector("b", None, 3), connector("C", Some(1), 2), connector("a", Some(1), 1)];
        for (word, expected) in [
            ("", ["a", "b", "C"]),
            ("-title", ["C", "b", "a"]),
            ("gets", ["C", "a", "b"]),
            ("latest", ["a", "C", "b"]),
            ("-latest", ["b", "C", "a"]),
        ] {
            let mut sorted: Vec<_> = (0..all.len()).collect();
            Order::read(word).expect("an order").apply(&all, None, &mut sorted);
            let titles: Vec<_> = sorted.iter().filter_map(|place| all[*place].title.as_deref()).collect();
            assert_eq!(titles, expected, "{word}");
        }
        assert!(Order::read("colour").is_err());
    }

    #[test]
    fn a_second_click_reverses_the_order() {
        let by_title = Order { key: Key::Title, reverse: false };
        assert_eq!(by_title.after_click(Key::Title), "-title");
        assert_eq!(by_title.after_click(Key::Latest), "-latest");
        assert_eq!(Order { key: Key::Latest, reverse: true }.after_click(Key::Latest), "latest");
        assert_eq!(Order { key: Key::Latest, reverse: true }.after_click(Key::Title), "");
    }
}
