//! `/account`: the person's name, rights, password and sessions.

use leptos::prelude::*;
use portal::{Actor, Error, TeamRole, accounts::SessionFacts, teams::Team};

use crate::{
    components::{
        ButtonLink, DoneNotice, Field, Frame, Rendered, Section, SessionActions, SubmitButton, by_name, page,
        problem_summary, session_row, sessions_table,
    },
    context,
    form_memory::Refused,
    forms,
    islands::SubmitOnce,
    wording::people,
};

#[component]
pub fn AccountPage() -> impl IntoView {
    page(account())
}

async fn account() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.section(Section::Account).title("Account");
    let (portal, actor) = (context::portal(), frame.actor()?.clone());
    let refused = forms::refused("password");
    let here = actor.origin().session.clone();
    let sessions = portal.sessions(&actor).await?;
    let mine: Vec<(Team, TeamRole)> = portal
        .teams(&actor)
        .await?
        .into_iter()
        .filter_map(|team| actor.role_in(team.id).map(|role| (team, role)))
        .collect();
    let frame = frame.with_teams().await?;
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <h1>{actor.name().to_owned()}</h1>
                <p class="soft">{actor.email().to_owned()}</p>
            </div>
        </div>
        <DoneNotice more=None/>
        <Rights actor=actor.clone() mine/>
        <SecondFactor actor=actor.clone()/>
        {match actor.signs_in_at_provider() {
            true => view! { <AtProvider/> }.into_any(),
            false => view! { <PasswordForm refused email=actor.email().to_owned()/> }.into_any(),
        }}
        <Sessions sessions here/>
    }))
}

#[component]
fn Rights(actor: Actor, mine: Vec<(Team, TeamRole)>) -> impl IntoView {
    let teams = match mine.is_empty() {
        true => view! { "None. Ask an admin to add you to a team." }.into_any(),
        false => view! {
            <ul>
                {mine
                    .into_iter()
                    .map(|(team, role)| {
                        view! { <li><a href=format!("/teams/{}/connections", team.slug)>{team.name}</a>" · "{role.to_string()}</li> }
                    })
                    .collect_view()}
            </ul>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="rights">
            <h2 id="rights">"What you may do"</h2>
            <dl class="facts">
                <dt>"Role"</dt>
                <dd>{actor.role().to_string()}": "{people::portal_role(actor.role())}</dd>
                <dt>"Teams"</dt>
                <dd>{teams}</dd>
            </dl>
        </section>
    }
}

#[component]
fn SecondFactor(actor: Actor) -> impl IntoView {
    let text = match (actor.has_factor(), actor.signs_in_at_provider()) {
        (true, false) => "You enter a second factor after your password.",
        (true, true) => "You enter a second factor here, unless your identity provider has checked one.",
        (false, false) => "You sign in with your password only.",
        (false, true) => "You have no second factor in this portal.",
    };
    let link = if actor.has_factor() { "Manage your second factors" } else { "Set up a second factor" };
    view! {
        <section class="panel" aria-labelledby="second-factor">
            <h2 id="second-factor">"Second factor"</h2>
            <p>{text}</p>
            <p><ButtonLink href="/account/second-factor">{link}</ButtonLink></p>
        </section>
    }
}

#[component]
fn AtProvider() -> impl IntoView {
    let name = context::portal().provider_name().unwrap_or("your identity provider").to_owned();
    view! {
        <section class="panel" aria-labelledby="provider-heading">
            <h2 id="provider-heading">"Signing in"</h2>
            <p>{format!("You sign in with {name}. You have no password in this portal.")}</p>
        </section>
    }
}

#[component]
fn PasswordForm(refused: Refused, email: String) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="password-heading">
            <h2 id="password-heading">"Password"</h2>
            <p class="soft">"Signs you out everywhere else."</p>
            <form class="fields" method="post" action="/api/fn/change_password">
                {problem_summary(&refused, by_name(["old_password", "password"]))}
                // For password managers, which otherwise store the new password without a user name.
                <input type="text" name="username" autocomplete="username" value=email hidden/>
                <Field
                    label="Old password"
                    name="old_password"
                    kind="password"
                    required=true
                    autocomplete="current-password"
                    problem=refused.problem("old_password")
                />
                <Field
                    label="New password"
                    name="password"
                    kind="password"
                    required=true
                    autocomplete="new-password"
                    hint="At least 12 characters."
                    problem=refused.problem("password")
                />
                <SubmitOnce label="Change password" class="primary"/>
            </form>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionFacts>, here: Option<String>) -> impl IntoView {
    let are_others = sessions.len() > 1;
    let rows = sessions
        .into_iter()
        .map(|session| {
            let this = here.as_deref() == Some(session.label.as_str());
            let button = if this { "Revoke this session" } else { "Revoke" };
            let label = session.label.clone();
            let form = view! {
                <form method="post" action="/api/fn/revoke_session">
                    <input type="hidden" name="session" value=label.clone()/>
                    <SubmitButton label=format!("{button} {label}")>{button}</SubmitButton>
                </form>
            };
            session_row(session, this, Some(form.into_any()))
        })
        .collect_view();
    let all = are_others.then(|| {
        view! {
            <div class="row">
                <form method="post" action="/api/fn/revoke_sessions">
                    <button class="btn" type="submit" name="which" value="others">"Revoke all other sessions"</button>
                </form>
                <form method="post" action="/api/fn/revoke_sessions">
                    <button class="btn" type="submit" name="which" value="all">"Sign out everywhere"</button>
                </form>
            </div>
        }
    });
    view! {
        <section class="panel" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <p class="soft">"Where you are signed in. Revoke any you don't recognise. Revoking this one signs you out."</p>
            {sessions_table("Your sessions, most recently used first".to_owned(), rows.into_any(), SessionActions::Each)}
            {all}
        </section>
    }
}
