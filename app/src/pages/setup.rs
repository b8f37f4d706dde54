//! `/setup`: a one-time link, with which the first admin or an invited person chooses a password. The server has taken
//! its secret out of the URL.

use http::StatusCode;
use leptos::prelude::*;
use portal::{Error, accounts::Invitation};

use crate::{
    components::{ButtonLink, Field, Frame, Rendered, by_name, page, problem_summary, set_status},
    context, forms,
    islands::SubmitOnce,
};

const RULE: &str = "At least 12 characters. A few unrelated words work best.";

#[component]
pub fn SetupPage() -> impl IntoView {
    page(setup())
}

async fn setup() -> Result<Rendered, Error> {
    let (set_up, join) = (forms::refused("set-up"), forms::refused("join"));
    match context::portal().invitation(&context::one_time_link(), &context::visitor().origin).await {
        Err(Error::NotFound) => Ok(invalid_link()),
        Err(error) => Err(error),
        Ok(Invitation::FirstAdmin) => Ok(Frame::bare().title("Set up the portal").render(view! {
            <form class="panel sign-in" method="post" action="/api/fn/set_up">
                {problem_summary(&set_up, by_name(["email", "name", "password"]))}
                <h1>"Set up the portal"</h1>
                <p>"You become its first admin, who creates teams and invites people."</p>
                <Field
                    label="Email"
                    name="email"
                    kind="email"
                    value=set_up.value("email", "")
                    required=true
                    autocomplete="username"
                    problem=set_up.problem("email")
                />
                <Field
                    label="Name"
                    name="name"
                    value=set_up.value("name", "")
                    required=true
                    autocomplete="name"
                    hint="Your name in the audit log"
                    problem=set_up.problem("name")
                />
                <NewPassword problem=set_up.problem("password")/>
                <SubmitOnce label="Set up the portal" class="primary"/>
            </form>
        })),
        Ok(Invitation::AwaitsRelease(_)) => Ok(link_that_waits()),
        Ok(Invitation::Recovers(person)) => Ok(Frame::bare().title("Choose a new password").render(view! {
            <form class="panel sign-in" method="post" action="/api/fn/join">
                <h1>"Welcome back, "{person.name}</h1>
                <p>
                    "Choose a new password for "<strong>{person.email}</strong>". This link also removes your authenticator apps, passkeys and recovery codes, so that you can set up new ones."
                </p>
                {problem_summary(&join, by_name(["password"]))}
                <NewPassword problem=join.problem("password")/>
                <SubmitOnce label="Choose password" class="primary"/>
            </form>
        })),
        Ok(Invitation::Person(person)) => Ok(Frame::bare().title("Choose a password").render(view! {
            <form class="panel sign-in" method="post" action="/api/fn/join">
                <h1>"Welcome, "{person.name}</h1>
                <p>"Choose a password. You sign in with it and "<strong>{person.email}</strong>"."</p>
                {problem_summary(&join, by_name(["password"]))}
                <NewPassword problem=join.problem("password")/>
                <SubmitOnce label="Choose password" class="primary"/>
            </form>
        })),
    }
}

#[component]
fn NewPassword(#[prop(optional_no_strip)] problem: Option<String>) -> impl IntoView {
    view! {
        <Field
            label="Password"
            name="password"
            kind="password"
            required=true
            autocomplete="new-password"
            hint=RULE
            problem=problem
        />
    }
}

/// The page of a link that works only once a second admin has released it.
fn link_that_waits() -> Rendered {
    set_status(StatusCode::FORBIDDEN);
    let heading = "This link isn't released yet";
    Frame::bare().title(heading).render(view! {
        <section class="panel refusal" aria-labelledby="refusal">
            <h1 id="refusal">{heading}</h1>
            <p>"A new link for someone who already has a password needs two admins: one creates it, another releases it."</p>
            <p>"Ask another admin to release it on your page under People, then open this link again."</p>
            <p><ButtonLink href="/login">"Sign in"</ButtonLink></p>
        </section>
    })
}

/// The page of an invalid link. It does not say why the link is invalid, so that guessing links reveals nothing.
fn invalid_link() -> Rendered {
    set_status(StatusCode::NOT_FOUND);
    let heading = "This link has expired";
    Frame::bare().title(heading).render(view! {
        <section class="panel refusal" aria-labelledby="refusal">
            <p class="soft">"404"</p>
            <h1 id="refusal">{heading}</h1>
            <p>"It was used or replaced by a newer one, or it is more than seven days old. If you opened it more than an "
                "hour ago, open it again."</p>
            <p>
                "Ask an admin for a new one. If the portal has no admin yet, restart it to get a new "
                "link."
            </p>
            <p><ButtonLink href="/login">"Sign in"</ButtonLink></p>
        </section>
    })
}
