//! The filter of the connector list: as text in a URL, and which connectors match it.

use workato::{Connector, ConnectorQuery};

use super::{
    asked_for::is_asked_for,
    order::{Key, Order},
};
use crate::{
    FieldProblems, Paging, Problem,
    fields::{field, flag, paging, part_of_name},
    impact::CustomersRecipes,
};

/// The parameters of the list in a URL.
pub const PARAMETERS: &[&str] = &["title", "oem_shared", "release", "sort", "page", "rows", "columns", "density"];

store::words! {
    /// How a connector's releases stand to its shared version.
    pub enum ReleaseFilter {
        /// A newer version than the shared one is released.
        Behind => "behind",
        /// No version is released.
        None => "none",
    }
}

/// The filter as text in a URL or a form. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterInput {
    /// Part of a title, or an id.
    pub title: String,
    /// `true` for shared connectors, `false` for others.
    pub oem_shared: String,
    /// A [`ReleaseFilter`].
    pub release: String,
    /// A column to sort by, with `-` before it to reverse.
    pub sort: String,
    /// The number of the page, counted from 1.
    pub page: String,
    /// How many rows a page has.
    pub rows: String,
}

/// A valid filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What Workato could filter by.
    pub query: ConnectorQuery,
    /// Only those whose releases are so.
    pub release: Option<ReleaseFilter>,
    /// The order.
    pub order: Order,
    /// Which page, of how many rows.
    pub paging: Paging,
}

impl FilterInput {
    /// The filter in a URL, whose parameters have these values.
    pub fn of(value: impl Fn(&str) -> String) -> Self {
        Self {
            title: value("title"),
            oem_shared: value("oem_shared"),
            release: value("release"),
            sort: value("sort"),
            page: value("page"),
            rows: value("rows"),
        }
    }

    /// Reads the filter.
    ///
    /// # Errors
    /// The problems, by field. An invalid filter never matches everything.
    pub fn read(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let query = ConnectorQuery {
            title: field(&mut problems, "title", &self.title, part_of_name),
            oem_shared: field(&mut problems, "oem_shared", &self.oem_shared, flag),
        };
        let filter = Filter {
            query,
            release: field(&mut problems, "release", &self.release, |text| {
                text.parse().map_err(|_| Problem::NotARelease)
            }),
            order: field(&mut problems, "sort", &self.sort, Order::read).unwrap_or_default(),
            paging: paging(&mut problems, &self.page, &self.rows),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
    /// Whether the order depends on who uses the connectors.
    #[must_use]
    pub fn needs_customers(&self) -> bool {
        matches!(self.order.key, Key::Customers | Key::Recipes)
    }

    /// Whether the connector matches.
    #[must_use]
    pub fn matches(&self, connector: &Connector) -> bool {
        is_asked_for(&self.query, connector) && self.release.is_none_or(|release| release.is_of(connector))
    }

    /// The positions in `connectors` of those that match, sorted. Without `customers`, no usage is known.
    pub(super) fn places(&self, connectors: &[Connector], customers: Option<&CustomersRecipes>) -> Vec<usize> {
        let mut places: Vec<usize> = (0..connectors.len()).filter(|place| self.matches(&connectors[*place])).collect();
        self.order.apply(connectors, customers, &mut places);
        places
    }
}

impl ReleaseFilter {
    /// Whether the connector's releases are so.
    #[must_use]
    pub fn is_of(self, connector: &Connector) -> bool {
        match self {
            Self::Behind => connector.is_behind(),
            // If the releases cannot be read, the connector is not known to have none.
            Self::None => connector.latest_version().is_none() && connector.are_releases_known(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{FilterInput, ReleaseFilter};

    #[test]
    fn an_invalid_filter_has_a_problem_at_its_field() {
        let read = |title: &str, oem_shared: &str| {
            FilterInput { title: title.to_owned(), oem_shared: oem_shared.to_owned(), ..FilterInput::default() }.read()
        };
        assert_eq!(
            read(" Acme ", "false").expect("a filter").query.parameters(),
            [("title", "Acme".to_owned()), ("oem_shared", "false".to_owned()),]
        );
        let sent = |title: &str| read(title, "").expect("a filter").query.title;
        assert_eq!(sent("Acme\r\nPay").as_deref(), Some("Acme Pay"));
        assert_eq!(sent("\0").as_deref(), Some("\u{fffd}"));
        assert_eq!(sent(&"x".repeat(1_000)), Some("x".repeat(1_000)));
        assert!(read("", " ").expect("a filter").query.parameters().is_empty());
        assert!(read("", "yes").expect_err("a problem").of("oem_shared").is_some());
        assert!(read(&"x".repeat(1_001), "").expect_err("a problem").of("title").is_some());
    }

    #[test]
    fn connectors_are_found_by_how_their_releases_stand() {
        let connector = |shared: Option<i64>, latest: Option<i64>| -> Connector {
            let released: Vec<_> = latest.iter().map(|version| json!({ "version": version })).collect();
            serde_json::from_value(json!({
                "id": 1, "oem_shared_version": shared, "latest_released_version": latest, "released_versions": released,
            }))
            .expect("a connector")
        };
        let (behind, none) = (ReleaseFilter::Behind, ReleaseFilter::None);
        for (shared, latest, expected) in [
            (None, None, [false, true]),
            (None, Some(2), [false, false]),
            (Some(2), Some(2), [false, false]),
            (Some(1), Some(2), [true, false]),
        ] {
            let connector = connector(shared, latest);
            assert_eq!([behind.is_of(&connector), none.is_of(&connector)], expected, "{shared:?} of {latest:?}");
        }
        assert!(FilterInput { release: "old".to_owned(), ..FilterInput::default() }.read().is_err());
    }
}
