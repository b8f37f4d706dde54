//! Words for roles and for the state of a person's account.

use portal::{PortalRole, TeamRole, accounts::Person};

/// What a role in the portal allows.
pub const fn portal_role(role: PortalRole) -> &'static str {
    match role {
        PortalRole::Member => "works in their own teams",
        PortalRole::Auditor => "reads every team and the whole audit log",
        PortalRole::Admin => "sets up teams, tokens and people, and reads every team",
    }
}

/// A role in a team, with what it allows.
pub const fn team_role(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Viewer => "viewer: can read",
        TeamRole::Operator => "operator: can read, share, suppress and delete",
    }
}

pub const fn state(person: &Person) -> &'static str {
    match (person.disabled_at, person.joined) {
        (Some(_), _) => "disabled",
        (None, false) => "invited",
        (None, true) => "active",
    }
}
