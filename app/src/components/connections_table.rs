//! A table of connections with sortable columns. Filters and pages belong to the page that shows it.

use leptos::prelude::*;
use portal::{
    connections::{ConnectionPage, Sort, SortKey},
    upstream::Names,
};
use workato::Connection;

use super::{Ago, ConnectionStatus, StatusPill, connection_name, dash, or_unreadable, partly_unreadable, tags};
use crate::query::Query;

/// The columns: heading, CSS class, and sort key.
const COLUMNS: [(&str, Option<&str>, Option<SortKey>); 7] = [
    ("Name", None, Some(SortKey::Name)),
    ("Application", Some("minor"), Some(SortKey::Application)),
    ("Status", None, Some(SortKey::Status)),
    ("Folder", Some("minor"), None),
    ("Tags", Some("minor"), None),
    ("External id", Some("minor"), None),
    ("Updated", Some("num minor"), Some(SortKey::UpdatedAt)),
];

/// Whose connections the table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionsOf {
    /// The team's own, which have pages of their own.
    Team,
    /// A customer's, which have no pages.
    Customer,
}

/// `path` and `query` are the list's URL, without the page.
pub fn connections_table(
    shown: &ConnectionPage,
    of: ConnectionsOf,
    names: &Names,
    sort: Sort,
    path: &str,
    query: &Query,
) -> AnyView {
    let heads = COLUMNS.map(|(label, class, key)| match key {
        Some(key) => sortable(label, class, key, sort, |sort| query.with("sort", &sort.to_string()).on(path)),
        None => view! { <th scope="col" class=class>{label}</th> }.into_any(),
    });
    let page = |connection: &Connection| match of {
        ConnectionsOf::Team => Some(format!("{path}/{}", connection.id)),
        ConnectionsOf::Customer => None,
    };
    let rows: Vec<_> = shown
        .connections()
        .map(|connection| {
            let of_runtime_user = shown.of_runtime_users.contains(&connection.id);
            let mark = of_runtime_user.then(|| view! { " "<span class="badge">"runtime user"</span> }.into_any());
            row(connection, names, page(connection), mark)
        })
        .collect();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>"Connections"</caption>
                <thead><tr>{Vec::from(heads)}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn sortable(
    label: &'static str,
    class: Option<&'static str>,
    key: SortKey,
    sort: Sort,
    href: impl FnOnce(Sort) -> String,
) -> AnyView {
    let (direction, arrow) = match (sort.key == key, sort.reverse) {
        (false, _) => (None, None),
        (true, false) => (Some("ascending"), Some("↑")),
        (true, true) => (Some("descending"), Some("↓")),
    };
    let arrow = arrow.map(|arrow| view! { <span aria-hidden="true">" "{arrow}</span> });
    view! { <th scope="col" class=class aria-sort=direction><a href=href(next_order(sort, key))>{label}{arrow}</a></th> }
        .into_any()
}

/// The order after a click on a heading: the reverse if the list is sorted by it, otherwise the more useful direction.
fn next_order(sort: Sort, key: SortKey) -> Sort {
    if sort.key == key {
        Sort { key, reverse: !sort.reverse }
    } else {
        Sort { key, reverse: key == SortKey::UpdatedAt }
    }
}

/// `mark` is rendered after the name.
fn row(connection: &Connection, names: &Names, page: Option<String>, mark: Option<AnyView>) -> AnyView {
    let name = connection_name(connection);
    let name = match page {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let folder = connection.folder_id.map(|id| match names.folder(id) {
        Some(path) => path.to_owned().into_any(),
        None => view! { <span class="id">{id.to_string()}</span> }.into_any(),
    });
    let external_id = connection.external_id.clone().filter(|id| !id.is_empty());
    let external_id = external_id.map_or_else(dash, |id| view! { <span class="id">{id}</span> }.into_any());
    let application = connection.application.clone().unwrap_or_default().into_any();
    let updated = connection.updated_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
    let unreadable = &connection.unreadable;
    let application_field = if unreadable.has("provider") { "provider" } else { "application" };
    let application = if connection.application.is_some() {
        application
    } else {
        or_unreadable(unreadable, application_field, application)
    };
    view! {
        <tr>
            <th scope="row">{name}{mark}</th>
            <td class="minor"><span class="soft">{application}</span></td>
            <td><StatusPill status=ConnectionStatus::of(connection)/>{lost(connection)}</td>
            <td class="minor">{or_unreadable(unreadable, "folder_id", folder.unwrap_or_else(dash))}</td>
            <td class="minor">{partly_unreadable(unreadable, "tags", tags(connection.tags.as_deref(), names))}</td>
            <td class="minor">{or_unreadable(unreadable, "external_id", external_id)}</td>
            <td class="num soft minor">{or_unreadable(unreadable, "updated_at", updated)}</td>
        </tr>
    }
    .into_any()
}

/// When and why Workato lost the connection.
fn lost(connection: &Connection) -> Option<AnyView> {
    let since = connection.connection_lost_at;
    let why = connection.connection_lost_reason.clone().filter(|why| !why.trim().is_empty());
    if since.is_none() && why.is_none() {
        return None;
    }
    let since = since.map(|at| view! { " "<Ago at=at.get()/> });
    let why = why.map(|why| format!(": {why}"));
    Some(view! { <div class="soft lost">"Lost"{since}{why}</div> }.into_any())
}

#[cfg(test)]
mod tests {
    use portal::connections::{Sort, SortKey};

    use super::next_order;

    #[test]
    fn clicking_the_sorted_heading_reverses_and_another_sorts_by_it() {
        let by_name = Sort { key: SortKey::Name, reverse: false };
        assert_eq!(next_order(by_name, SortKey::Name).to_string(), "-name");
        assert_eq!(next_order(by_name, SortKey::UpdatedAt).to_string(), "-updated_at");
        assert_eq!(next_order(Sort::default(), SortKey::UpdatedAt).to_string(), "updated_at");
        assert_eq!(next_order(Sort::default(), SortKey::Status).to_string(), "status");
    }
}
