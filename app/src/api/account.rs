//! A person's own account: changing the password, revoking sessions.

use leptos::prelude::*;
use portal::Error;
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use super::{session::end_session, setup::new_password};
use crate::{
    answer::{ApiError, Form, actor},
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
        let (actor, key) = (actor()?, context::visitor().session_key(&context::portal()).ok_or(Error::SignedOut)?);
        let (old, new) = (SecretString::from(old_password), new_password(password)?);
        context::portal().change_password(&actor, &key, old, new).await?;
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
        let own = context::visitor().session_key(&context::portal()).is_some_and(|key| key.label() == session);
        if own {
            return end_session().await;
        }
        let found = context::portal().revoke_session(&actor, &session).await?;
        Ok(if found { Done::SessionRevoked } else { Done::SessionOver }.on(PAGE))
    })
    .await
}
