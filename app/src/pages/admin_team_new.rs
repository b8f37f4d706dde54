//! `/admin/teams/new`: the form that sets up a team, with or without a token.

use leptos::prelude::*;
use portal::Error;

use crate::{
    components::{Field, Frame, Rendered, Section, TeamFields, page, problem_summary, team_ids},
    context, forms,
    islands::SubmitOnce,
};

/// Where to get a token in Workato.
pub(super) const TOKEN_HINT: &str = "In Workato: Workspace admin, API clients. Stored encrypted, never shown again.";

#[component]
pub fn AdminTeamNewPage() -> impl IntoView {
    page(admin_team_new())
}

async fn admin_team_new() -> Result<Rendered, Error> {
    let (frame, _admin) = Frame::admin().await?;
    let refused = forms::refused("team");
    let hosts = context::portal().workato_hosts().to_vec();
    let token_problem = refused.problem("token");
    let frame = frame.with_teams().await?.section(Section::Teams).title("New team");
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <p class="soft"><a href="/admin/teams">"Teams"</a></p>
                <h1>"New team"</h1>
            </div>
        </div>
        <form class="panel fields" method="post" action="/api/fn/create_team">
            {problem_summary(&refused, team_ids)}
            <TeamFields refused hosts/>
            <Field
                label="Token"
                name="token"
                kind="password"
                autocomplete="off"
                hint=format!("You can set it later. {TOKEN_HINT}")
                problem=token_problem
            />
            <SubmitOnce label="Create team" class="primary"/>
        </form>
    }))
}
