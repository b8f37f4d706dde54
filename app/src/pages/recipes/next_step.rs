//! What to do after Workato rejected the share of a recipe. A recipe can be shared only when its connectors are shared,
//! and Workato's message may name the missing ones.

use leptos::prelude::*;
use portal::{
    TeamReader,
    audit::{Logged, Outcome},
    connectors::named_in,
    upstream::soon,
};
use workato::{Connector, ConnectorQuery};

use crate::{components::connector_name, context, query::Query};

/// Status codes of rejections that have another cause than an unshared connector.
const OTHER_CAUSES: [u16; 3] = [401, 403, 404];

/// The advice, if the share was rejected because of a connector.
pub async fn after_rejection(reader: &TeamReader, logged: &Logged) -> Option<AnyView> {
    let answer = logged.entries.iter().rev().find_map(|entry| entry.entry.workato.as_ref())?;
    let is_other = answer.http_status.is_some_and(|status| OTHER_CAUSES.contains(&status));
    if logged.summary.outcome != Some(Outcome::Rejected) || is_other {
        return None;
    }
    let message = answer.message.clone().unwrap_or_default();
    let connectors = soon(context::portal().connectors(reader, ConnectorQuery::default())).await;
    let named: Vec<Connector> = match connectors {
        Some(Ok(connectors)) => named_in(&connectors.items, &message).into_iter().cloned().collect(),
        Some(Err(_)) | None => Vec::new(),
    };
    Some(render(reader, &named))
}

fn render(reader: &TeamReader, named: &[Connector]) -> AnyView {
    let path = format!("/teams/{}/connectors", reader.team().slug);
    let content = if named.is_empty() {
        let not_shared = Query::default().with("oem_shared", "false").on(&path);
        view! {
            <p>"A recipe can be shared only when every custom connector it uses is shared. "
                <a href=not_shared>"See the connectors that are not shared"</a>", share the ones the recipe uses, then share the recipe again."</p>
        }
        .into_any()
    } else {
        let connectors: Vec<_> = named.iter().map(|connector| item(connector, &path)).collect();
        view! {
            <p>"A recipe can be shared only when every custom connector it uses is shared. Workato names:"</p>
            <ul class="bullets">{connectors}</ul>
            <p>"Then share the recipe again. The form below keeps what you entered."</p>
        }
        .into_any()
    };
    view! { <section class="callout info" aria-label="Next steps">{content}</section> }.into_any()
}

fn item(connector: &Connector, path: &str) -> AnyView {
    let href = format!("{path}/{}", connector.id);
    let stands = match (connector.shared_version(), connector.latest_version()) {
        _ if !connector.is_share_known() => ": unreadable whether it is shared".to_owned(),
        (Some(version), _) => format!(": version {version} is shared"),
        (None, Some(_)) => ": not shared. Share a version.".to_owned(),
        (None, None) => ": never released. Release a version in Workato first.".to_owned(),
    };
    view! { <li><a href=href>{connector_name(connector)}</a>{stands}</li> }.into_any()
}
