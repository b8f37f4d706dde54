//! The parent and the children of a connection. Workato names only the parent; the children are the connections that
//! name this one.

use leptos::prelude::*;
use portal::{connections::FoundConnection, teams::Team};
use workato::Connection;

use crate::{
    components::{ConnectionStatus, StatusPill, connection_name, dash},
    query::Query,
    wording::numbers::grouped,
};

/// The most children to show. The list has all of them.
const MOST: usize = 8;

/// The parent by name, or by id if it is not in the list.
pub fn parent(found: &FoundConnection, team: &Team) -> AnyView {
    let Some(id) = found.connection.parent_id else { return dash() };
    let href = format!("/teams/{}/connections/{id}", team.slug);
    match found.parent() {
        Some(parent) => {
            view! { <a href=href>{connection_name(parent)}</a>" "<span class="id soft">{id.to_string()}</span> }
                .into_any()
        }
        None => view! { <a href=href>"Connection "<span class="id">{id.to_string()}</span></a> }.into_any(),
    }
}

/// The children, with links to all of them and to those of runtime users.
pub fn children(found: &FoundConnection, team: &Team) -> AnyView {
    let path = format!("/teams/{}/connections", team.slug);
    let children: Vec<&Connection> = found.children().collect();
    let of_it = Query::default().with("parent_id", &found.connection.id.to_string());
    let with_runtime = of_it.with("include_runtime_connections", "true").on(&path);
    let rows: Vec<_> = children.iter().take(MOST).map(|child| row(child, &path)).collect();
    let list = if rows.is_empty() {
        view! { <p class="sm t3">"No child connections"</p> }.into_any()
    } else {
        view! { <ul class="children">{rows}</ul> }.into_any()
    };
    let all = (children.len() > MOST).then(|| {
        let href = of_it.on(&path);
        view! { <a href=href>{format!("View all {}", grouped(children.len()))}</a> }
    });
    view! {
        <section class="card" aria-labelledby="children">
            <div class="card-head"><h2 id="children">"Child connections"</h2></div>
            <div class="card-body">
                {list}
                <p class="row sm">
                    {all}
                    <a href=with_runtime>"Include runtime users’ connections"</a>
                </p>
            </div>
        </section>
    }
    .into_any()
}

fn row(child: &Connection, path: &str) -> AnyView {
    view! {
        <li>
            <a href=format!("{path}/{}", child.id)>{connection_name(child)}</a>
            <StatusPill status=ConnectionStatus::of(child)/>
        </li>
    }
    .into_any()
}
