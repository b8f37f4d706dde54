//! `/admin/teams/{team}/token`: replacing a team's token at Workato itself.

use leptos::prelude::*;
use portal::{Error, teams::Team};
use workato::{ApiClient, List};

use super::admin_team::with_own_reasons;
use crate::{
    components::{
        ButtonLink, Frame, NameConfirmation, ReasonField, Rendered, Section, SelectField, Tone, by_name, notice, page,
        problem_summary, remark,
    },
    context,
    forms::{self, names::ROTATE_TOKEN},
    islands::SubmitOnce,
    wording::refusals,
};

#[component]
pub fn AdminTeamTokenPage() -> impl IntoView {
    page(rotate(context::path_part("team")))
}

async fn rotate(slug: String) -> Result<Rendered, Error> {
    let (frame, admin) = Frame::admin().await?;
    let portal = context::portal();
    let team = portal.team_for_admin(&admin, &slug).await?;
    let body = match portal.api_clients(&admin, team.id).await {
        Ok(clients) => form(&team, &clients),
        Err(error @ Error::Workato(_)) => cannot(&team, &error),
        Err(error) => return Err(error),
    };
    let frame = frame.with_teams().await?.section(Section::Teams).title("Replace the token in Workato");
    let frame = with_own_reasons(frame, &slug).await?;
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <p class="soft">
                    <a href="/admin/teams">"Teams"</a>" / "<a href=format!("/admin/teams/{}", team.slug)>{team.name.clone()}</a>
                </p>
                <h1>"Replace the token in Workato"</h1>
            </div>
        </div>
        {body}
    }))
}

/// What to do where the token's role may not replace tokens.
fn cannot(team: &Team, error: &Error) -> AnyView {
    let back = format!("/admin/teams/{}", team.slug);
    view! {
        <section class="panel">
            {notice(Tone::Bad, view! { <p>{refusals::message_of(error)}</p> })}
            <p>
                "The token's role needs the privilege to manage developer API clients. Without it, create a new token in "
                "Workato and paste it on the team's page."
            </p>
            <p><ButtonLink href=back>"Back to team"</ButtonLink></p>
        </section>
    }
    .into_any()
}

fn form(team: &Team, clients: &List<ApiClient>) -> AnyView {
    let refused = forms::refused(ROTATE_TOKEN);
    let label = |client: &ApiClient| {
        let name = client.name.as_deref().unwrap_or("no name");
        (client.id.to_string(), format!("{name} ({})", client.id))
    };
    let mut options: Vec<_> = vec![(String::new(), "Choose the API client".to_owned())];
    options.extend(clients.iter().map(label));
    let reason = ReasonField { refused: &refused, team, destructive: true, id: "reason".to_owned(), initial: "" };
    let confirmation = NameConfirmation::new(Some(&team.name), &team.slug);
    view! {
        <section class="panel">
            <form class="fields" method="post" action="/api/fn/rotate_token" novalidate>
                {problem_summary(&refused, by_name(["client", "confirm", "reason"]))}
                {remark(Tone::Bad, view! {
                    <p>
                        "Workato creates a new token for the API client you choose, and the portal stores it. No one sees "
                        "it. The client's old token stops working at once, everywhere it is used."
                    </p>
                    <p>
                        "Choose the API client whose token "<strong>{team.name.clone()}</strong>" uses: Workato does not say "
                        "which one it is. If Workato's answer is lost, the new token is lost too, and you have to create another one "
                        "in Workato."
                    </p>
                })}
                <input type="hidden" name="team" value=team.slug.to_string()/>
                <input type="hidden" name="operation" value=refused.operation().to_string()/>
                <SelectField
                    label="API client"
                    name="client"
                    options=options
                    chosen=refused.value("client", "")
                    problem=refused.problem("client")
                />
                {confirmation.render(&refused, "confirm")}
                {reason.render()}
                <SubmitOnce label="Replace the token" class="danger"/>
            </form>
        </section>
    }
    .into_any()
}
