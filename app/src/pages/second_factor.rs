//! `/account/second-factor`: a person's authenticator apps, passkeys and recovery codes.

use leptos::prelude::*;
use portal::{
    Error,
    accounts::{Challenge, Factor, FactorKind, FactorList, NewTotp},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    answer::confirm_path,
    components::{
        Ago, ButtonLink, ButtonLook, DoneNotice, Field, Frame, Moment, PasskeyForm, PasskeyVerb, Rendered, Section,
        SubmitButton, by_id, empty, lone_problem, page, problem_summary, redirected,
    },
    context,
    form_memory::Refused,
    forms::{
        self,
        names::{ADD_PASSKEY, ADD_TOTP, RECOVERY_CODES, REMOVE_FACTOR},
    },
    islands::{CopyButton, SubmitOnce},
};

#[component]
pub fn SecondFactorPage() -> impl IntoView {
    page(second_factor())
}

async fn second_factor() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.section(Section::Account).title("Second factor");
    let (services, actor) = (context::services(), frame.actor()?.clone());
    let portal = &services.portal;
    let must_set_up = portal.must_set_up_factor(&actor);
    let list = portal.factors(&actor).await?;
    let new = match portal.new_totp(&actor) {
        Ok(totp) if list.has_passkeys => Some((totp, Some(portal.challenge_for_new_passkey(&actor).await?))),
        Ok(totp) => Some((totp, None)),
        // Nobody can do anything here without it, and there is nothing else to see.
        Err(Error::FactorNeeded) if must_set_up => return Ok(redirected(&confirm_path("/account/second-factor"))),
        Err(Error::FactorNeeded) => None,
        Err(error) => return Err(error),
    };
    let frame = if must_set_up { frame } else { frame.with_teams().await? };
    // After everything that can fail, because codes that are taken can be shown only now.
    let codes = services.forms.recovery_codes.take(actor.id(), ());
    let adding = match new {
        Some((totp, challenge)) => view! {
            <NewApp totp refused=forms::refused(ADD_TOTP)/>
            <NewPasskey challenge refused=forms::refused(ADD_PASSKEY)/>
        }
        .into_any(),
        None => view! {
            <section class="panel" aria-labelledby="add">
                <h2 id="add">"Add a second factor"</h2>
                <p>"Confirm that it's you before you add, remove or replace anything here."</p>
                <p><ButtonLink href=confirm_path("/account/second-factor") look=ButtonLook::Primary>"Confirm that it's you"</ButtonLink></p>
            </section>
        }
        .into_any(),
    };
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <p class="soft"><a href="/account">"Account"</a></p>
                <h1>"Second factor"</h1>
                <p class="soft">"You enter it after your password when you sign in, and before sensitive changes."</p>
            </div>
        </div>
        <DoneNotice/>
        {must_set_up.then(required_notice)}
        {codes.map(new_codes)}
        <Factors list=list.clone()/>
        <div class="cols factors">{adding}</div>
        <RecoveryCodes list/>
    }))
}

fn required_notice() -> AnyView {
    view! {
        <div class="callout warn notice" role="status">
            <strong>"Your role needs a second factor."</strong>
            <span>"Set one up to continue: an authenticator app on your phone, or a passkey."</span>
        </div>
        <form method="post" action="/api/fn/sign_out">
            <SubmitButton>"Sign out"</SubmitButton>
        </form>
    }
    .into_any()
}

