//! Signing in and out.

use leptos::prelude::*;
use portal::{
    Error,
    accounts::{FirstStep, Proof},
};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use crate::{
    answer::{Answer, ApiError, Form, safe_next, second_step_path, sign_in_path},
    context,
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
    let visitor = context::visitor();
    if let (Some(actor), Some(key)) = (&visitor.actor, visitor.session_key(&context::portal())) {
        context::portal().sign_out(actor, &key).await?;
    }
    if visitor.session.id().is_some() {
        visitor.session.flush().await.map_err(internal)?;
    }
    Ok(Answer::SignedOut("/login".to_owned()))
}

/// Starts a session for the person that `proof` names, under a new id. A current session ends.
pub(super) async fn begin_session(proof: &Proof) -> Result<(), Error> {
    end_session().await?;
    let (portal, visitor) = (context::portal(), context::visitor());
    let key = context::key_of(&portal, visitor.new_id);
    let begun = portal.begin_session(proof, &key, &visitor.origin).await?;
    context::hand_over(&visitor.session, visitor.new_id, &begun).await.map_err(internal)
}

fn internal(error: tower_sessions::session::Error) -> Error {
    Error::Internal(error.to_string())
}
