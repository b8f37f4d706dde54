//! Reading from Workato again before the cached copy expires.

use leptos::prelude::*;
use server_fn::codec::PostUrl;

use crate::{
    answer::{ApiError, Form, actor, safe_next, sign_in_path},
    context,
};

/// `POST /api/fn/refresh`
#[server(prefix = "/api/fn", endpoint = "refresh", input = PostUrl)]
pub async fn refresh(
    #[server(default)] team: String,
    #[server(default)] page: String,
    #[server(default)] what: String,
) -> Result<(), ApiError> {
    let page = safe_next(&page);
    let form = Form { page: page.clone(), name: "refresh", typed: &[] };
    form.answer(async {
        // Signed out, there is nothing to send again: after signing in, the page is read anyway.
        let Ok(actor) = actor() else { return Ok(sign_in_path(&page)) };
        let portal = context::portal();
        let reader = portal.team(&actor, &team).await?;
        match what.as_str() {
            "customers" => portal.refresh_customers(&reader),
            _ => portal.refresh(&reader),
        }
        Ok(page)
    })
    .await
}
