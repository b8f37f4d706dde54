//! `/teams/{team}/connections/{id}`: one connection as Workato has it, its operations, and the forms that tag,
//! disconnect and delete it. After the connection is deleted, the page shows what the audit log has.

mod delete;
mod disconnect;
mod facts;
mod family;
mod tagging;

use futures::future::join3;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::TargetType,
    connections::FoundConnection,
    impact::{Known, OwnRecipes, Wanted},
    teams::Guarded,
    upstream::Names,
};
use workato::ConnectionId;

use super::target::TargetLog;
use crate::{
    components::{
        Ago, ButtonLink, ButtonLook, ConnectionStatus, Frame, Freshness, Glyph, Icon, Moment, Offers, Rendered,
        Section, StatusPill, Tone, connection_name, danger_zone, dash, icon, id_fact, large_monogram, note, page,
        recipes_section, stale_notice, strip, text_fact,
    },
    context,
    forms::names::{DELETE_CONNECTION, DISCONNECT_CONNECTION, TAG_CONNECTION},
    query::Query,
    wording::numbers::grouped,
};

#[component]
pub fn ConnectionPage() -> impl IntoView {
    page(connection(context::path_part("team"), context::path_part("id")))
}

async fn connection(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectionId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Connections).document().with_own_reasons().await;
    let portal = context::portal();
    let forms = [TAG_CONNECTION, DISCONNECT_CONNECTION, DELETE_CONNECTION];
    let log = TargetLog::read(&reader, TargetType::Connection, id, &forms).await?;
    let wanted = if reader.may_operate() { Wanted::Fresh } else { Wanted::Some };
    let (found, names, recipes) = join3(
        log.find(portal.connection(&reader, id)),
        portal.connection_names(&reader),
        portal.recipes_in_use(&reader, wanted),
    )
    .await;
    match found? {
        Ok(found) => {
            let names = names?;
            let frame = frame.title(connection_name(&found.connection));
            Ok(frame.render(content(&reader, &found, &names, &recipes, log)))
        }
        Err(why) => Ok(frame.title(log.name()).render(log.page(why))),
    }
}

fn content(
    reader: &TeamReader,
    found: &FoundConnection,
    names: &Names,
    recipes: &Known<OwnRecipes>,
    mut log: TargetLog,
) -> AnyView {
    let (connection, team) = (&found.connection, reader.team());
    let notice = log.notice();
    let status = ConnectionStatus::of(connection);
    let operates = reader.may_operate();
    let offers = if operates { Offers::Changes } else { Offers::Nothing };
    let name = connection_name(connection);
    let application = connection.application.clone().unwrap_or_default();
    let of_runtime_user = found.of_runtime_user.then(|| {
        view! { <span class="badge" title="Workato lists it only with runtime users’ connections">"Runtime user"</span> }
    });
    let broken = status.is_broken().then(|| broken_note(reader, found, &status));
    let dangers = operates.then(|| {
        let needs = |kind| log.guarded.contains(&kind);
        danger_zone(vec![
            disconnect::form(team, connection, recipes, &log.history, needs(Guarded::Disconnect)),
            delete::form(team, connection, recipes, needs(Guarded::Delete)),
        ])
    });
    let used = recipes.read.as_ref().map(|own| own.of_connection(connection.id));
    let letters = if application.is_empty() { name.clone() } else { application.clone() };
    view! {
        <div class="head">
            <div class="head-main">
                {log.breadcrumb()}
                <div class="title">
                    {large_monogram(&letters, &application)}
                    <h1>{name}</h1>
                    <StatusPill status=status/>
                    {of_runtime_user}
                </div>
            </div>
            <div class="head-acts">
                <Freshness
                    read_at=found.read_at()
                    waited=found.waited()
                    team=team.slug.to_string()
                />
                {operates.then(|| actions(reader, found))}
            </div>
        </div>
        {notice}
        {stale_notice(found.stale(), found.read_at(), offers)}
        {summary(found, names)}
        {broken}
        <div class="cols">
            <div>
                {recipes_section(recipes, used, team)}
                {log.operations()}
                {dangers}
            </div>
            <div>
                {facts::facts(found, names, team)}
                {operates.then(|| tagging::form(team, connection, names))}
                {family::children(found, team)}
            </div>
        </div>
    }
    .into_any()
}

/// The facts that people look for first.
fn summary(found: &FoundConnection, names: &Names) -> AnyView {
    let connection = &found.connection;
    let since = match (connection.connection_lost_at, connection.authorized_at) {
        (Some(at), _) if ConnectionStatus::of(connection).is_broken() => {
            ("Broken since", view! { <Moment at=at.get()/> }.into_any(), None)
        }
        (_, Some(at)) => ("Signed in", view! { <Moment at=at.get()/> }.into_any(), None),
        (_, None) => ("Signed in", "Never".into_any(), None),
    };
    let folder = connection.folder_id.map(|id| names.folder(id).map_or_else(|| id.to_string(), ToOwned::to_owned));
    let updated = connection.updated_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
    let children = found.children().count();
    strip(vec![
        since,
        ("Folder", text_fact(folder.as_deref()), None),
        ("External ID", id_fact(connection.external_id.as_deref()), None),
        ("Child connections", grouped(children).into_any(), None),
        ("Updated", updated, None),
    ])
}

/// What is wrong with a broken connection, what to do about it, and what Workato says.
fn broken_note(reader: &TeamReader, found: &FoundConnection, status: &ConnectionStatus) -> AnyView {
    let edit = format!("/teams/{}/connections/{}/edit", reader.team().slug, found.connection.id);
    let act = reader.may_operate().then(|| {
        view! { <p class="acts"><ButtonLink href=edit look=ButtonLook::Primary small=true>{icon(Icon::Key)}"Enter new credentials"</ButtonLink></p> }
    });
    let advice = status.advice().unwrap_or("The portal doesn’t know this error. Workato’s answer is below.");
    let raw = status.raw().map(|raw| {
        view! {
            <details class="fold">
                <summary>
                    <svg class="i i-turn" aria-hidden="true"><use href=Icon::Right.href()></use></svg>
                    "Answer from Workato"
                </summary>
                <div>{raw}</div>
            </details>
        }
    });
    let content = view! {
        <p><strong>{advice}</strong>" Recipes that use this connection fail until then."</p>
        {act}
        {raw}
    };
    note(Tone::Bad, Glyph::Bad, content)
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
        <ButtonLink href=child>{icon(Icon::Plus)}"New child connection"</ButtonLink>
        <ButtonLink href=edit>{icon(Icon::Edit)}"Edit"</ButtonLink>
    }
    .into_any()
}
