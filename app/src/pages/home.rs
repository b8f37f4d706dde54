//! `/`: what needs attention across the person's teams, and how the portal is. Nothing on it calls Workato.

mod attention;
mod overview;
mod own_changes;
mod setup;
mod tabs;

use leptos::prelude::*;
use portal::{Error, PortalRole, TeamSlug, audit::LogOf, home::Home};

use crate::{
    components::{Age, Frame, Glyph, Rendered, Section, Tone, index_lag_notice, note, page},
    context,
    wording::home as words,
};

#[component]
pub fn HomePage() -> impl IntoView {
    page(home())
}

async fn home() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.with_teams().await?.section(Section::Home);
    let (portal, actor) = (context::portal(), frame.actor()?.clone());
    let given = context::query();
    let slug = match given.get(tabs::TEAM).as_str() {
        "" => None,
        slug => Some(slug.parse::<TeamSlug>().map_err(|_| Error::NotFound)?),
    };
    let home = portal.home(&actor, slug.as_ref()).await?;
    if home.teams.is_empty() {
        return Ok(without_team(frame, actor.role(), home));
    }
    let log = home.team.as_ref().map_or(LogOf::EveryTeam, |team| LogOf::Team(team.id));
    portal.note_reading(&actor, log).await;
    let total = home.total();
    let heading = words::heading(&home);
    let summary = words::summary(&home, portal.now(), context::zone());
    let read = match home.read_at() {
        Some(at) => view! { <span class="fresh">"Workato read "<Age at=at/></span> }.into_any(),
        None => view! { <span class="fresh">{words::not_read(&home)}</span> }.into_any(),
    };
    let calm = (total == 0 && !home.lacks_reads()).then(|| note(Tone::Good, Glyph::Ok, words::CALM));
    let lag = index_lag_notice(home.unindexed, None);
    let content = view! {
        <div class="head">
            <div class="head-main"><h1>{heading}</h1><p class="sm">{summary}</p></div>
            <div class="head-acts">{read}</div>
        </div>
        {tabs::tabs(&home)}
        {lag}
        <div class="cols">
            <div class="todos">
                {home.setup.as_ref().map(setup::checklist)}
                {calm}
                {attention::sections(&home, &actor)}
            </div>
            <div>
                {overview::activity(&home)}
                {overview::teams(&home)}
                {overview::log(&home)}
                {own_changes::own_changes(&home, actor.email())}
            </div>
        </div>
    };
    Ok(frame.title("Home").render(content))
}

/// The page of somebody without a team.
fn without_team(frame: Frame, role: PortalRole, home: Home) -> Rendered {
    let next_step = match role {
        PortalRole::Admin => view! {
            <p>"A team is one Workato workspace and its token. "<a href="/admin/teams/new">"Set up the first team"</a>"."</p>
        }
        .into_any(),
        PortalRole::Auditor => view! {
            <p>"Until an admin sets one up, there is only "<a href="/audit">"the audit log"</a>"."</p>
        }
        .into_any(),
        PortalRole::Member => view! { <p>"Ask an admin of the portal to add you to your team."</p> }.into_any(),
    };
    let heading = match role {
        PortalRole::Member => "You’re not in a team yet",
        PortalRole::Admin | PortalRole::Auditor => "There is no team yet",
    };
    frame.title(heading).render(view! {
        <div class="panel empty">
            <h1>{heading}</h1>
            {next_step}
        </div>
        {home.setup.as_ref().map(setup::checklist)}
    })
}
