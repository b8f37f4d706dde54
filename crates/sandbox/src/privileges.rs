//! What a token's role may call. Workato answers a missing privilege with 401, exactly like a wrong token.
//! Not authentication, which is `admission`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A group of calls that a role is given or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// `GET /api/users/me`.
    Workspace,
    /// `GET /api/connections`.
    ReadConnections,
    /// Create, update, disconnect and delete connections.
    ChangeConnections,
    /// List and read custom connectors.
    ReadConnectors,
    /// Share and suppress connectors.
    ShareConnectors,
    /// `GET /api/custom_connectors/:id/code`.
    Code,
    /// Folders and projects.
    Folders,
    /// Tags and tag assignments.
    Tags,
    /// Customers, their connections, and sharing recipes with them.
    Customers,
    /// `GET /api/activity_logs`.
    ActivityLogs,
}

impl Privilege {
    /// Every privilege, in the order in which help texts name them.
    pub const ALL: [Self; 10] = [
        Self::Workspace,
        Self::ReadConnections,
        Self::ChangeConnections,
        Self::ReadConnectors,
        Self::ShareConnectors,
        Self::Code,
        Self::Folders,
        Self::Tags,
        Self::Customers,
        Self::ActivityLogs,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::ReadConnections => "read_connections",
            Self::ChangeConnections => "change_connections",
            Self::ReadConnectors => "read_connectors",
            Self::ShareConnectors => "share_connectors",
            Self::Code => "code",
            Self::Folders => "folders",
            Self::Tags => "tags",
            Self::Customers => "customers",
            Self::ActivityLogs => "activity_logs",
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Privilege {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|privilege| privilege.word() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::word).join(", ");
            format!("no privilege is called {word:?}; there are {known}")
        })
    }
}

/// The privileges of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Privileges(BTreeSet<Privilege>);

impl Privileges {
    /// A role that may call everything.
    #[must_use]
    pub fn all() -> Self {
        Self(Privilege::ALL.into())
    }

    /// A role that may call everything but these.
    #[must_use]
    pub fn without(lacking: &[Privilege]) -> Self {
        Self(Privilege::ALL.into_iter().filter(|privilege| !lacking.contains(privilege)).collect())
    }

    /// Whether the role has this one.
    #[must_use]
    pub fn include(&self, privilege: Privilege) -> bool {
        self.0.contains(&privilege)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_privilege_is_read_back_from_its_word() {
        for privilege in Privilege::ALL {
            assert_eq!(privilege.to_string().parse(), Ok(privilege));
            assert_eq!(
                serde_json::to_value(privilege).expect("a unit variant is a string"),
                serde_json::Value::from(privilege.to_string())
            );
        }
        assert!("folder".parse::<Privilege>().is_err());
    }
}