fn new_codes(codes: SecretString) -> AnyView {
    let codes = codes.expose_secret().to_owned();
    view! {
        <section class="callout ok notice" aria-labelledby="new-codes">
            <h2 id="new-codes">"Your recovery codes"</h2>
            <p>
                "Each works once, instead of a code from your app. Keep them somewhere you can reach without your phone. "
                <strong>"Copy them now. They won't be shown again."</strong>
            </p>
            <pre id="codes" class="id">{codes}</pre>
            <p class="row">
                <CopyButton of="codes" label="Copy codes"/>
                <ButtonLink href="/" look=ButtonLook::Primary>"I saved them, continue"</ButtonLink>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Factors(list: FactorList) -> AnyView {
    if list.factors.is_empty() {
        return empty("You have no second factor.");
    }
    let problem = forms::refused(REMOVE_FACTOR).problem("factor");
    let rows = list.factors.into_iter().map(row).collect_view();
    view! {
        {lone_problem(problem)}
        <div class="sheet">
            <table class="cards">
                <caption>"Your second factors, oldest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col" class="minor">"Added"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"Action"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(factor: Factor) -> AnyView {
    let kind = match factor.kind {
        FactorKind::Totp => "authenticator app",
        FactorKind::Passkey => "passkey",
    };
    let used = match factor.last_used_at {
        Some(at) => view! { <Ago at=at/> }.into_any(),
        None => view! { <span class="soft">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{factor.name.clone()}</th>
            <td>{kind}</td>
            <td class="minor"><Moment at=factor.created_at/></td>
            <td>{used}</td>
            <td>
                <form method="post" action="/api/fn/remove_factor">
                    <input type="hidden" name="factor" value=factor.id.to_string()/>
                    <SubmitButton look=ButtonLook::Danger label=format!("Remove {}", factor.name)>"Remove"</SubmitButton>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn NewApp(totp: NewTotp, refused: Refused) -> AnyView {
    let key = totp.key.expose_secret().to_owned();
    view! {
        <section class="panel" aria-labelledby="add-app">
            <h2 id="add-app">"Add an authenticator app"</h2>
            <ol>
                <li>"Scan this code with your app, "<a href=totp.uri.expose_secret().to_owned()>"open it on this device"</a>", or type the key."</li>
                <li>"Enter the six digits the app shows."</li>
            </ol>
            <div class="qr" role="img" aria-label="QR code with the key below" inner_html=totp.svg.expose_secret().to_owned()></div>
            <p>"Key: "<code class="id" id="totp-key">{key}</code></p>
            <form class="fields" method="post" action="/api/fn/add_totp">
                {problem_summary(&refused, by_id([("name", "app-name".to_owned()), ("code", "code".to_owned())]))}
                <Field
                    label="Name of the app or device"
                    name="name"
                    id="app-name"
                    value=refused.value("name", "Authenticator app")
                    required=true
                    autocomplete="off"
                    problem=refused.problem("name")
                />
                <Field
                    label="Code"
                    name="code"
                    required=true
                    autocomplete="one-time-code"
                    problem=refused.problem("code")
                />
                <SubmitOnce label="Add the app" class="primary"/>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn NewPasskey(#[prop(optional_no_strip)] challenge: Option<Challenge>, refused: Refused) -> AnyView {
    let content = match challenge {
        None => view! {
            <p>"Passkeys don't work at this address. Browsers need https and a host name."</p>
        }
        .into_any(),
        Some(challenge) => view! {
            <p>"Sign in with your device or security key, using your fingerprint, face or PIN. A passkey also works without your password."</p>
            <PasskeyForm
                verb=PasskeyVerb::Create
                challenge
                action="/api/fn/add_passkey"
                label="Add a passkey"
                class="primary"
                problem=refused.problem("passkey")
            >
                <Field
                    label="Name of the passkey"
                    name="name"
                    id="passkey-name"
                    value=refused.value("name", "This device")
                    required=true
                    autocomplete="off"
                    problem=refused.problem("name")
                />
            </PasskeyForm>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="add-passkey">
            <h2 id="add-passkey">"Add a passkey"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn RecoveryCodes(list: FactorList) -> AnyView {
    if list.factors.is_empty() {
        return ().into_any();
    }
    let problem = forms::refused(RECOVERY_CODES).problem("recovery");
    let left = match list.recovery_codes {
        0 => "You have no recovery codes left.".to_owned(),
        1 => "You have 1 recovery code left.".to_owned(),
        left => format!("You have {left} recovery codes left."),
    };
    view! {
        <section class="panel" aria-labelledby="recovery-codes">
            <h2 id="recovery-codes">"Recovery codes"</h2>
            <p>{left}" Each works once, when you don't have your phone or passkey."</p>
            {lone_problem(problem)}
            <form method="post" action="/api/fn/new_recovery_codes">
                <SubmitOnce label="Create ten new codes" class=""/>
            </form>
            <p class="hint">"New codes replace the earlier ones."</p>
        </section>
    }
    .into_any()
}
