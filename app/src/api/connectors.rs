//! Changing what embedded customers get of a connector.

use leptos::prelude::*;
use portal::{
    Error, TeamOperator,
    audit::{Action, TargetType},
    connectors::SharedVersion,
    operations::{Change, Request},
};
use server_fn::codec::PostUrl;

use super::attempted_on;
use crate::{
    answer::{ApiError, Form, actor},
    context,
};

/// `POST /api/fn/share_version`
#[server(prefix = "/api/fn", endpoint = "share_version", input = PostUrl)]
pub async fn share_version(
    #[server(default)] team: String,
    #[server(default)] connector: String,
    #[server(default)] version: String,
    #[server(default)] replaces: String,
    #[server(default)] operation: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let typed = [("version", version.as_str()), ("operation", &operation), ("reason", &reason)];
    let here = format!("{}#version-{version}", page(&team, &connector));
    let form = Form { page: here, name: "share-version", typed: &typed };
    form.answer(async {
        let attempt = attempt(Action::ConnectorShare, &team, &connector).await?;
        let SharedVersion(replaces) = read(&replaces)?;
        let change = Change::ShareConnector { connector: read(&connector)?, version: read(&version)?, replaces };
        perform(&attempt, change, &operation, &reason, Names::default()).await
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
) -> Result<(), ApiError> {
    let typed = [("operation", operation.as_str()), ("confirm", &confirm), ("reason", &reason)];
    let here = format!("{}#stop-sharing", page(&team, &connector));
    let form = Form { page: here, name: "suppress-connector", typed: &typed };
    form.answer(async {
        let attempt = attempt(Action::ConnectorSuppress, &team, &connector).await?;
        let change = Change::SuppressConnector { connector: read(&connector)? };
        let names = Names { typed: confirm.clone(), drawn: name.clone() };
        perform(&attempt, change, &operation, &reason, names).await
    })
    .await
}

/// The connector's name as it was typed and as the form showed it, for what cannot be taken back.
#[derive(Default)]
struct Names {
    typed: String,
    drawn: String,
}

/// The right to it, before anything else of the form is read: who has none is told so, and the attempt written down.
/// The form's word for the name is not, since nothing but the form says it.
async fn attempt(action: Action, team: &str, connector: &str) -> Result<TeamOperator, Error> {
    let target = attempted_on(TargetType::Connector, connector);
    context::portal().team_operator(&actor()?, team, (action, target)).await
}

async fn perform(
    operator: &TeamOperator,
    change: Change,
    operation: &str,
    reason: &str,
    names: Names,
) -> Result<String, Error> {
    let page = page(operator.team().slug.as_str(), &change.target(None).id);
    let request =
        Request { typed_name: names.typed, drawn_name: names.drawn, ..Request::new(read(operation)?, change, reason) };
    let operation = context::portal().perform(operator, request).await?;
    Ok(format!("{page}?operation={operation}"))
}

fn page(team: &str, connector: &str) -> String {
    format!("/teams/{team}/connectors/{connector}")
}

fn read<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Malformed)
}
