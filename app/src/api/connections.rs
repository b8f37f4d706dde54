//! Changing connections.

use leptos::prelude::*;
use portal::{
    Error,
    audit::{Action, TargetType},
    operations::{Change, Request},
};
use server_fn::codec::PostUrl;

use super::attempted_on;
use crate::{
    answer::{ApiError, Form, actor},
    context,
};

/// `POST /api/fn/delete_connection`
#[server(prefix = "/api/fn", endpoint = "delete_connection", input = PostUrl)]
pub async fn delete_connection(
    #[server(default)] team: String,
    #[server(default)] connection: String,
    #[server(default)] operation: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = format!("/teams/{team}/connections/{connection}");
    let typed = [("operation", operation.as_str()), ("confirm", &confirm), ("reason", &reason)];
    let form = Form { page: page.clone(), name: "delete-connection", typed: &typed };
    form.answer(async {
        let (actor, portal) = (actor()?, context::portal());
        // The right first; the form's word for the name is not written down where nothing but the attempt is.
        let attempted = (Action::ConnectionDelete, attempted_on(TargetType::Connection, &connection));
        let operator = portal.team_operator(&actor, &team, attempted).await?;
        let change = Change::DeleteConnection { connection: connection.parse().map_err(|_| Error::Malformed)? };
        let operation = operation.parse().map_err(|_| Error::Malformed)?;
        let request =
            Request { typed_name: confirm.clone(), drawn_name: name, ..Request::new(operation, change, &reason) };
        let operation = portal.perform(&operator, request).await?;
        Ok(format!("{page}?operation={operation}"))
    })
    .await
}
