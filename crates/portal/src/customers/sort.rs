//! The order of the customer list.

use std::cmp::Ordering;

use workato::Customer;

use crate::Problem;

store::words! {
    /// What the list is sorted by.
    pub enum SortKey {
        /// The name, without regard to case.
        Name => "name",
        /// The account id.
        Id => "id",
        /// The plan.
        Plan => "plan",
        /// When the customer was created.
        Created => "created",
        /// The time of the last update.
        Updated => "updated",
    }
}

/// The order of the list. Equal customers are sorted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What the list is sorted by.
    pub key: SortKey,
    /// Whether the greatest value comes first.
    pub reverse: bool,
}

impl Default for Sort {
    /// By name.
    fn default() -> Self {
        Self { key: SortKey::Name, reverse: false }
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

    /// The order after a click on the heading of `key`.
    #[must_use]
    pub fn after_click(self, key: SortKey) -> Self {
        let newest_first = matches!(key, SortKey::Created | SortKey::Updated);
        Self { key, reverse: if self.key == key { !self.reverse } else { newest_first } }
    }

    /// Sorts positions in `all`, whose order is that of the names.
    pub(super) fn apply(self, all: &[Customer], places: &mut [usize]) {
        let by_key = |one: &Customer, other: &Customer| match self.key {
            SortKey::Name => Ordering::Equal,
            SortKey::Id => one.id.cmp(&other.id),
            SortKey::Plan => one.plan_id.cmp(&other.plan_id),
            SortKey::Created => one.created_at.cmp(&other.created_at),
            SortKey::Updated => one.updated_at.cmp(&other.updated_at),
        };
        match (self.key, self.reverse) {
            (SortKey::Name, false) => {}
            (SortKey::Name, true) => places.reverse(),
            (_, reverse) => places.sort_by(|one, other| {
                let order = by_key(&all[*one], &all[*other]);
                if reverse { order.reverse() } else { order }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Customer;

    use super::{Sort, SortKey};

    #[test]
    fn customers_are_sorted_by_each_column_and_then_by_name() {
        let customers: Vec<Customer> = [(3, "a", "oem", 2), (1, "b", "oem", 3), (2, "C", "free", 1)]
            .map(|(id, name, plan, day)| {
                let created_at = format!("2026-11-0{day}T12:00:00Z");
                json!({ "id": id, "name": name, "plan_id": plan, "created_at": created_at })
            })
            .map(|customer| serde_json::from_value(customer).expect("a customer"))
            .into();
        for (word, expected) in [
            ("name", [3, 1, 2]),
            ("-name", [2, 1, 3]),
            ("-id", [3, 2, 1]),
            ("plan", [2, 3, 1]),
            ("-plan", [3, 1, 2]),
            ("-created", [1, 3, 2]),
        ] {
            let mut places: Vec<_> = (0..customers.len()).collect();
            Sort::read(word).expect("an order").apply(&customers, &mut places);
            let ids: Vec<_> = places.iter().map(|place| customers[*place].id.get()).collect();
            assert_eq!(ids, expected, "{word}");
        }
        assert!(Sort::read("colour").is_err());
    }

    #[test]
    fn a_second_click_reverses_the_order() {
        let by_name = Sort::default();
        assert_eq!(by_name.after_click(SortKey::Name).to_string(), "-name");
        assert_eq!(by_name.after_click(SortKey::Created).to_string(), "-created");
        assert_eq!(by_name.after_click(SortKey::Id).to_string(), "id");
    }
}
