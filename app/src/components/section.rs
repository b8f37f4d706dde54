//! The sections of the portal, for the navigation.

use super::Icon;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Connections,
    Connectors,
    Customers,
    Recipes,
    Jobs,
    Approvals,
    Audit,
    Activity,
    Teams,
    People,
    Streams,
    Account,
}

impl Section {
    pub const fn icon(self) -> Icon {
        match self {
            Self::Home => Icon::Home,
            Self::Connections => Icon::Plug,
            Self::Connectors => Icon::Cube,
            Self::Customers => Icon::Building,
            Self::Recipes => Icon::Flow,
            Self::Jobs => Icon::List,
            Self::Approvals => Icon::Check,
            Self::Audit => Icon::Log,
            Self::Activity => Icon::Chart,
            Self::Teams => Icon::Layers,
            Self::People => Icon::People,
            Self::Streams => Icon::Stream,
            Self::Account => Icon::User,
        }
    }
}

/// The sections of a team: the last part of the path, and the label.
pub const OF_TEAM: [(Section, &str, &str); 5] = [
    (Section::Connections, "connections", "Connections"),
    (Section::Connectors, "connectors", "Connectors"),
    (Section::Customers, "customers", "Customers"),
    (Section::Recipes, "recipes", "Recipes"),
    (Section::Jobs, "jobs", "Jobs"),
];
