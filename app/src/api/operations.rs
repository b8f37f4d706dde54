//! Settling operations by hand.

use leptos::prelude::*;
use portal::{
    Error,
    audit::{Action, TargetType},
};
use server_fn::codec::PostUrl;

use super::attempted_on;
use crate::{
    answer::{ApiError, Form, actor},
    context,
};

/// `POST /api/fn/settle_operation`
#[server(prefix = "/api/fn", endpoint = "settle_operation", input = PostUrl)]
pub async fn settle_operation(
    #[server(default)] team: String,
    #[server(default)] id: String,
    #[server(default)] finding: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    let page = format!("/audit/{id}");
    let typed = [("finding", finding.as_str()), ("note", &note)];
    let form = Form { page: page.clone(), name: "settle-operation", typed: &typed };
    form.answer(async {
        let (actor, portal) = (actor()?, context::portal());
        let attempted = (Action::OperationSettle, attempted_on(TargetType::Operation, &id));
        let operator = portal.team_operator(&actor, &team, attempted).await?;
        let operation = id.parse().map_err(|_| Error::Malformed)?;
        let finding = match finding.as_str() {
            "" => None,
            word => Some(word.parse().map_err(|_| Error::Malformed)?),
        };
        portal.settle_by_hand(&operator, operation, finding, &note).await?;
        Ok(page)
    })
    .await
}
