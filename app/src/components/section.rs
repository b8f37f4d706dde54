//! The sections of the portal, for the navigation.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Connections,
    Connectors,
    Customers,
    Recipes,
    Audit,
    Teams,
    People,
    Feeds,
    Account,
}

/// The sections of a team: the last part of the path, and the label.
pub const OF_TEAM: [(Section, &str, &str); 4] = [
    (Section::Connections, "connections", "Connections"),
    (Section::Connectors, "connectors", "Connectors"),
    (Section::Customers, "customers", "Customers"),
    (Section::Recipes, "recipes", "Recipes"),
];
