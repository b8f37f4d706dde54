//! A person's own account: changing the password, revoking sessions.

use leptos::prelude::*;
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use super::{session::end_session, setup::new_password};
use crate::{
    answer::{Answer, ApiError, Form, actor},
    context,
    done::Done,
};

const PAGE: &str = "/account";

/// `POST /api/fn/change_password`
#[server(prefix = "/api/fn", endpoint = "change_password", input = PostUrl)]
pub async fn change_password(
    #[server(default)] old_password: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "password", typed: &[] };
    form.answer(async {
        let actor = actor()?;
        let (old, new) = (SecretString::from(old_password), new_password(password)?);
        context::portal().change_password(&actor, old, new).await?;
        Ok(Done::PasswordChanged.on(PAGE))
    })
    .await
}

/// `POST /api/fn/revoke_session`
#[server(prefix = "/api/fn", endpoint = "revoke_session", input = PostUrl)]
pub async fn revoke_session(#[server(default)] session: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "session", typed: &[] };
    form.answer(async {
        let actor = actor()?;
        if actor.origin().session.as_deref() == Some(&*session) {
            return end_session().await;
        }
        let found = context::portal().revoke_session(&actor, &session).await?;
        Ok(Answer::SeeOther(if found { Done::SessionRevoked } else { Done::SessionOver }.on(PAGE)))
    })
    .await
}

/// `POST /api/fn/revoke_sessions`: the person's other sessions, or with `which=all` the present one as well.
#[server(prefix = "/api/fn", endpoint = "revoke_sessions", input = PostUrl)]
pub async fn revoke_sessions(#[server(default)] which: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "session", typed: &[] };
    form.answer(async {
        let actor = actor()?;
        if which == "all" {
            context::portal().revoke_all_sessions(&actor).await?;
            return end_session().await;
        }
        context::portal().revoke_other_sessions(&actor).await?;
        Ok(Answer::SeeOther(Done::SessionsRevoked.on(PAGE)))
    })
    .await
}
