//! `/admin/teams`: all teams and the state of their tokens.

use leptos::prelude::*;
use portal::{Error, teams::Team};
use time::OffsetDateTime;

use crate::{
    components::{
        Ago, ButtonLink, ButtonLook, Frame, Rendered, Section, Tone, badge, center_name, page, production_badge,
    },
    context,
};

#[component]
pub fn AdminTeamsPage() -> impl IntoView {
    page(admin_teams())
}

async fn admin_teams() -> Result<Rendered, Error> {
    let (frame, _admin) = Frame::admin().await?;
    let frame = frame.with_teams().await?.section(Section::Teams).title("Teams");
    let teams = context::portal().teams(frame.actor()?).await?;
    let list = match teams.is_empty() {
        true => view! {
            <div class="panel empty">
                <h2>"There is no team yet"</h2>
                <p>"A team is one Workato workspace, its token, and the people who work with it."</p>
                <p><ButtonLink href="/admin/teams/new" look=ButtonLook::Primary>"Set up the first team"</ButtonLink></p>
            </div>
        }
        .into_any(),
        false => view! { <TeamsTable teams/> }.into_any(),
    };
    Ok(frame.render(view! {
        <div class="head">
            <div><h1>"Teams"</h1></div>
            <ButtonLink href="/admin/teams/new" look=ButtonLook::Primary>"New team"</ButtonLink>
        </div>
        {list}
    }))
}

#[component]
fn TeamsTable(teams: Vec<Team>) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>"Teams by name"</caption>
                <thead>
                    <tr>
                        <th scope="col" aria-sort="ascending">"Name"</th>
                        <th scope="col" class="minor">"Slug"</th>
                        <th scope="col" class="minor">"Data centre"</th>
                        <th scope="col" class="minor">"Workspace"</th>
                        <th scope="col">"Token"</th>
                    </tr>
                </thead>
                <tbody>{teams.into_iter().map(|team| view! { <TeamRow team/> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn TeamRow(team: Team) -> impl IntoView {
    let workspace = workspace(&team);
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/admin/teams/{}", team.slug)>{team.name}</a>
                " "{team.production.then(production_badge)}
            </th>
            <td class="minor id">{team.slug.to_string()}</td>
            <td class="minor">{center_name(&team.workato_url)}</td>
            <td class="minor">{workspace.unwrap_or_else(|| "Unknown".to_owned())}</td>
            <td>
                {match team.token {
                    _ if team.retired_at.is_some() => view! { <span class="soft">"retired"</span> }.into_any(),
                    Some(token) => {
                        let state = if token.refused_at.is_some() {
                            Some(view! { " "{badge(Tone::Bad, "Rejected by Workato")} }.into_any())
                        } else {
                            token.is_due(OffsetDateTime::now_utc()).then(|| view! { " "<span class="badge">"Replace it"</span> }.into_any())
                        };
                        view! { <span class="id">{token.fingerprint}</span>" "<span class="soft">"set "<Ago at=token.set_at/></span>{state} }.into_any()
                    }
                    None => view! { <span class="soft">"no token yet"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
}

/// The workspace of the team's token, as Workato last named it.
pub(super) fn workspace(team: &Team) -> Option<String> {
    team.workspace.as_ref().map(|workspace| match &workspace.name {
        Some(name) => format!("{name} ({})", workspace.id),
        None => workspace.id.to_string(),
    })
}
