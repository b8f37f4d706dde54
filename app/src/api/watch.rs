//! Comparing a team's workspace with the audit log.

use leptos::prelude::*;
use portal::Compared;
use server_fn::codec::PostUrl;

use crate::{
    answer::{ApiError, Form, actor},
    components::changes_outside,
    context,
    done::Done,
};

/// `POST /api/fn/compare_with_log`
#[server(prefix = "/api/fn", endpoint = "compare_with_log", input = PostUrl)]
pub async fn compare_with_log(#[server(default)] team: String) -> Result<(), ApiError> {
    let page = format!("/teams/{team}/connectors");
    let form = Form { page: page.clone(), name: "compare-with-log", typed: &[] };
    form.answer(async {
        let portal = context::portal();
        let reader = portal.team(&actor()?, &team).await?;
        Ok(match portal.watch(&reader).await? {
            Compared::Begun => Done::WatchBegun.on(&page),
            Compared::Observed(0) => Done::NothingObserved.on(&page),
            Compared::Observed(_) => changes_outside(&team),
        })
    })
    .await
}
