//! A person's second factors: setting them up, removing them, giving one at sign-in, and confirming who one is.

use leptos::prelude::*;
use portal::{
    Error, PersonId,
    accounts::{Given, Proof},
};
use secrecy::{ExposeSecret, SecretString};
use server_fn::codec::PostUrl;

use super::session::begin_session;
use crate::{
    answer::{ApiError, Form, actor, confirm_path, safe_next, second_step_path, sign_in_path},
    context,
    done::Done,
    forms::names::{ADD_PASSKEY, ADD_TOTP, CONFIRM, RECOVERY_CODES, REMOVE_FACTOR, SIGN_IN_CODE, SIGN_IN_PASSKEY},
};

const PAGE: &str = "/account/second-factor";

/// `POST /api/fn/add_totp`: the first code of an authenticator app proves that it has the key.
#[server(prefix = "/api/fn", endpoint = "add_totp", input = PostUrl)]
pub async fn add_totp(#[server(default)] name: String, #[server(default)] code: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: ADD_TOTP, typed: &[("name", &name)] };
    form.answer(async {
        let actor = actor()?;
        let codes = context::portal().add_totp(&actor, &name, &code.into()).await?;
        Ok(after_adding(actor.id(), codes))
    })
    .await
}

/// `POST /api/fn/add_passkey`
#[server(prefix = "/api/fn", endpoint = "add_passkey", input = PostUrl)]
pub async fn add_passkey(
    #[server(default)] name: String,
    #[server(default)] challenge: String,
    #[server(default)] answer: String,
) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: ADD_PASSKEY, typed: &[("name", &name)] };
    form.answer(async {
        let actor = actor()?;
        let codes = context::portal().add_passkey(&actor, &name, &challenge, &answer).await?;
        Ok(after_adding(actor.id(), codes))
    })
    .await
}

/// `POST /api/fn/remove_factor`
#[server(prefix = "/api/fn", endpoint = "remove_factor", input = PostUrl)]
pub async fn remove_factor(#[server(default)] factor: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: REMOVE_FACTOR, typed: &[] };
    form.answer(async {
        let factor = factor.parse().map_err(|_| Error::NotFound)?;
        context::portal().remove_factor(&actor()?, factor).await?;
        Ok(Done::FactorRemoved.on(PAGE))
    })
    .await
}

/// `POST /api/fn/new_recovery_codes`: redirects to the page that shows them once.
#[server(prefix = "/api/fn", endpoint = "new_recovery_codes", input = PostUrl)]
pub async fn new_recovery_codes() -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: RECOVERY_CODES, typed: &[] };
    form.answer(async {
        let codes = context::portal().new_recovery_codes(&actor()?).await?;
        show_once(actor()?.id(), &codes);
        Ok(Done::RecoveryCodesMade.on(PAGE))
    })
    .await
}

/// `POST /api/fn/sign_in_with_code`: the second step, by a code of an authenticator app or a recovery code.
#[server(prefix = "/api/fn", endpoint = "sign_in_with_code", input = PostUrl)]
pub async fn sign_in_with_code(
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let next = safe_next(&next);
    let form = Form { page: second_step_path(&next), name: SIGN_IN_CODE, typed: &[] };
    form.answer(async { finish(Given::Code(code.into()), &next).await }).await
}

/// `POST /api/fn/sign_in_with_passkey`: the second step, or a whole sign-in without a password.
#[server(prefix = "/api/fn", endpoint = "sign_in_with_passkey", input = PostUrl)]
pub async fn sign_in_with_passkey(
    #[server(default)] challenge: String,
    #[server(default)] answer: String,
    #[server(default)] next: String,
    #[server(default)] alone: bool,
) -> Result<(), ApiError> {
    let next = safe_next(&next);
    let page = if alone { sign_in_path(&next) } else { second_step_path(&next) };
    let form = Form { page, name: SIGN_IN_PASSKEY, typed: &[] };
    form.answer(async {
        if !alone {
            return finish(Given::Passkey { challenge, answer }, &next).await;
        }
        let visitor = context::visitor();
        let proof = context::portal().sign_in_with_passkey(&challenge, &answer, &visitor.origin).await?;
        sign_in(&proof, &next).await
    })
    .await
}

/// `POST /api/fn/confirm`: a code, or the password of somebody without a second factor.
#[server(prefix = "/api/fn", endpoint = "confirm", input = PostUrl)]
pub async fn confirm(
    #[server(default)] code: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let given = if password.is_empty() { Given::Code(code.into()) } else { Given::Password(password.into()) };
    confirm_by(given, &next).await
}

/// `POST /api/fn/confirm_with_passkey`
#[server(prefix = "/api/fn", endpoint = "confirm_with_passkey", input = PostUrl)]
pub async fn confirm_with_passkey(
    #[server(default)] challenge: String,
    #[server(default)] answer: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    confirm_by(Given::Passkey { challenge, answer }, &next).await
}

/// `POST /api/fn/dismiss_notices`: of what others did to the person's ways to sign in.
#[server(prefix = "/api/fn", endpoint = "dismiss_notices", input = PostUrl)]
pub async fn dismiss_notices(#[server(default)] page: String) -> Result<(), ApiError> {
    let page = safe_next(&page);
    Form { page: page.clone(), name: "notices", typed: &[] }
        .answer(async {
            context::portal().dismiss_notices(&actor()?).await?;
            Ok(page)
        })
        .await
}

async fn confirm_by(given: Given, next: &str) -> Result<(), ApiError> {
    let next = safe_next(next);
    let form = Form { page: confirm_path(&next), name: CONFIRM, typed: &[] };
    form.answer(async {
        context::portal().confirm(&actor()?, given).await?;
        Ok(next.clone())
    })
    .await
}

/// Finishes the sign-in that is under way in this browser. If none is, it has to begin again.
async fn finish(given: Given, next: &str) -> Result<String, Error> {
    let Some(step) = context::second_step().await? else { return Ok(sign_in_path(next)) };
    let proof = context::portal().finish_sign_in(&step, given, &context::visitor().origin).await?;
    sign_in(&proof, next).await
}

async fn sign_in(proof: &Proof, next: &str) -> Result<String, Error> {
    begin_session(proof).await?;
    context::visitor().second_step.remove();
    Ok(next.to_owned())
}

/// Where to go after a factor was added. The page shows the recovery codes once.
fn after_adding(person: PersonId, codes: Option<Vec<SecretString>>) -> String {
    if let Some(codes) = &codes {
        show_once(person, codes);
    }
    Done::FactorAdded.on(PAGE)
}

fn show_once(person: PersonId, codes: &[SecretString]) {
    let lines = codes.iter().map(|code| code.expose_secret()).collect::<Vec<_>>().join("\n");
    context::services().forms.recovery_codes.keep(person, (), lines.into());
}
