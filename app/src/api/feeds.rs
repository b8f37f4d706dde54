//! Tokens for collectors that read the audit log. For admins.

use leptos::prelude::*;
use portal::{
    Error,
    audit::{Action, TargetType},
};
use server_fn::codec::PostUrl;

use super::admin;
use crate::{
    answer::{ApiError, Form, actor},
    context,
    done::Done,
    forms::names::CREATE_FEED_TOKEN,
};

const PAGE: &str = "/admin/feeds";

/// `POST /api/fn/create_feed_token`: redirects to the page that shows the token once.
#[server(prefix = "/api/fn", endpoint = "create_feed_token", input = PostUrl)]
pub async fn create_feed_token(#[server(default)] name: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: CREATE_FEED_TOKEN, typed: &[("name", &name)] };
    form.answer(async {
        let admin = admin(Action::FeedCreate, TargetType::Feed, "").await?;
        let services = context::services();
        let (token, secret) = services.portal.create_feed_token(&admin, &name).await?;
        services.forms.tokens.keep(actor()?.id(), token.id, secret);
        Ok(Done::FeedCreated.on(PAGE))
    })
    .await
}

/// `POST /api/fn/revoke_feed_token`
#[server(prefix = "/api/fn", endpoint = "revoke_feed_token", input = PostUrl)]
pub async fn revoke_feed_token(#[server(default)] id: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "revoke-feed", typed: &[] };
    form.answer(async {
        let admin = admin(Action::FeedRevoke, TargetType::Feed, &id).await?;
        context::portal().revoke_feed_token(&admin, id.parse().map_err(|_| Error::Malformed)?).await?;
        Ok(Done::FeedRevoked.on(PAGE))
    })
    .await
}
