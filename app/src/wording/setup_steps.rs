//! The steps of setting a portal up.

use portal::{
    home::{Lacking, SetupStep},
    teams::Team,
};

use super::privileges;

pub const fn title(step: &SetupStep) -> &'static str {
    match step {
        SetupStep::Team => "Add a team",
        SetupStep::Tokens(_) => "Give every team a token that Workato accepts",
        SetupStep::Privileges(_) => "Give the tokens the privileges that pages use",
        SetupStep::Operators(_) => "Give every team an operator",
        SetupStep::Auditor => "Invite an auditor",
        SetupStep::Checkpoints => "Send checkpoints outside the portal",
        SetupStep::SecondFactors(_) => "Have everyone set up a second factor",
    }
}

/// What is missing, and why it matters.
pub fn hint(step: &SetupStep) -> Option<String> {
    match step {
        SetupStep::Team => Some("A team is one Workato workspace and its token.".to_owned()),
        SetupStep::Tokens(teams) if teams.is_empty() => None,
        SetupStep::Tokens(teams) => Some(format!("Missing or refused: {}.", names(teams.iter()))),
        SetupStep::Privileges(teams) => {
            let all: Vec<_> = teams.iter().map(|(team, lacking)| format!("{}: {}", team.name, boxes(lacking))).collect();
            Some(format!("In Workato, tick these boxes of the client role. {}.", all.join("; ")))
        }
        SetupStep::Operators(teams) if teams.is_empty() => None,
        SetupStep::Operators(teams) => Some(format!("No operator yet: {}.", names(teams.iter()))),
        SetupStep::Auditor => Some("Someone other than the operators reviews what was changed.".to_owned()),
        SetupStep::Checkpoints => Some(
            "Set PORTAL_CHECKPOINTS_TO to a folder or an address that other people control. Otherwise nobody can prove \
             that the log was not rewritten."
                .to_owned(),
        ),
        SetupStep::SecondFactors(1) => Some("1 person who needs one has none.".to_owned()),
        SetupStep::SecondFactors(count) => Some(format!("{count} people who need one have none.")),
    }
}

/// The names of the boxes in Workato (API reference, API clients: client roles).
fn boxes(lacking: &[Lacking]) -> String {
    let names: Vec<_> = lacking.iter().map(|lacking| privileges::section(*lacking)).collect();
    names.join(", ")
}

fn names<'a>(teams: impl Iterator<Item = &'a Team>) -> String {
    let names: Vec<_> = teams.map(|team| team.name.as_str()).collect();
    match names.as_slice() {
        [one, two, three, rest @ ..] if !rest.is_empty() => format!("{one}, {two}, {three} and {} more", rest.len()),
        names => names.join(", "),
    }
}
