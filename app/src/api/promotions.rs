//! Pairing a connector with its counterpart in another team, promoting a version of it, and continuing that.

#![expect(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]
use leptos::prelude::*;
use portal::{
    Attempt, Error, OperationId,
    audit::{Action, TargetType},
    promotions::{Promoter, PromotionInput},
};
use server_fn::codec::PostUrl;

use super::{attempted_on, hidden};
use crate::{
    answer::{ApiError, Form, actor, with_parameter},
    context,
    done::Done,
    forms::names::{PAIR_CONNECTORS, PROMOTE_CONNECTOR, RESUME_PROMOTION},
};

/// `POST /api/fn/pair_connectors`
#[server(prefix = "/api/fn", endpoint = "pair_connectors", input = PostUrl)]
pub async fn pair_connectors(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] to: String,
    #[server(default)] counterpart: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connector, &to);
    let form = Form { page: page.clone(), name: PAIR_CONNECTORS, typed: &[("counterpart", &counterpart)] };
    form.answer(async {
        let promoter = promoter((&team, &to), &connector, Action::ConnectorPair, None).await?;
        // Nothing is paired yet: the first promotion creates the counterpart.
        if counterpart == "new" {
            return Ok(with_parameter(&page, "create", "yes"));
        }
        let counterpart = counterpart
            .parse()
            .map_err(|_| portal::Problem::from(portal::PromotionProblem::NoCounterpart).of("counterpart"))?;
        context::portal().pair_connectors(&promoter, counterpart).await?;
        Ok(Done::Paired.on(&page))
    })
    .await
}

/// `POST /api/fn/promote_connector`: makes the plan and carries it out.
#[server(prefix = "/api/fn", endpoint = "promote_connector", input = PostUrl)]
pub async fn promote_connector(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] to: String,
    #[server(default)] operation: String,
    #[server(default)] version: String,
    #[server(default)] sha256: String,
    #[server(default)] note: String,
    #[server(default)] share: String,
    #[server(default)] create: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connector, &to);
    let here = if create == "yes" { with_parameter(&page, "create", "yes") } else { page.clone() };
    let typed = [("operation", operation.as_str()), ("note", &note), ("share", &share), ("reason", &reason)];
    let form = Form { page: here, name: PROMOTE_CONNECTOR, typed: &typed };
    form.answer(async {
        let promoter = promoter((&team, &to), &connector, Action::ConnectorPromote, None).await?;
        let input = PromotionInput {
            operation: hidden(&operation)?,
            version: hidden(&version)?,
            sha256: sha256.clone(),
            note: note.clone(),
            shares: share == "yes",
            creates: create == "yes",
            reason: reason.clone(),
        };
        context::portal().promote(&promoter, &input).await?;
        Ok(page.clone())
    })
    .await
}

/// `POST /api/fn/resume_promotion`
#[server(prefix = "/api/fn", endpoint = "resume_promotion", input = PostUrl)]
pub async fn resume_promotion(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] to: String,
    #[server(default)] promotion: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connector, &to);
    let form = Form { page: page.clone(), name: RESUME_PROMOTION, typed: &[] };
    form.answer(async {
        let promoter = promoter((&team, &to), &connector, Action::ConnectorPromote, Some(&promotion)).await?;
        context::portal().resume_promotion(&promoter, hidden(&promotion)?).await?;
        Ok(page.clone())
    })
    .await
}

async fn promoter(
    teams: (&str, &str),
    connector: &str,
    attempted: Action,
    resumes: Option<&str>,
) -> Result<Promoter, Error> {
    let resumes = resumes.and_then(|id| id.parse::<OperationId>().ok());
    let attempt = Attempt::new(attempted, attempted_on(TargetType::Connector, connector)).with("resumes", resumes);
    let portal = context::portal();
    let actor = actor()?;
    match connector.parse() {
        Ok(connector) => portal.promoter(&actor, teams, connector, attempt).await,
        // Who has no right learns nothing else.
        Err(_) => portal.team_operator(&actor, teams.0, attempt).await.and(Err(Error::Malformed)),
    }
}

fn page(team: &str, connector: &str, to: &str) -> String {
    with_parameter(&format!("/teams/{team}/connectors/{connector}/promote"), "to", to)
}
