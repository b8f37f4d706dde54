//! The properties of a connection in Workato.

use leptos::prelude::*;
use portal::{connections::FoundConnection, teams::Team, upstream::Names};
use workato::{Connection, Timestamp};

use super::family;
use crate::components::{Moment, dash, tags};

pub fn facts(found: &FoundConnection, names: &Names, team: &Team) -> AnyView {
    let connection = &found.connection;
    let authorised = match connection.authorized_at {
        Some(at) => moment(Some(at)),
        None => view! { <span class="soft">"never"</span> }.into_any(),
    };
    let facts: Vec<_> = [
        ("Id", view! { <span class="id">{connection.id.to_string()}</span> }.into_any()),
        ("Application", text(connection.application.as_deref())),
        ("Description", text(connection.description.as_deref())),
        ("Status in Workato's word", text(connection.authorization_status.as_ref().map(|status| status.as_str()))),
        ("Authorised", authorised),
        ("Authorisation error", text(connection.authorization_error.as_deref())),
        ("Lost", moment(connection.connection_lost_at)),
        ("Lost because", text(connection.connection_lost_reason.as_deref())),
        ("Folder", folder(connection, names)),
        ("Tags", tags(connection.tags.as_deref(), names)),
        ("External id", text(connection.external_id.as_deref())),
        ("Parent", family::parent(found, team)),
        ("Created", moment(connection.created_at)),
        ("Updated", moment(connection.updated_at)),
    ]
    .into_iter()
    .map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> })
    .collect();
    let missing: Vec<_> = [("Folders", &names.no_folders), ("Tags", &names.no_tags)]
        .into_iter()
        .filter_map(|(what, why)| why.as_ref().map(|why| view! { <p class="hint">{format!("{what}: {why}")}</p> }))
        .collect();
    view! {
        <section class="panel" aria-labelledby="facts">
            <h2 id="facts">"As Workato has it"</h2>
            <dl class="facts">{facts}</dl>
            {missing}
        </section>
    }
    .into_any()
}

fn text(text: Option<&str>) -> AnyView {
    match text.map(str::trim) {
        None | Some("") => dash(),
        Some(text) => text.to_owned().into_any(),
    }
}

fn moment(at: Option<Timestamp>) -> AnyView {
    match at {
        None => dash(),
        Some(at) => view! { <Moment at=at.get()/> }.into_any(),
    }
}

fn folder(connection: &Connection, names: &Names) -> AnyView {
    let Some(id) = connection.folder_id else { return dash() };
    let path = names.folder(id).map(|path| format!("{path} "));
    view! { {path}<span class="id soft">{id.to_string()}</span> }.into_any()
}
