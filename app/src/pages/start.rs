//! `/`: redirects to the first team's connections, or says what to do without a team.

use leptos::prelude::*;
use portal::{Error, PortalRole};

use crate::{
    components::{Frame, Rendered, page, redirected},
    context,
};

#[component]
pub fn StartPage() -> impl IntoView {
    page(start())
}

async fn start() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?;
    let teams = context::portal().teams(frame.actor()?).await?;
    if let Some(team) = teams.iter().find(|team| team.retired_at.is_none()) {
        return Ok(redirected(&format!("/teams/{}/connections", team.slug)));
    }
    if !teams.is_empty() {
        // Only the past of retired teams is left.
        return Ok(redirected("/audit"));
    }
    let next_step = match frame.actor()?.role() {
        PortalRole::Admin => view! {
            <p>"A team is one Workato workspace and its token. "<a href="/admin/teams/new">"Set up the first team"</a>"."</p>
        }
        .into_any(),
        PortalRole::Auditor => view! { <p>"Until one is set up, there is only "<a href="/audit">"the audit log"</a>"."</p> }.into_any(),
        PortalRole::Member => view! { <p>"Ask an admin of the portal to make you a member of your team."</p> }.into_any(),
    };
    let heading = match frame.actor()?.role() {
        PortalRole::Member => "You belong to no team yet",
        PortalRole::Admin | PortalRole::Auditor => "There is no team yet",
    };
    Ok(frame.with_teams().await?.title(heading).render(view! {
        <div class="panel empty">
            <h1>{heading}</h1>
            {next_step}
        </div>
    }))
}
