//! `/login`: sign-in with e-mail and password, with a passkey alone, or at the OpenID Connect provider.

use leptos::prelude::*;
use portal::{Error, accounts::provider::ProviderRefusal};

use crate::{
    answer::safe_next,
    components::{
        ButtonLink, ButtonLook, Field, Frame, PasskeyForm, PasskeyVerb, Rendered, Tone, by_name, notice, page,
        problem_summary_of, redirected,
    },
    context,
    forms::{self, Unsent, names::SIGN_IN_PASSKEY},
    islands::SubmitOnce,
    urls::provider_path,
    wording::{numbers, provider},
};

#[component]
pub fn SignInPage() -> impl IntoView {
    page(sign_in())
}

async fn sign_in() -> Result<Rendered, Error> {
    let next = safe_next(&context::query().get("next"));
    if context::visitor().actor.is_some() {
        return Ok(redirected(&next));
    }
    let refused = forms::refused("sign-in");
    let email = refused.value("email", "");
    let problem = refused.problem("password");
    let sessions = context::portal().session_settings();
    let keep = sessions.offers_keeping().then(|| {
        let days = numbers::days(sessions.kept);
        view! {
            <div class="field check">
                <input
                    type="checkbox"
                    id="keep"
                    name="keep"
                    value="yes"
                    checked=refused.typed("keep") == Some("yes")
                    aria-describedby="keep-hint"
                />
                <label for="keep">"Keep me signed in"</label>
                <p class="hint" id="keep-hint">{format!("For {days}, even after you close the browser. Use only on \
                                                         your own device.")}</p>
            </div>
        }
    });
    let provider = context::portal().provider_name().map(|name| at_provider(name, &next));
    let is_alone = provider.is_none();
    let passkey_problem = forms::refused(SIGN_IN_PASSKEY).problem("passkey");
    let passkey = context::portal().challenge_for_sign_in()?.map(|challenge| {
        view! {
            <PasskeyForm
                verb=PasskeyVerb::Get
                challenge
                action="/api/fn/sign_in_with_passkey"
                label="Sign in with a passkey"
                next=Some(next.clone())
                problem=passkey_problem
            >
                <input type="hidden" name="alone" value="true"/>
            </PasskeyForm>
        }
    });
    Ok(Frame::bare().title("Sign in").render(view! {
        <div class="panel sign-in">
            <h1>"Sign in"</h1>
            {forms::unsent(&next).map(unsent_note)}
            {provider}
            <form class="fields" method="post" action="/api/fn/sign_in">
                {problem_summary_of("Not signed in.", &refused, by_name(["email", "password"]))}
                <input type="hidden" name="next" value=next/>
                <Field label="Email" name="email" kind="email" value=email required=true autocomplete="username"/>
                <Field label="Password" name="password" kind="password" required=true autocomplete="current-password" problem=problem/>
                {keep}
                <SubmitOnce label="Sign in" class=if is_alone { "primary" } else { "" }/>
            </form>
            {passkey}
        </div>
    }))
}

/// The link to the provider, and why it did not sign somebody in. Not a form: those may lead to the portal alone.
fn at_provider(name: &str, next: &str) -> AnyView {
    let why: Option<ProviderRefusal> = context::query().get("provider").parse().ok();
    let problem = why.map(|why| notice(Tone::Bad, view! { <p>{provider::refusal(why, name)}</p> }));
    view! {
        {problem}
        <p><ButtonLink href=provider_path(next) look=ButtonLook::Primary rel="external">{format!("Sign in with {name}")}</ButtonLink></p>
        <p class="soft">"Or with a password of this portal:"</p>
    }
    .into_any()
}

/// Says what became of the form that led here.
fn unsent_note(unsent: Unsent) -> AnyView {
    let next = match unsent {
        Unsent::Kept => "Sign in to return to the form with what you typed.",
        Unsent::Lost => "Sign in and fill in the form again.",
    };
    notice(Tone::Warn, view! { <p>"You were signed out. Nothing was sent. "{next}</p> })
}
