//! `/teams/{team}/connections/{id}`: everything Workato tells of one connection, what was done to it through the portal,
//! and the way to delete it. Once it is gone, the log still tells what became of it.

mod delete;
mod facts;

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, PublicError, TeamReader,
    audit::{OperationSummary, TargetType},
    connections::FoundConnection,
};
use workato::ConnectionId;

use crate::{
    components::{
        ConnectionStatus, Drawn, Frame, Freshness, OperationsTable, Section, StatusPill, TeamColumn, connection_name,
        operation_notice, page, unsent_notice, unsettled_warning,
    },
    context, forms,
};

#[component]
pub fn ConnectionPage() -> impl IntoView {
    page(connection(context::path_part("team"), context::path_part("id")))
}

async fn connection(team: String, id: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectionId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Connections);
    let portal = context::portal();
    let history = portal.history(&reader, TargetType::Connection, id).await?;
    let notice = operation_notice(&reader, TargetType::Connection, id, &history).await?;
    let unsent = forms::refused(delete::FORM).unsent();
    let told = notice.is_some() || unsent.is_some();
    let (found, names) = join(portal.connection(&reader, id), portal.connection_names(&reader)).await;
    match found {
        Ok(found) => {
            let names = names?;
            let name = connection_name(&found.connection);
            let content =
                there(&reader, &found, &name, notice, facts::facts(&found.connection, &names, &team), history);
            Ok(frame.title(name).draw(content))
        }
        // Whoever was led here by a change reads what came of it, whether or not the connection can still be shown.
        Err(Error::NotFound) if told || history.iter().any(OperationSummary::was_sent) => {
            let name = logged_name(id, &history);
            let content = from_log(&reader, id, &name, notice, unsent, "This connection is not in Workato.", history);
            Ok(frame.title(name).draw(content))
        }
        Err(error @ (Error::Workato(_) | Error::NoToken)) if told => {
            let name = logged_name(id, &history);
            let why = unreadable(&error.public());
            Ok(frame.title(name.clone()).draw(from_log(&reader, id, &name, notice, unsent, &why, history)))
        }
        Err(error) => Err(error),
    }
}

fn there(
    reader: &TeamReader,
    found: &FoundConnection,
    name: &str,
    notice: Option<AnyView>,
    facts: AnyView,
    history: Vec<OperationSummary>,
) -> AnyView {
    let warning = notice.is_none().then(|| unsettled_warning(&history)).flatten();
    let connection = &found.connection;
    let form = reader.may_operate().then(|| delete::form(reader.team(), connection));
    let layout = form.is_some().then_some("split");
    view! {
        {breadcrumb(reader)}
        <div class="head">
            <div>
                <h1>{name.to_owned()}</h1>
                <p><StatusPill status=ConnectionStatus::of(connection)/></p>
                <Freshness
                    shown=connection.application.clone().unwrap_or_else(|| "Connection".to_owned())
                    read_at=found.read_at
                    team=reader.team().slug.to_string()
                />
            </div>
        </div>
        {notice}
        {warning}
        <div class=layout>
            <div>
                {facts}
                {operations(reader, connection.id, history)}
            </div>
            {form}
        </div>
    }
    .into_any()
}

/// The page of a connection that Workato does not show, as far as the log knows it.
fn from_log(
    reader: &TeamReader,
    id: ConnectionId,
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
    let list = format!("/teams/{}/connections", reader.team().slug);
    view! { <p class="back"><a href=list>"All connections"</a></p> }.into_any()
}

/// This connection's own operations, newest first.
fn operations(reader: &TeamReader, id: ConnectionId, history: Vec<OperationSummary>) -> AnyView {
    let all = format!("/audit?team={}&target=connection%3A{id}", reader.team().slug);
    let content = if history.is_empty() {
        view! { <p class="soft">"Nothing was done to it through the portal yet."</p> }.into_any()
    } else {
        view! {
            <OperationsTable
                operations=history
                caption="Operations on this connection"
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

/// What the connection was called when something was last done to it.
fn logged_name(id: ConnectionId, history: &[OperationSummary]) -> String {
    history
        .iter()
        .find_map(|operation| operation.target.as_ref()?.name.clone())
        .unwrap_or_else(|| format!("Connection {id}"))
}

fn unreadable(error: &PublicError) -> String {
    format!("The connection itself cannot be shown now. {error}")
}
