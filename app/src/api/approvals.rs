//! Approving, declining and withdrawing requests.

use leptos::prelude::*;
use portal::{Error, OperationId, operations::Decision};
use server_fn::codec::PostUrl;

use crate::{
    answer::{ApiError, Form, actor},
    context,
    done::Done,
    forms::names::{APPROVE_REQUEST, DECLINE_REQUEST, WITHDRAW_REQUEST},
};

/// `POST /api/fn/approve_request`: carries the change out.
#[server(prefix = "/api/fn", endpoint = "approve_request", input = PostUrl)]
pub async fn approve_request(
    #[server(default)] operation: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    let form = Form { page: page(&operation), name: APPROVE_REQUEST, typed: &[("note", &note)] };
    form.answer(async {
        let portal = context::portal();
        let approver = portal.approver(&actor()?, read(&operation)?, Decision::Approve).await?;
        portal.approve(&approver, &note).await?;
        Ok(Done::RequestApproved.on(&page(&operation)))
    })
    .await
}

/// `POST /api/fn/decline_request`
#[server(prefix = "/api/fn", endpoint = "decline_request", input = PostUrl)]
pub async fn decline_request(
    #[server(default)] operation: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    let form = Form { page: page(&operation), name: DECLINE_REQUEST, typed: &[("note", &note)] };
    form.answer(async {
        let portal = context::portal();
        let approver = portal.approver(&actor()?, read(&operation)?, Decision::Decline).await?;
        portal.decline(&approver, &note).await?;
        Ok(Done::RequestDeclined.on(&page(&operation)))
    })
    .await
}

/// `POST /api/fn/withdraw_request`
#[server(prefix = "/api/fn", endpoint = "withdraw_request", input = PostUrl)]
pub async fn withdraw_request(#[server(default)] operation: String) -> Result<(), ApiError> {
    let form = Form { page: page(&operation), name: WITHDRAW_REQUEST, typed: &[] };
    form.answer(async {
        context::portal().withdraw(&actor()?, read(&operation)?).await?;
        Ok(Done::RequestWithdrawn.on(&page(&operation)))
    })
    .await
}

fn read(id: &str) -> Result<OperationId, Error> {
    id.parse().map_err(|_| Error::Malformed)
}

/// The request's page, or the list if `id` is invalid.
fn page(id: &str) -> String {
    id.parse::<OperationId>().map_or("/approvals".to_owned(), |id| format!("/approvals/{id}"))
}
