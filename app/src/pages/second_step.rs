//! `/login/code`: the second step of signing in. The password was right; the person is not signed in yet.

use leptos::prelude::*;
use portal::Error;

use crate::{
    answer::{safe_next, sign_in_path},
    components::{Field, Frame, PasskeyForm, PasskeyVerb, Rendered, by_name, page, problem_summary_of, redirected},
    context,
    forms::{
        self,
        names::{SIGN_IN_CODE, SIGN_IN_PASSKEY},
    },
    islands::SubmitOnce,
};

#[component]
pub fn SecondStepPage() -> impl IntoView {
    page(ask())
}

async fn ask() -> Result<Rendered, Error> {
    let next = safe_next(&context::query().get("next"));
    if context::visitor().actor.is_some() {
        return Ok(redirected(&next));
    }
    let Some(step) = context::second_step().await? else { return Ok(redirected(&sign_in_path(&next))) };
    let challenge = context::portal().challenge_for_second_step(&step).await?;
    let refused = forms::refused(SIGN_IN_CODE);
    let passkey_problem = forms::refused(SIGN_IN_PASSKEY).problem("passkey");
    let passkey = challenge.map(|challenge| {
        view! {
            <PasskeyForm
                verb=PasskeyVerb::Get
                challenge
                action="/api/fn/sign_in_with_passkey"
                label="Use a passkey"
                next=Some(next.clone())
                problem=passkey_problem
            />
        }
    });
    let again = sign_in_path(&next);
    Ok(Frame::bare().title("Second step").render(view! {
        <div class="panel sign-in">
            <h1>"Second step"</h1>
            <form class="fields" method="post" action="/api/fn/sign_in_with_code">
                {problem_summary_of("Not signed in.", &refused, by_name(["code"]))}
                <input type="hidden" name="next" value=next/>
                <Field
                    label="Code"
                    name="code"
                    required=true
                    autocomplete="one-time-code"
                    hint="The six digits in your authenticator app, or one of your recovery codes."
                    problem=refused.problem("code")
                />
                <SubmitOnce label="Continue" class="primary"/>
            </form>
            {passkey}
            <p class="soft">
                "You have five minutes. "<a href=again>"Start again"</a>
            </p>
            <p class="soft">"If you lost all second factors and recovery codes, ask an admin for a recovery link."</p>
        </div>
    }))
}
