//! The checklist for a new portal, which an admin sees until everything is done.

use leptos::prelude::*;
use portal::{
    home::{SetupProgress, SetupStep},
    teams::Team,
};

use crate::{
    components::{Glyph, Tone, glyph, progress, state},
    wording::setup_steps as words,
};

pub fn checklist(setup: &SetupProgress) -> AnyView {
    let (done, all) = (setup.done(), setup.steps.len());
    let mut is_next = true;
    let to_do = setup.steps.iter().filter(|(_, is_done)| !is_done).map(|(step, _)| {
        let class = if std::mem::take(&mut is_next) { "btn sm primary" } else { "btn sm" };
        let act = act(step).map(|(label, href)| view! { <a class=class href=href>{label}</a> });
        let hint = words::hint(step).map(|hint| view! { <p class="what">{hint}</p> });
        view! {
            <li class="todo">
                {glyph(Glyph::None)}
                <p><span class="vh">"To do: "</span><strong>{words::title(step)}</strong></p>
                {hint}
                {act}
            </li>
        }
    });
    let to_do = to_do.collect_view();
    let finished = setup.steps.iter().filter(|(_, is_done)| *is_done).map(|(step, _)| {
        view! { <li>{state(Glyph::Ok, Tone::Good, words::title(step))}</li> }
    });
    let finished = (done > 0).then(|| {
        let finished = finished.collect_view();
        view! {
            <details class="fold finished">
                <summary>{format!("{done} done")}</summary>
                <ul class="rows">{finished}</ul>
            </details>
        }
    });
    view! {
        <section class="card plain" aria-labelledby="h-setup">
            <div class="card-head">
                <h2 id="h-setup">"Set up your portal "<span class="n">{format!("{done} of {all} done")}</span></h2>
            </div>
            {progress(done, all)}
            <ol>{to_do}</ol>
            {finished}
        </section>
    }
    .into_any()
}

/// Where a step is done. `None` for what no page can do.
fn act(step: &SetupStep) -> Option<(&'static str, String)> {
    let first = |teams: &[Team], page: &str| teams.first().map(|team| format!("/admin/teams/{}{page}", team.slug));
    match step {
        SetupStep::Team => Some(("Add a team", "/admin/teams/new".to_owned())),
        SetupStep::Tokens(teams) => first(teams, "").map(|page| ("Set token", page)),
        SetupStep::Privileges(teams) => {
            teams.first().map(|(team, _)| ("Test token", format!("/admin/teams/{}", team.slug)))
        }
        SetupStep::Operators(teams) => first(teams, "").map(|page| ("Add operator", page)),
        SetupStep::Auditor => Some(("Invite", "/admin/people".to_owned())),
        SetupStep::Checkpoints => None,
        SetupStep::SecondFactors(_) => Some(("View people", "/admin/people".to_owned())),
    }
}
