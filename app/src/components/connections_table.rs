//! A table of connections with sortable columns. Filters and pages belong to the page that shows it.

use leptos::prelude::*;
use portal::{
    connections::{Column, ConnectionPage, Sort, SortKey},
    impact::OwnRecipes,
    looks::Look,
    upstream::Names,
};
use workato::Connection;

use super::{
    Ago, Column as _, connection_name, dash, monogram, or_unreadable, partly_unreadable, sort_heading, status_cell,
    table_class, tags_in_row,
};
use crate::{query::Query, wording::impact};

impl super::Column for Column {
    fn label(self) -> &'static str {
        match self {
            Self::Application => "Application",
            Self::Folder => "Folder",
            Self::Tags => "Tags",
            Self::ExternalId => "External ID",
            Self::Recipes => "Recipes",
            Self::Updated => "Updated",
            Self::Id => "Connection ID",
            Self::Created => "Created",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Application => "c-app",
            Self::Folder => "c-folder",
            Self::Tags => "c-tags",
            Self::ExternalId => "c-ext",
            Self::Recipes => "c-used",
            Self::Updated => "c-when",
            Self::Id => "c-id",
            Self::Created => "c-made",
        }
    }
}

fn sort_key(column: Column) -> Option<SortKey> {
    match column {
        Column::Application => Some(SortKey::Application),
        Column::Updated => Some(SortKey::UpdatedAt),
        Column::Recipes => Some(SortKey::Recipes),
        Column::Folder | Column::Tags | Column::ExternalId | Column::Id | Column::Created => None,
    }
}

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
    look: &Look<Column>,
    path: &str,
    query: &Query,
) -> AnyView {
    let fixed = [("Name", "c-name", Some(SortKey::Name)), ("Status", "c-status", Some(SortKey::Status))];
    let chosen = look.columns.iter().map(|column| (column.label(), column.class(), sort_key(*column)));
    let heads: Vec<_> = fixed
        .into_iter()
        .chain(chosen)
        .map(|(label, class, key)| match key {
            Some(key) => {
                let sorted = (sort.key == key).then_some(sort.reverse);
                let href = query.with("sort", &next_order(sort, key).to_string()).on(path);
                sort_heading(label, class, sorted, href)
            }
            None => view! { <th scope="col" class=class>{label}</th> }.into_any(),
        })
        .collect();
    let page = |connection: &Connection| match of {
        ConnectionsOf::Team => Some(format!("{path}/{}", connection.id)),
        ConnectionsOf::Customer => None,
    };
    let rows: Vec<_> = shown
        .connections()
        .map(|connection| {
            let of_runtime_user = shown.of_runtime_users.contains(&connection.id);
            let mark = of_runtime_user.then(|| view! { <span class="badge">"Runtime user"</span> }.into_any());
            row(connection, names, shown.recipes.read.as_deref(), &look.columns, page(connection), mark)
        })
        .collect();
    view! {
        <table class=table_class(look.density, "data t-conn") id="list" tabindex="-1">
            <caption>"Connections"</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// The order after a click on a heading: the reverse if the list is sorted by it, otherwise the more useful direction.
fn next_order(sort: Sort, key: SortKey) -> Sort {
    if sort.key == key {
        Sort { key, reverse: !sort.reverse }
    } else {
        Sort { key, reverse: matches!(key, SortKey::UpdatedAt | SortKey::Recipes) }
    }
}

/// `mark` is rendered after the name. What a cell cuts off is in its title, and a row with the focus shows all.
fn row(
    connection: &Connection,
    names: &Names,
    recipes: Option<&OwnRecipes>,
    columns: &[Column],
    page: Option<String>,
    mark: Option<AnyView>,
) -> AnyView {
    let name = connection_name(connection);
    let app = connection.application.clone().unwrap_or_default();
    let letters = monogram(if app.is_empty() { &name } else { &app }, &app);
    let title = name.clone();
    let name = match page {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    };
    let cells: Vec<_> = columns.iter().map(|column| cell(connection, names, recipes, *column)).collect();
    view! {
        <tr>
            <th scope="row" class="c-name" title=title><span class="nm">{letters}{name}{mark}</span></th>
            <td class="c-status">{status_cell(connection)}</td>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(connection: &Connection, names: &Names, recipes: Option<&OwnRecipes>, column: Column) -> AnyView {
    let unreadable = &connection.unreadable;
    let text = |text: &Option<String>| text.clone().map_or_else(dash, IntoAny::into_any);
    let (title, content) = match column {
        Column::Application => {
            let field = if unreadable.has("provider") { "provider" } else { "application" };
            let application = connection.application.clone();
            let shown = application.clone().map(IntoAny::into_any);
            (application, shown.unwrap_or_else(|| or_unreadable(unreadable, field, dash())))
        }
        Column::Folder => {
            let folder =
                connection.folder_id.map(|id| names.folder(id).map_or_else(|| id.to_string(), ToOwned::to_owned));
            let shown = or_unreadable(unreadable, "folder_id", text(&folder));
            (folder, shown)
        }
        Column::Tags => (None, partly_unreadable(unreadable, "tags", tags_in_row(connection.tags.as_deref(), names))),
        Column::ExternalId => {
            let id = connection.external_id.clone().filter(|id| !id.is_empty());
            let shown = or_unreadable(unreadable, "external_id", text(&id));
            (id, shown)
        }
        Column::Recipes => {
            (None, recipes.map_or_else(dash, |recipes| impact::usage(recipes, connection.id).into_any()))
        }
        Column::Updated => {
            let updated = connection.updated_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
            (None, or_unreadable(unreadable, "updated_at", updated))
        }
        Column::Id => (None, connection.id.to_string().into_any()),
        Column::Created => {
            let created = connection.created_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
            (None, or_unreadable(unreadable, "created_at", created))
        }
    };
    view! { <td class=column.class() title=title>{content}</td> }.into_any()
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
        assert_eq!(next_order(Sort::default(), SortKey::Recipes).to_string(), "-recipes");
        assert_eq!(next_order(Sort::default(), SortKey::Status).to_string(), "status");
    }
}
