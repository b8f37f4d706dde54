//! Changing what embedded customers get of a connector.

use leptos::prelude::*;
use portal::{
    Actor, Error,
    operations::{Change, Request},
};
use server_fn::codec::PostUrl;

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
    #[server(default)] operation: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let typed = [("version", version.as_str()), ("operation", &operation), ("reason", &reason)];
    let here = format!("{}#version-{version}", page(&team, &connector));
    let form = Form { page: here, name: "share-version", typed: &typed };
    form.answer(async {
        let actor = actor()?;
        let (connector, version) = (read(&connector)?, read(&version)?);
        let change = Change::ShareConnector { connector, version };
        perform(&actor, &team, change, &operation, &reason, Names::default()).await
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
        let actor = actor()?;
        let change = Change::SuppressConnector { connector: read(&connector)? };
        let names = Names { typed: confirm.clone(), drawn: name.clone() };
        perform(&actor, &team, change, &operation, &reason, names).await
    })
    .await
}

/// The connector's name as it was typed and as the form showed it, for what cannot be taken back.
#[derive(Default)]
struct Names {
    typed: String,
    drawn: String,
}

async fn perform(
    actor: &Actor,
    team: &str,
    change: Change,
    operation: &str,
    reason: &str,
    names: Names,
) -> Result<String, Error> {
    let portal = context::portal();
    // The form's word for the name is not written down where nothing but the attempt is.
    let target = change.target(None);
    let page = page(team, &target.id);
    let operator = portal.team_operator(actor, team, (change.action(), target)).await?;
    let request = Request {
        operation: read(operation)?,
        change,
        reason: reason.to_owned(),
        typed_name: names.typed,
        drawn_name: names.drawn,
    };
    let operation = portal.perform(&operator, request).await?;
    Ok(format!("{page}?operation={operation}"))
}

fn page(team: &str, connector: &str) -> String {
    format!("/teams/{team}/connectors/{connector}")
}

fn read<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Malformed)
}
