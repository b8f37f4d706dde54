//! The order of the connector list. Workato returns all connectors at once, so the page sorts them.

use portal::Problem;
use workato::Connector;

use crate::components::connector_name;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Title,
    /// How many customers get: what is behind, then what is current, then what is not shared.
    Gets,
    Latest,
    Shared,
}

/// The order. Equal connectors are sorted by title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub key: Key,
    /// Whether the greatest value comes first.
    pub reverse: bool,
}

impl Key {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Title, "title"), (Self::Gets, "gets"), (Self::Latest, "latest"), (Self::Shared, "shared")];
}

impl Order {
    /// Reads the order from a URL. Nothing means by title.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let (reverse, word) = text.trim().strip_prefix('-').map_or((false, text.trim()), |word| (true, word));
        match Key::ALL.iter().find(|(_, known)| *known == word) {
            Some((key, _)) => Ok(Self { key: *key, reverse }),
            None if text.trim().is_empty() => Ok(Self { key: Key::Title, reverse: false }),
            None => Err(Problem::NotASort),
        }
    }

    /// As in a URL: the order after a click on the heading of `key`. Empty for the default.
    pub fn after_click(self, key: Key) -> String {
        let reverse = if self.key == key { !self.reverse } else { matches!(key, Key::Latest | Key::Shared) };
        let word = Key::ALL.iter().find(|(one, _)| *one == key).map_or("", |(_, word)| *word);
        match (key, reverse) {
            (Key::Title, false) => String::new(),
            (_, false) => word.to_owned(),
            (_, true) => format!("-{word}"),
        }
    }

    pub fn apply(self, connectors: &mut [&Connector]) {
        connectors.sort_by_cached_key(|connector| connector_name(connector).to_lowercase());
        match self.key {
            Key::Title => {}
            Key::Gets => connectors.sort_by_key(|connector| match connector.shared_version() {
                Some(_) if connector.is_behind() => 0,
                Some(_) => 1,
                None => 2,
            }),
            Key::Latest => connectors.sort_by_key(|connector| connector.latest_version()),
            Key::Shared => connectors
                .sort_by_key(|connector| connector.oem_shared_at.filter(|_| connector.shared_version().is_some())),
        }
        if self.reverse {
            connectors.reverse();
        }
    }
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
            let mut sorted: Vec<_> = all.iter().collect();
            Order::read(word).expect("an order").apply(&mut sorted);
            let titles: Vec<_> = sorted.iter().filter_map(|one| one.title.as_deref()).collect();
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
