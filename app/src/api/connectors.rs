//! Sharing and suppressing connectors.

#![expect(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]

use leptos::prelude::*;
use portal::{
    Attempt, Error, TeamOperator,
    audit::{Action, TargetType},
    connectors::SharedVersion,
    operations::{Change, Request, Urgency},
};
use server_fn::codec::PostUrl;
use workato::ConnectorVersion;

use super::{attempted_on, hidden, operator, urgency};
use crate::{
    answer::{ApiError, Form},
    context,
    forms::names::{SHARE_VERSION, SUPPRESS_CONNECTOR},
};

/// `POST /api/fn/share_version`
#[server(prefix = "/api/fn", endpoint = "share_version", input = PostUrl)]
pub async fn share_version(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] version: String,
    #[server(default)] replaces: String,
    #[server(default)] operation: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] break_glass: String,
) -> Result<(), ApiError> {
    let typed =
        [("version", version.as_str()), ("operation", &operation), ("reason", &reason), ("break_glass", &break_glass)];
    let here = format!("{}#version-{version}", page(&team, &connector));
    let form = Form { page: here, name: SHARE_VERSION, typed: &typed };
    form.answer(async {
        let requested: Option<ConnectorVersion> = version.parse().ok();
        let operator = operator(&team, attempt(Action::ConnectorShare, &connector).with("version", requested)).await?;
        let SharedVersion(replaces) = hidden(&replaces)?;
        let change = Change::ShareConnector { connector: hidden(&connector)?, version: hidden(&version)?, replaces };
        let names = Names { typed: String::new(), drawn: name };
        perform(&operator, change, &operation, (&reason, urgency(&break_glass)), names).await
    })
    .await
}

/// `POST /api/fn/suppress_connector`
#[server(prefix = "/api/fn", endpoint = "suppress_connector", input = PostUrl)]
pub async fn suppress_connector(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] operation: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] break_glass: String,
) -> Result<(), ApiError> {
    let typed =
        [("operation", operation.as_str()), ("confirm", &confirm), ("reason", &reason), ("break_glass", &break_glass)];
    let here = format!("{}#stop-sharing", page(&team, &connector));
    let form = Form { page: here, name: SUPPRESS_CONNECTOR, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::ConnectorSuppress, &connector)).await?;
        let change = Change::SuppressConnector { connector: hidden(&connector)? };
        let names = Names { typed: confirm.clone(), drawn: name.clone() };
        perform(&operator, change, &operation, (&reason, urgency(&break_glass)), names).await
    })
    .await
}

/// The connector's name as the person typed it, to confirm a destructive change, and as the form showed it.
struct Names {
    typed: String,
    drawn: String,
}

fn attempt(action: Action, connector: &str) -> Attempt {
    Attempt::new(action, attempted_on(TargetType::Connector, connector))
}

async fn perform(
    operator: &TeamOperator,
    change: Change,
    operation: &str,
    (reason, urgency): (&str, Urgency),
    names: Names,
) -> Result<String, Error> {
    let page = page(operator.team().slug.as_str(), &change.target(None).id);
    let request = Request {
        typed_name: names.typed,
        drawn_name: names.drawn,
        urgency,
        ..Request::new(hidden(operation)?, change, reason)
    };
    let operation = context::portal().perform(operator, request).await?;
    Ok(format!("{page}?operation={operation}"))
}

fn page(team: &str, connector: &str) -> String {
    format!("/teams/{team}/connectors/{connector}")
}
