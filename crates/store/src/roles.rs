//! What a person may do: one role in the whole portal, and one in each of their teams.

use crate::words;

words! {
    /// A person's role in the whole portal.
    pub enum PortalRole {
        /// Reads their own teams.
        Member => "member",
        /// Reads every team and the whole audit log; changes nothing by this role.
        Auditor => "auditor",
        /// Sets up teams, tokens and people, and reads every team; changes nothing in a team by this role.
        Admin => "admin",
    }
}

words! {
    /// A person's role in one team.
    pub enum TeamRole {
        /// Reads the team's connections, connectors and operations.
        Viewer => "viewer",
        /// Reads, and shares, suppresses and deletes.
        Operator => "operator",
    }
}

impl PortalRole {
    /// Whether this role may read teams without being a member.
    #[must_use]
    pub const fn reads_every_team(self) -> bool {
        matches!(self, Self::Auditor | Self::Admin)
    }
}
