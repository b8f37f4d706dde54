//! What `partner-portal check` says about files and about each team's Workato.

use portal::{
    checkup::{FileFault, TeamState},
    teams::Team,
};
use workato::Call;

use super::{privileges, read_failures, times};

/// What is wrong with a file, and the command that mends it.
pub fn file_fault(fault: &FileFault) -> String {
    match fault {
        FileFault::Readable { path, mode } => {
            format!("Other accounts can read {} (mode {mode:o}). Run: chmod go= {0}", path.display())
        }
        FileFault::Changeable { path, mode } => {
            format!("Other accounts can change {} (mode {mode:o}). Run: chmod go= {0}", path.display())
        }
        FileFault::OtherOwner { path, folder, owner, wanted } => format!(
            "{} belongs to account {owner}, but {} belongs to account {wanted}: the portal may not be able to use it. \
             Run commands as the portal's account. Now run: chown {wanted} {0}",
            path.display(),
            folder.display()
        ),
        FileFault::Unwritable { path } => {
            format!("This account cannot write to {}, and the portal must be able to.", path.display())
        }
        FileFault::Unreadable { path, cause } => format!("{} cannot be read: {cause}", path.display()),
    }
}

/// What is wrong with a team's Workato as a whole. `None` if it answered.
pub fn team_trouble(state: &TeamState) -> Option<String> {
    Some(match state {
        TeamState::Answered(_) => return None,
        TeamState::NoToken => "It has no token. Set one on the Teams page.".to_owned(),
        TeamState::TokenRefused(since) => format!(
            "Workato has refused its token since {}, so the portal does not use it. Test it or set another on the Teams \
             page.",
            times::exact(*since)
        ),
        TeamState::TokenNotUsed => {
            "Its token was changed outside the portal and is not used. Set it again on the Teams \
                                    page."
                .to_owned()
        }
        TeamState::Sealed(error) => format!("Its token cannot be opened: {error}."),
        TeamState::Unusable(why) => format!("Its Workato cannot be called: {why}."),
        TeamState::NoAnswer(failure) => read_failures::sentence(failure),
        TeamState::AllDenied => {
            "Workato refused every call. Either the token is invalid, or its role has no privileges. \
                                 Check both in Workato."
                .to_owned()
        }
    })
}

/// That a token opens another workspace than the team had.
pub fn other_workspace(team: &Team, found: i64) -> String {
    match &team.workspace {
        Some(known) => format!(
            "Its token opens workspace {found}, but the team's is {}. Replace the token on the Teams page.",
            known.id
        ),
        None => format!("Its token opens workspace {found}."),
    }
}

/// What a token may not read, the box of the client's role that allows it, and what is missing without it.
pub fn lacking(call: Call) -> String {
    let (what, without) = match call {
        Call::Workspace => ("its workspace", "the portal cannot tell whether a new token is of the same workspace"),
        Call::Connections => ("connections", "the Connections page shows nothing"),
        Call::Connectors => ("custom connectors", "the Connectors page shows nothing"),
        Call::ConnectorCode => ("connector code", "a connector's page does not show the code that customers get"),
        Call::Recipes => ("recipes", "the Recipes page shows nothing, and no page says which recipes a change affects"),
        Call::Folders => ("folders", "the Connections page shows IDs in place of folders and projects"),
        Call::Tags => ("tags", "the Connections page shows no tags, and you cannot tag connections"),
        Call::Customers => ("customers", "the Customers page shows nothing, and you cannot share recipes"),
        Call::CustomerConnections => ("customers' connections", "a customer's page shows no connections"),
        Call::CustomerRecipes => {
            ("customers' recipes", "a connector's page does not say which customers' recipes use it")
        }
        Call::ActivityLog => {
            ("the activity log", "the audit log does not say who changed something outside the portal")
        }
        Call::ApiClients => ("API clients", "you cannot have Workato replace the token on the Teams page"),
        _ => ("everything", "some pages are incomplete"),
    };
    match privileges::of_call(call) {
        Some(name) => format!("The token may not read {what}, so {without}. In Workato, give its role “{name}”."),
        None => format!("The token may not read {what}, so {without}."),
    }
}

/// Whether pages of the portal are of no use without the call.
#[must_use]
pub const fn is_essential(call: Call) -> bool {
    matches!(call, Call::Connections | Call::Connectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_read_that_is_tried_names_its_privilege_and_the_page_that_suffers() {
        for call in [
            Call::Workspace,
            Call::Connections,
            Call::Connectors,
            Call::ConnectorCode,
            Call::Recipes,
            Call::Folders,
            Call::Tags,
            Call::Customers,
            Call::CustomerConnections,
            Call::CustomerRecipes,
            Call::ActivityLog,
            Call::ApiClients,
        ] {
            let said = lacking(call);
            assert!(said.contains("In Workato, give its role “") && !said.contains("everything"), "{call}: {said}");
        }
        assert_eq!(
            lacking(Call::Tags),
            "The token may not read tags, so the Connections page shows no tags, and you cannot tag connections. In \
             Workato, give its role “Tags › List tags”."
        );
    }
}
