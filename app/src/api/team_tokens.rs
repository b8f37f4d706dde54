//! Withdrawing a team's token, replacing it at Workato, and retiring a team. For admins.

use leptos::prelude::*;
use portal::{
    Error, Problem, ReadFailure,
    audit::{Action, TargetType},
    teams::{Confirmed, Rotation},
};
use server_fn::codec::PostUrl;

use super::{admin, hidden, teams::team_page};
use crate::{
    answer::{ApiError, Form},
    context,
    done::Done,
    form_memory::OPERATION,
    forms::names::{RETIRE_TEAM, ROTATE_TOKEN, WITHDRAW_TOKEN},
};

/// `POST /api/fn/withdraw_token`
#[server(prefix = "/api/fn", endpoint = "withdraw_token", input = PostUrl)]
pub async fn withdraw_token(
    #[server(default)] team: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] operation: String,
) -> Result<(), ApiError> {
    let _ = (name, operation);
    let page = team_page(&team);
    let form = Form { page: page.clone(), name: WITHDRAW_TOKEN, typed: &[("confirm", &confirm), ("reason", &reason)] };
    form.answer(async {
        let admin = admin(Action::TeamTokenWithdraw, TargetType::Team, &team).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        let confirmed = Confirmed { name: confirm.clone(), reason: reason.clone() };
        portal.withdraw_token(&admin, team.id, &confirmed).await?;
        Ok(Done::TokenWithdrawn.on(&page))
    })
    .await
}

/// `POST /api/fn/retire_team`
#[server(prefix = "/api/fn", endpoint = "retire_team", input = PostUrl)]
pub async fn retire_team(
    #[server(default)] team: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] operation: String,
) -> Result<(), ApiError> {
    let _ = (name, operation);
    let page = team_page(&team);
    let form = Form { page: page.clone(), name: RETIRE_TEAM, typed: &[("confirm", &confirm), ("reason", &reason)] };
    form.answer(async {
        let admin = admin(Action::TeamRetire, TargetType::Team, &team).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        let confirmed = Confirmed { name: confirm.clone(), reason: reason.clone() };
        portal.retire_team(&admin, team.id, &confirmed).await?;
        Ok(Done::TeamRetired.on(&page))
    })
    .await
}

/// `POST /api/fn/rotate_token`: Workato replaces the team's token. Redirects to the operation, which says how it ended.
#[server(prefix = "/api/fn", endpoint = "rotate_token", input = PostUrl)]
pub async fn rotate_token(
    #[server(default)] team: String,
    #[server(default)] client: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] operation: String,
) -> Result<(), ApiError> {
    let _ = name;
    let page = format!("{}/token", team_page(&team));
    let typed = [(OPERATION, &*operation), ("client", &client), ("confirm", &confirm), ("reason", &reason)];
    let form = Form { page, name: ROTATE_TOKEN, typed: &typed };
    form.answer(async {
        let admin = admin(Action::TeamTokenRotate, TargetType::Team, &team).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        let confirmed = Confirmed { name: confirm.clone(), reason: reason.clone() };
        let rotation = Rotation { operation: hidden(&operation)?, client: client.clone(), confirmed };
        match portal.rotate_token(&admin, team.id, &rotation).await {
            Ok(operation) => Ok(format!("/audit/{operation}")),
            Err(Error::Workato(error)) => Err(Problem::Workato { failure: ReadFailure::from(&*error) }.of("client")),
            Err(error) => Err(error),
        }
    })
    .await
}
