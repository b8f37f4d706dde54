//! Signing in and out.

use leptos::prelude::*;
use portal::{Error, accounts::Proof};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use crate::{
    answer::{ApiError, Form, safe_next, sign_in_path},
    context,
};

/// `POST /api/fn/sign_in`
#[server(prefix = "/api/fn", endpoint = "sign_in", input = PostUrl)]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let next = safe_next(&next);
    let form = Form { page: sign_in_path(&next), name: "sign-in", typed: &[("email", &email)] };
    form.answer(async {
        let visitor = context::visitor();
        let proof = context::portal().sign_in(&email, SecretString::from(password), &visitor.origin).await?;
        begin_session(&proof).await?;
        Ok(next.clone())
    })
    .await
}

/// `POST /api/fn/sign_out`
#[server(prefix = "/api/fn", endpoint = "sign_out", input = PostUrl)]
pub async fn sign_out() -> Result<(), ApiError> {
    Form { page: "/".to_owned(), name: "sign-out", typed: &[] }.answer(end_session()).await
}

/// Ends the current session, and returns where to go next.
pub(super) async fn end_session() -> Result<String, Error> {
    let visitor = context::visitor();
    if let (Some(actor), Some(key)) = (&visitor.actor, visitor.session_key(&context::portal())) {
        context::portal().sign_out(actor, &key).await?;
    }
    if visitor.session.id().is_some() {
        visitor.session.flush().await.map_err(internal)?;
    }
    Ok("/login".to_owned())
}

/// Starts a session for the person that `proof` names, under a new id. A current session ends.
pub(super) async fn begin_session(proof: &Proof) -> Result<(), Error> {
    end_session().await?;
    let visitor = context::visitor();
    let session = &visitor.session;
    let new_id = async {
        // Marks the session as changed, so that its cookie is set.
        session.insert("signed_in", true).await?;
        session.save().await
    };
    new_id.await.map_err(internal)?;
    let key = visitor
        .session_key(&context::portal())
        .ok_or_else(|| Error::Internal("a saved session has no id".to_owned()))?;
    let begun = context::portal().begin_session(proof, &key, &visitor.origin).await;
    if begun.is_err() {
        session.flush().await.map_err(internal)?;
    }
    begun
}

fn internal(error: tower_sessions::session::Error) -> Error {
    Error::Internal(error.to_string())
}
