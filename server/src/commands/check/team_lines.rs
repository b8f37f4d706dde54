//! The lines about one team's Workato.

use std::time::Duration;

use app::wording::{checkup as wording, read_failures};
use portal::checkup::{Answers, TeamCheckup, TeamState};

use super::report::{Report, State};
use crate::check_part::Part;

/// From here on, people notice.
const SLOW: Duration = Duration::from_secs(5);

pub fn add(checked: &TeamCheckup, report: &mut Report) {
    let TeamCheckup { team, state } = checked;
    let name = format!("{} {}", Part::Workato.name(), team.slug);
    if let Some(trouble) = wording::team_trouble(state) {
        let has_none = matches!(state, TeamState::NoToken);
        report.add(if has_none { State::Warning } else { State::Broken }, name, trouble);
        return;
    }
    let TeamState::Answered(found) = state else { return };
    if let Some(workspace) = &found.workspace
        && found.is_of_another_workspace(team)
    {
        report.add(State::Broken, &name, wording::other_workspace(team, workspace.id));
    }
    let slowest = found.slowest.as_secs_f64();
    let whose =
        found.workspace.as_ref().map(|workspace| format!(" for workspace {}", workspace.id)).unwrap_or_default();
    if found.slowest < SLOW {
        report.add(State::Fine, &name, format!("Workato responds{whose} within {slowest:.1} s"));
    } else {
        report.add(State::Warning, &name, format!("Workato is slow: it responds{whose} within {slowest:.1} s"));
    }
    privileges(found, &name, report);
}

fn privileges(found: &Answers, name: &str, report: &mut Report) {
    for call in &found.denied {
        let state = if wording::is_essential(*call) { State::Broken } else { State::Warning };
        report.add(state, name, wording::lacking(*call));
    }
    for failure in &found.failed {
        let state = if wording::is_essential(failure.call) { State::Broken } else { State::Warning };
        report.add(state, name, read_failures::sentence(failure));
    }
    if found.denied.is_empty() && found.failed.is_empty() {
        let untried: Vec<_> = found.untried.iter().map(ToString::to_string).collect();
        let text = "The token may read everything that pages show";
        report.add(
            State::Fine,
            name,
            match untried.as_slice() {
                [] => text.to_owned(),
                untried => format!("{text}; not tried, since there is nothing to read: {}", untried.join(", ")),
            },
        );
    }
}
