//! `/teams/{team}/connections/{id}`: one connection as Workato has it, its operations, and the forms that tag,
//! disconnect and delete it. After the connection is deleted, the page shows what the audit log has.

mod delete;
mod disconnect;
mod facts;
mod family;
mod tagging;

use futures::future::join;
use leptos::prelude::*;
use portal::{Error, TeamReader, audit::TargetType, connections::FoundConnection, upstream::Names};
use workato::ConnectionId;

use super::target::TargetLog;
use crate::{
    components::{
        ConnectionStatus, Frame, Freshness, Offers, Rendered, Section, StatusPill, connection_name, page, stale_notice,
    },
    context,
    forms::names::{DELETE_CONNECTION, DISCONNECT_CONNECTION, TAG_CONNECTION},
    query::Query,
};

#[component]
pub fn ConnectionPage() -> impl IntoView {
    page(connection(context::path_part("team"), context::path_part("id")))
}

async fn connection(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectionId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Connections);
    let portal = context::portal();
    let forms = [TAG_CONNECTION, DISCONNECT_CONNECTION, DELETE_CONNECTION];
    let log = TargetLog::read(&reader, TargetType::Connection, id, &forms).await?;
    let (found, names) = join(log.find(portal.connection(&reader, id)), portal.connection_names(&reader)).await;
    match found? {
        Ok(found) => {
            let names = names?;
            let frame = frame.title(connection_name(&found.connection));
            Ok(frame.render(content(&reader, &found, &names, log)))
        }
        Err(why) => Ok(frame.title(log.name()).render(log.page(why))),
    }
}

fn content(reader: &TeamReader, found: &FoundConnection, names: &Names, mut log: TargetLog) -> AnyView {
    let (connection, team) = (&found.connection, reader.team());
    let notice = log.notice();
    let changes = reader.may_operate().then(|| {
        view! {
            <div>
                {tagging::form(team, connection, names)}
                {disconnect::form(team, connection, &log.history)}
                {delete::form(team, connection)}
            </div>
        }
    });
    let offers = if changes.is_some() { Offers::Changes } else { Offers::Nothing };
    let layout = changes.is_some().then_some("split");
    let of_runtime_user = found.of_runtime_user.then(|| {
        view! { <span class="badge" title="Workato lists it only when runtime users' connections are asked for">"of a runtime user"</span> }
    });
    view! {
        {log.breadcrumb()}
        <div class="head">
            <div>
                <h1>{connection_name(connection)}</h1>
                <p class="row"><StatusPill status=ConnectionStatus::of(connection)/>{of_runtime_user}</p>
                <Freshness
                    shown=connection.application.clone().unwrap_or_else(|| "Connection".to_owned())
                    read_at=found.read_at()
                    waited=found.waited()
                    team=team.slug.to_string()
                />
            </div>
            {reader.may_operate().then(|| actions(reader, found))}
        </div>
        {notice}
        {stale_notice(found.stale(), found.read_at(), offers)}
        <div class=layout>
            <div>
                {facts::facts(found, names, team)}
                {family::children(found, team)}
                {log.operations()}
            </div>
            {changes}
        </div>
    }
    .into_any()
}

/// Links to the forms that have their own pages.
fn actions(reader: &TeamReader, found: &FoundConnection) -> AnyView {
    let connection = &found.connection;
    let list = format!("/teams/{}/connections", reader.team().slug);
    let edit = format!("{list}/{}/edit", connection.id);
    let child = Query::default()
        .with("provider", connection.application.as_deref().unwrap_or_default())
        .with("parent_id", &connection.id.to_string())
        .on(&format!("{list}/new"));
    view! {
        <p class="row">
            <a class="btn" href=child>"Derive another"</a>
            <a class="btn" href=edit>"Edit"</a>
        </p>
    }
    .into_any()
}
