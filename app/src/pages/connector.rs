//! `/teams/{team}/connectors/{id}`: the released versions of one connector, which of them embedded customers get, and
//! the ways to change that. Once it is gone, the log still tells what became of it.

mod shared;
mod stop_sharing;
mod versions;

use leptos::prelude::*;
use portal::{
    Error, PublicError, TeamReader,
    audit::{OperationSummary, TargetType},
    upstream::{Snapshot, soon},
};
use workato::{Connector, ConnectorId};

use crate::{
    components::{
        Drawn, Frame, Freshness, OperationsTable, Section, TeamColumn, connector_name, operation_notice, page,
        unsent_notice, unsettled_warning,
    },
    context, forms,
};

#[component]
pub fn ConnectorPage() -> impl IntoView {
    page(connector(context::path_part("team"), context::path_part("id")))
}

async fn connector(team: String, id: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectorId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Connectors);
    let portal = context::portal();
    let history = portal.history(&reader, TargetType::Connector, id).await?;
    let notice = operation_notice(&reader, TargetType::Connector, id, &history).await?;
    let unsent = unsent();
    let told = notice.is_some() || unsent.is_some();
    // Whoever was led here by a change reads what came of it, whether or not Workato can be read.
    let found =
        if told { soon(portal.connector(&reader, id)).await } else { Some(portal.connector(&reader, id).await) };
    let why = match found {
        Some(Ok(found)) => {
            let name = connector_name(&found.items);
            return Ok(frame.title(name.clone()).draw(there(&reader, &found, &name, notice, history)));
        }
        Some(Err(Error::NotFound)) if told || history.iter().any(OperationSummary::was_sent) => {
            "This connector is not in Workato.".to_owned()
        }
        Some(Err(error @ Error::Workato(_))) if told => unreadable(&error.public()),
        None => {
            "The connector itself cannot be shown now: Workato has not told of it yet. Reload this page in a while."
                .to_owned()
        }
        Some(Err(error)) => return Err(error),
    };
    let name = logged_name(id, &history);
    Ok(frame.title(name.clone()).draw(from_log(&reader, id, &name, notice, unsent, &why, history)))
}

fn there(
    reader: &TeamReader,
    found: &Snapshot<Connector>,
    name: &str,
    notice: Option<AnyView>,
    history: Vec<OperationSummary>,
) -> AnyView {
    let warning = notice.is_none().then(|| unsettled_warning(&history)).flatten();
    let connector = &found.items;
    let by = shared::shared_by(connector, &history);
    let refused = forms::refused(versions::FORM);
    let shared_chip = match connector.shared_version() {
        Some(version) => view! { <span class="chip on">{format!("shared: version {version}")}</span> },
        None => view! { <span class="chip">{"not shared".to_owned()}</span> },
    };
    let latest_chip = connector
        .latest_version()
        .map(|version| view! { <span class="chip">{format!("latest released: {version}")}</span> });
    let code = format!("/teams/{}/connectors/{}/code", reader.team().slug, connector.id);
    let stop = (reader.may_operate() && connector.shared_version().is_some())
        .then(|| stop_sharing::form(reader.team(), connector, name));
    let unsent = stop.is_none().then(|| forms::refused(stop_sharing::FORM).unsent()).flatten();
    view! {
        {breadcrumb(reader)}
        <div class="head">
            <div>
                <h1>{name.to_owned()}</h1>
                <Freshness shown=format!("Id {}", connector.id) read_at=found.read_at team=reader.team().slug.to_string()/>
            </div>
            {shared_chip}
            {latest_chip}
            <a class="button" href=code>"Code"</a>
        </div>
        {notice}
        {warning}
        {unsent.map(unsent_notice)}
        <div class="split">
            <div>
                {versions::versions(reader, connector, by.as_ref(), &refused)}
                {operations(reader, connector.id, history)}
            </div>
            <div>
                {shared::panel(connector, by.as_ref())}
                {stop}
            </div>
        </div>
    }
    .into_any()
}

/// The page of a connector that Workato does not show, as far as the log knows it.
fn from_log(
    reader: &TeamReader,
    id: ConnectorId,
    name: &str,
    notice: Option<AnyView>,
    unsent: Option<String>,
    why: &str,
    history: Vec<OperationSummary>,
) -> AnyView {
    view! {
        {breadcrumb(reader)}
        <div class="head">
            <div>
                <h1>{name.to_owned()}</h1>
                <p class="soft">"Id "<span class="id">{id.to_string()}</span></p>
            </div>
        </div>
        {notice}
        {unsent.map(unsent_notice)}
        <p class="panel">{why.to_owned()}</p>
        {operations(reader, id, history)}
    }
    .into_any()
}

fn breadcrumb(reader: &TeamReader) -> AnyView {
    let list = format!("/teams/{}/connectors", reader.team().slug);
    view! { <p class="back"><a href=list>"All connectors"</a></p> }.into_any()
}

/// This connector's own operations, newest first.
fn operations(reader: &TeamReader, id: ConnectorId, history: Vec<OperationSummary>) -> AnyView {
    let all = format!("/audit?team={}&target=connector%3A{id}", reader.team().slug);
    let content = if history.is_empty() {
        view! { <p class="soft">"Nothing was done to it through the portal yet."</p> }.into_any()
    } else {
        view! {
            <OperationsTable
                operations=history
                caption="Operations on this connector"
                teams=TeamColumn::Left
                viewer=reader.actor().role()
            />
            <p><a href=all>"See them in the audit log"</a></p>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="operations">
            <h2 id="operations">"Operations"</h2>
            {content}
        </section>
    }
    .into_any()
}

/// What the connector was called when something was last done to it.
fn logged_name(id: ConnectorId, history: &[OperationSummary]) -> String {
    history
        .iter()
        .find_map(|operation| operation.target.as_ref()?.name.clone())
        .unwrap_or_else(|| format!("Connector {id}"))
}

fn unreadable(error: &PublicError) -> String {
    format!("The connector itself cannot be shown now. {error}")
}

/// What was wrong with a form of this page that was refused: told in words where the form itself cannot be drawn.
fn unsent() -> Option<String> {
    [versions::FORM, stop_sharing::FORM].into_iter().find_map(|form| forms::refused(form).unsent())
}
