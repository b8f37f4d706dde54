//! `/account/confirm`: a person proves again who they are before something that needs a fresh factor.

use leptos::prelude::*;
use portal::{Error, accounts::provider::ProviderRefusal};

use crate::{
    answer::safe_next,
    components::{
        ButtonLink, ButtonLook, Field, Frame, PasskeyForm, PasskeyVerb, Rendered, Section, Tone, by_name, notice, page,
        problem_summary_of, redirected,
    },
    context,
    forms::{self, names::CONFIRM},
    islands::SubmitOnce,
    urls::provider_confirm_path,
    wording::provider,
};

#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(ask())
}

async fn ask() -> Result<Rendered, Error> {
    let next = safe_next(&context::query().get("next"));
    let frame = Frame::signed_in()?.section(Section::Account).title("Confirm that it's you");
    let actor = frame.actor()?.clone();
    let refused = forms::refused(CONFIRM);
    if context::portal().has_fresh_factor(&actor) && !refused.has_problems() {
        return Ok(redirected(&next));
    }
    let challenge = context::portal().challenge_for_actor(&actor).await?;
    let passkey = challenge.map(|challenge| {
        view! {
            <PasskeyForm
                verb=PasskeyVerb::Get
                challenge
                action="/api/fn/confirm_with_passkey"
                label="Use a passkey"
                next=Some(next.clone())
                problem=refused.problem("passkey")
            />
        }
    });
    let provider = context::portal().provider_name().unwrap_or("your identity provider").to_owned();
    let why: Option<ProviderRefusal> = context::query().get("provider").parse().ok();
    let refused_there = why.map(|why| notice(Tone::Bad, view! { <p>{provider::refusal(why, &provider)}</p> }));
    let asks = match (actor.has_factor(), actor.signs_in_at_provider()) {
        (true, _) => view! {
            <form class="fields" method="post" action="/api/fn/confirm">
                {problem_summary_of("Not confirmed.", &refused, by_name(["code"]))}
                <input type="hidden" name="next" value=next/>
                <Field
                    label="Code"
                    name="code"
                    required=true
                    autocomplete="one-time-code"
                    hint="The six digits in your authenticator app, or one of your recovery codes."
                    problem=refused.problem("code")
                />
                <SubmitOnce label="Confirm" class="primary"/>
            </form>
            {passkey}
        }
        .into_any(),
        (false, true) => view! {
            {refused_there}
            <p>{format!("Sign in again at {provider} to confirm that it's you.")}</p>
            <p><ButtonLink href=provider_confirm_path(&next) look=ButtonLook::Primary rel="external">{format!("Confirm with {provider}")}</ButtonLink></p>
        }
        .into_any(),
        (false, false) => view! {
            <form class="fields" method="post" action="/api/fn/confirm">
                {problem_summary_of("Not confirmed.", &refused, |_| Some("password".to_owned()))}
                <input type="hidden" name="next" value=next/>
                <input type="text" name="username" autocomplete="username" value=actor.email().to_owned() hidden/>
                <Field
                    label="Password"
                    name="password"
                    kind="password"
                    required=true
                    autocomplete="current-password"
                    problem=refused.problem("password").or_else(|| refused.problem("code"))
                />
                <SubmitOnce label="Confirm" class="primary"/>
            </form>
        }
        .into_any(),
    };
    Ok(frame.with_teams().await?.render(view! {
        <div class="head">
            <div>
                <h1>"Confirm that it's you"</h1>
                <p class="soft">
                    "Changes to tokens, keys, log streams, roles, sessions and sign-in methods need this every ten minutes, and so do approvals. The form keeps what you typed, except passwords, tokens and credentials."
                </p>
            </div>
        </div>
        <section class="panel keep" aria-label="Confirm that it's you">{asks}</section>
    }))
}
