//! Signing in and out.

use leptos::prelude::*;
use portal::{
    Error,
    accounts::{FirstStep, Proof},
};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use crate::{
    answer::{Answer, ApiError, Form, SIGNED_OUT, safe_next, second_step_path, sign_in_path},
    browser_session, context,
};

/// `POST /api/fn/sign_in`
#[server(prefix = "/api/fn", endpoint = "sign_in", input = PostUrl)]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] keep: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let next = safe_next(&next);
    let form = Form { page: sign_in_path(&next), name: "sign-in", typed: &[("email", &email), ("keep", &keep)] };
    form.answer(async {
        let visitor = context::visitor();
        let first = context::portal().sign_in(&email, SecretString::from(password), &visitor.origin).await?;
        let first = if keep == "yes" { first.to_keep() } else { first };
        after_first_step(first, &next).await
    })
    .await
}

/// Signs a person in, or asks for their second factor if they have one. Returns where to go.
pub(super) async fn after_first_step(first: FirstStep, next: &str) -> Result<String, Error> {
    match first {
        FirstStep::Proved(proof) => {
            begin_session(&proof).await?;
            Ok(next.to_owned())
        }
        FirstStep::NeedsFactor(step) => {
            context::visitor().second_step.set(context::portal().second_step_token(&step)?);
            Ok(second_step_path(next))
        }
    }
}

/// `POST /api/fn/sign_out`
#[server(prefix = "/api/fn", endpoint = "sign_out", input = PostUrl)]
pub async fn sign_out() -> Result<(), ApiError> {
    Form { page: "/".to_owned(), name: "sign-out", typed: &[] }.answer(end_session()).await
}

/// Ends the current session, and returns where to go next.
pub(super) async fn end_session() -> Result<Answer, Error> {
    let (portal, visitor) = (context::portal(), context::visitor());
    browser_session::end(&portal, &visitor).await?;
    // At the provider the person may still be signed in.
    let at_provider =
        visitor.actor.is_some_and(|actor| actor.signs_in_at_provider()) && portal.provider_name().is_some();
    Ok(Answer::SignedOut(if at_provider { SIGNED_OUT } else { "/login" }.to_owned()))
}

/// Starts a session for the person that `proof` names, under a new id. A current session ends.
pub(super) async fn begin_session(proof: &Proof) -> Result<(), Error> {
    browser_session::begin(&context::portal(), &context::visitor(), proof).await
}
