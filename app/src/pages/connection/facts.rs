//! The properties of a connection in Workato.

use leptos::prelude::*;
use portal::{connections::FoundConnection, teams::Team, upstream::Names};
use workato::Connection;

use super::family;
use crate::{
    components::{dash, facts_panel, moment_fact, or_unreadable, partly_unreadable, tags, text_fact},
    wording::missing_names,
};

pub fn facts(found: &FoundConnection, names: &Names, team: &Team) -> AnyView {
    let connection = &found.connection;
    let authorised = match connection.authorized_at {
        Some(at) => moment_fact(Some(at)),
        None => view! { <span class="soft">"Never"</span> }.into_any(),
    };
    let it = |field, shown| or_unreadable(&connection.unreadable, field, shown);
    let facts = [
        ("ID", view! { <span class="id">{connection.id.to_string()}</span> }.into_any()),
        ("Application", it("application", text_fact(connection.application.as_deref()))),
        ("Description", it("description", text_fact(connection.description.as_deref()))),
        (
            "Status in Workato",
            it(
                "authorization_status",
                text_fact(connection.authorization_status.as_ref().map(|status| status.as_str())),
            ),
        ),
        ("Signed in", it("authorized_at", authorised)),
        ("Lost", it("connection_lost_at", moment_fact(connection.connection_lost_at))),
        ("Folder", it("folder_id", folder(connection, names))),
        ("Tags", partly_unreadable(&connection.unreadable, "tags", tags(connection.tags.as_deref(), names))),
        ("External ID", it("external_id", text_fact(connection.external_id.as_deref()))),
        ("Parent", it("parent_id", family::parent(found, team))),
        ("Created", it("created_at", moment_fact(connection.created_at))),
        ("Updated", it("updated_at", moment_fact(connection.updated_at))),
    ];
    let missing: Vec<_> = [("Folders", &names.no_folders), ("Tags", &names.no_tags)]
        .into_iter()
        .filter_map(|(what, why)| {
            why.as_ref().map(|why| view! { <p class="hint">{format!("{what}: {}", missing_names::why(why))}</p> })
        })
        .collect();
    facts_panel(facts, missing.into_any())
}

fn folder(connection: &Connection, names: &Names) -> AnyView {
    let Some(id) = connection.folder_id else { return dash() };
    let path = names.folder(id).map(|path| format!("{path} "));
    view! { {path}<span class="id soft">{id.to_string()}</span> }.into_any()
}
