//! The teams as tabs, each with how much needs attention in it.

use leptos::prelude::*;
use portal::home::Home;

use crate::{query::Query, wording::numbers::grouped};

/// The parameter that names the team.
pub const TEAM: &str = "team";

/// Nothing for somebody with one team.
pub fn tabs(home: &Home) -> Option<AnyView> {
    if home.teams.len() < 2 {
        return None;
    }
    let tab = |href: String, name: String, count: usize, is_shown: bool| {
        let current = is_shown.then_some("page");
        view! { <a href=href aria-current=current>{name}" "<span class="n">{grouped(count)}</span></a> }
    };
    let shown = home.team.as_ref().map(|team| team.id);
    let of_teams = home.teams.iter().map(|(team, count)| {
        let href = Query::default().with(TEAM, team.slug.as_str()).on("/");
        tab(href, team.name.clone(), *count, shown == Some(team.id))
    });
    let of_teams = of_teams.collect_view();
    Some(
        view! {
            <nav class="tabs" aria-label="Teams">
                {tab("/".to_owned(), "All teams".to_owned(), home.of_all_teams, shown.is_none())}
                {of_teams}
            </nav>
        }
        .into_any(),
    )
}
