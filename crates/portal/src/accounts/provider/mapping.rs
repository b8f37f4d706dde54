//! What a person's groups at the provider give them here.

use std::collections::BTreeMap;

use store::{PortalRole, TeamRole, TeamSlug};

use super::settings::ProviderSettings;

/// What somebody's groups give them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    /// The role in the portal. `None` if admins give roles.
    pub role: Option<PortalRole>,
    /// The role in each team that groups decide about. `None` if the person is not to be in it.
    pub teams: BTreeMap<TeamSlug, Option<TeamRole>>,
    /// Whether any of the groups gives anything. If groups decide and this is false, nobody is let in.
    pub lets_in: bool,
}

impl ProviderSettings {
    /// Whether groups decide about any role.
    pub(super) fn maps_groups(&self) -> bool {
        !self.roles.is_empty() || !self.team_roles.is_empty()
    }

    /// What these groups give. Of several roles, the greatest.
    pub(super) fn granted(&self, groups: &[String]) -> Granted {
        let is_in = |group: &str| groups.iter().any(|of_person| of_person == group);
        let role = self.roles.iter().filter(|given| is_in(&given.group)).map(|given| given.role).max_by_key(rank);
        let mut teams: BTreeMap<TeamSlug, Option<TeamRole>> = BTreeMap::new();
        for given in &self.team_roles {
            let of_team = teams.entry(given.team.clone()).or_default();
            if is_in(&given.group) && *of_team != Some(TeamRole::Operator) {
                *of_team = Some(given.role);
            }
        }
        let lets_in = !self.maps_groups() || role.is_some() || teams.values().any(Option::is_some);
        let role = (!self.roles.is_empty()).then(|| role.unwrap_or(PortalRole::Member));
        Granted { role, teams, lets_in }
    }
}

const fn rank(role: &PortalRole) -> u8 {
    match role {
        PortalRole::Member => 0,
        PortalRole::Auditor => 1,
        PortalRole::Admin => 2,
    }
}

#[cfg(test)]
mod tests {
    use store::{PortalRole, TeamRole};

    use super::super::settings::{ProviderSettings, tests::settings};

    fn granted(settings: &ProviderSettings, groups: &[&str]) -> (Option<PortalRole>, Vec<Option<TeamRole>>, bool) {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        let granted = settings.granted(&groups);
        (granted.role, granted.teams.into_values().collect(), granted.lets_in)
    }

    #[test]
    fn somebody_has_the_greatest_role_of_their_groups_and_no_other() {
        let mut settings = settings("https://login.example.com");
        settings.roles = ["auditors=auditor", "staff=member", "admins=admin"].map(|it| it.parse().unwrap()).into();
        settings.team_roles = ["ops=payments:operator", "staff=payments:viewer", "lenders=lending:viewer"]
            .map(|it| it.parse().unwrap())
            .into();
        let (viewer, operator) = (Some(TeamRole::Viewer), Some(TeamRole::Operator));
        // The teams are lending and payments.
        for (groups, expected) in [
            (&["admins", "auditors"][..], (Some(PortalRole::Admin), vec![None, None], true)),
            (&["auditors", "staff"], (Some(PortalRole::Auditor), vec![None, viewer], true)),
            (&["staff", "ops"], (Some(PortalRole::Member), vec![None, operator], true)),
            (&["ops", "staff"], (Some(PortalRole::Member), vec![None, operator], true)),
            (&["lenders"], (Some(PortalRole::Member), vec![viewer, None], true)),
            (&["Admins", "admins "], (Some(PortalRole::Member), vec![None, None], false)),
            (&[], (Some(PortalRole::Member), vec![None, None], false)),
        ] {
            assert_eq!(granted(&settings, groups), expected, "{groups:?}");
        }
    }

    #[test]
    fn what_no_group_decides_about_is_left_to_admins() {
        let mut settings = settings("https://login.example.com");
        assert_eq!(granted(&settings, &["anything"]), (None, vec![], true));
        settings.team_roles = vec!["ops=payments:operator".parse().unwrap()];
        assert_eq!(granted(&settings, &["ops"]), (None, vec![Some(TeamRole::Operator)], true));
        assert_eq!(granted(&settings, &[]), (None, vec![None], false));
    }
}
