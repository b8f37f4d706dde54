//! A team's token: what is known of it, testing it, and setting another.

use leptos::prelude::*;
use portal::teams::{Team, TokenFacts};
use time::OffsetDateTime;

use super::super::{admin_team_new::TOKEN_HINT, admin_teams::workspace};
use crate::{
    components::{Ago, Field, Moment, Tone, by_name, lone_problem, problem_summary, standing_notice},
    form_memory::Refused,
    islands::SubmitOnce,
    wording::times,
};

#[component]
pub fn Token(team: Team, refused: Refused, test: Refused) -> impl IntoView {
    let slug = team.slug.to_string();
    let label = if team.token.is_some() { "Replace token" } else { "Set token" };
    let workspace = workspace(&team).unwrap_or_else(|| "Unknown".to_owned());
    let facts = team.token.clone().map(|token| {
        let notice = token_notice(&token, OffsetDateTime::now_utc());
        let is_refused = token.refused_at.is_some();
        let rotate = (!is_refused).then(|| {
            view! { <p><a href=format!("/admin/teams/{slug}/token")>"Let Workato replace the token"</a></p> }
        });
        view! {
            {notice}
            <dl class="facts">
                <dt>"Fingerprint"</dt>
                <dd class="id">{token.fingerprint}</dd>
                <dt>"Set"</dt>
                <dd><Moment at=token.set_at/></dd>
                <dt>"Last used"</dt>
                <dd>{token.last_used_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at/> }.into_any())}</dd>
                <dt>"Workspace"</dt>
                <dd>{workspace}</dd>
            </dl>
            {lone_problem(test.problem("token-test"))}
            <form method="post" action="/api/fn/test_token">
                <input type="hidden" name="team" value=slug.clone()/>
                <SubmitOnce label="Test the token" class=""/>
            </form>
            {rotate}
        }
    });
    let missing = facts
        .is_none()
        .then(|| view! { <p class="soft">"No token yet. The portal can't read this team's Workato."</p> });
    view! {
        <section class="panel" aria-labelledby="token-heading">
            <h2 id="token-heading">"Workato token"</h2>
            {facts}
            {missing}
            <form class="fields" method="post" action="/api/fn/set_token">
                {problem_summary(&refused, by_name(["token"]))}
                <input type="hidden" name="team" value=team.slug.to_string()/>
                <Field
                    label="Token"
                    name="token"
                    kind="password"
                    required=true
                    autocomplete="off"
                    hint=TOKEN_HINT
                    problem=refused.problem("token")
                />
                <SubmitOnce label=label class=""/>
            </form>
        </section>
    }
}

/// What an admin should do about a token.
fn token_notice(token: &TokenFacts, now: OffsetDateTime) -> Option<AnyView> {
    if let Some(at) = token.refused_at {
        return Some(standing_notice(
            Tone::Bad,
            view! {
                    <p><strong>"Workato rejects this token"</strong></p>
                    <p>
                        "Noticed "<Ago at/>". The portal doesn't use it until you test it successfully or set another one. "
                        "If Workato has just replaced the token and the portal did not get the new one, create another one in "
                        "Workato and paste it here."
                    </p>
            },
        ));
    }
    token.is_due(now).then(|| {
        let age = times::days(now - token.set_at);
        standing_notice(
            Tone::Warn,
            view! { <p>{format!("This token is {age} old. Replace tokens every 90 days.")}</p> },
        )
    })
}
