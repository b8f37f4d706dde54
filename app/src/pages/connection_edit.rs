//! `/teams/{team}/connections/{id}/edit`: the form that changes a connection's fields and credentials. The connection's
//! page shows the result.

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    connections::{Choices, ConnectionFields as Fields},
    upstream::{Names, soon},
};
use workato::{Connection, ConnectionId};

use super::connection_new::retype;
use crate::{
    components::{
        ButtonLink, ConnectionFields, Frame, NoCredentials, Offers, ReasonField, Rendered, Section, connection_ids,
        connection_name, credential_fields, page, problem_summary, stale_notice,
    },
    context,
    forms::{self, names::UPDATE_CONNECTION},
    islands::SubmitOnce,
};

#[component]
pub fn ConnectionEditPage() -> impl IntoView {
    page(edit(context::path_part("team"), context::path_part("id")))
}

async fn edit(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectionId = id.parse().map_err(|_| Error::NotFound)?;
    let portal = context::portal();
    portal.page_for_operators(&reader).await?;
    let found = portal.connection(&reader, id).await?;
    let stale = stale_notice(found.stale(), found.read_at(), Offers::Changes);
    let connection = found.connection;
    let choices = soon(portal.connection_choices(&reader, connection.application.as_deref()));
    let (choices, names) = join(choices, portal.connection_names(&reader)).await;
    let names = names?;
    let mut choices = choices.and_then(Result::ok).unwrap_or_default();
    choices.parents.retain(|(parent, ..)| *parent != id);
    let frame = frame
        .section(Section::Connections)
        .title(format!("Edit {}", connection_name(&connection)))
        .with_own_reasons()
        .await;
    Ok(frame.render(form(&reader, &connection, stale, &choices, &names)))
}

fn form(
    reader: &TeamReader,
    connection: &Connection,
    stale: Option<AnyView>,
    choices: &Choices,
    names: &Names,
) -> AnyView {
    let (team, refused) = (reader.team(), forms::refused(UPDATE_CONNECTION));
    let (name, initial) = (connection_name(connection), Fields::of(connection));
    let page = format!("/teams/{}/connections/{}", team.slug, connection.id);
    let hidden = [
        ("drawn[name]", initial.name.clone()),
        ("drawn[folder_id]", initial.folder_id.clone()),
        ("drawn[parent_id]", initial.parent_id.clone()),
        ("drawn[external_id]", initial.external_id.clone()),
    ];
    let hidden: Vec<_> =
        hidden.into_iter().map(|(field, value)| view! { <input type="hidden" name=field value=value/> }).collect();
    let fields = ConnectionFields { refused: &refused, initial, names, choices, no_folder: "none" };
    let no_credentials = NoCredentials { label: "Keep current credentials", hint: "Credentials stay as they are." };
    let reason = ReasonField { refused: &refused, team, destructive: false, id: "reason".to_owned(), initial: "" };
    let application = connection.application.clone().unwrap_or_else(|| "Connection".to_owned());
    view! {
        <p class="back"><a href=page.clone()>{name.clone()}</a></p>
        <div class="head">
            <div>
                <h1>{format!("Edit {name}")}</h1>
                <p class="soft">{application}" · ID "<span class="id">{connection.id.to_string()}</span></p>
            </div>
        </div>
        {stale}
        <form
            class="panel fields wide"
            method="post"
            action="/api/fn/update_connection"
            aria-label="Edit connection"
            autocomplete="off"
            novalidate
        >
            {problem_summary(&refused, connection_ids)}
            {retype(&refused)}
            <p class="soft">"Only what you change is sent. Clear a field to remove its value."</p>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connection" value=connection.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {hidden}
            {fields.render(None)}
            {credential_fields(&refused, no_credentials)}
            {reason.render()}
            <p class="row">
                <SubmitOnce label=format!("Update {name}") class="primary"/>
                <ButtonLink href=page>"Cancel"</ButtonLink>
            </p>
        </form>
    }
    .into_any()
}
