//! The privileges of a token's role. Workato answers 401 if one is missing, the same as for an unknown token.
//! `admission` checks them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, VariantArray};

/// A group of calls that a role may be allowed to make.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_fn = unknown, parse_err_ty = UnknownPrivilege)]
pub enum Privilege {
    /// `GET /api/users/me`.
    Workspace,
    /// `GET /api/connections`.
    ReadConnections,
    /// Create, update, disconnect and delete connections.
    ChangeConnections,
    /// List and read custom connectors, and list the applications.
    ReadConnectors,
    /// Share and suppress connectors.
    ShareConnectors,
    /// `GET /api/custom_connectors/:id/code`.
    Code,
    /// Create connectors, write their drafts and release them.
    WriteConnectors,
    /// The workspace's own recipes and their jobs.
    Recipes,
    /// Folders and projects.
    Folders,
    /// Tags and tag assignments.
    Tags,
    /// Customers, their connections, and sharing recipes with them.
    Customers,
    /// `GET /api/managed_users/:id/recipes`.
    CustomerRecipes,
    /// `GET /api/activity_logs`.
    ActivityLogs,
    /// List API clients and give them new tokens.
    ApiClients,
}

/// The text is not the name of a privilege.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown privilege {0:?}; the privileges are {known}", known = Privilege::VARIANTS.iter().map(Privilege::to_string).collect::<Vec<_>>().join(", "))]
pub struct UnknownPrivilege(String);

fn unknown(text: &str) -> UnknownPrivilege {
    UnknownPrivilege(text.to_owned())
}

/// The privileges of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Privileges(BTreeSet<Privilege>);

impl Privileges {
    /// A role with all privileges.
    #[must_use]
    pub fn all() -> Self {
        Self(Privilege::VARIANTS.iter().copied().collect())
    }

    /// A role with all privileges but these.
    #[must_use]
    pub fn without(lacking: &[Privilege]) -> Self {
        Self(Privilege::VARIANTS.iter().copied().filter(|privilege| !lacking.contains(privilege)).collect())
    }

    /// Whether the role has this privilege.
    #[must_use]
    pub fn include(&self, privilege: Privilege) -> bool {
        self.0.contains(&privilege)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_privilege_parses_from_its_name() {
        for privilege in Privilege::VARIANTS {
            assert_eq!(privilege.to_string().parse(), Ok(*privilege));
            assert_eq!(
                serde_json::to_value(privilege).expect("a unit variant is a string"),
                serde_json::Value::from(privilege.to_string())
            );
        }
        let error = "folder".parse::<Privilege>().expect_err("not a privilege");
        assert!(error.to_string().ends_with("customers, customer_recipes, activity_logs, api_clients"), "{error}");
    }
}
