//! A table of connections with sortable columns. Filters and pages belong to the page that shows it.

use std::borrow::Cow;

use leptos::prelude::*;
use maud::{Markup, html};
use portal::{
    connections::{Column, ConnectionPage, Sort, SortKey},
    impact::OwnRecipes,
    looks::{self, Look},
    upstream::Names,
};
use workato::{Connection, Timestamp};

use super::{
    Column as _, ReaderTimes, connection_name,
    drawn::drawn,
    monogram::monogram_markup,
    select_rows::{pick_heading, pick_markup},
    sort_heading,
    status::status_cell,
    table_class,
    tags::{dash_in_row, tags_in_row},
    unreadable::{or_unreadable_in_row, partly_unreadable_in_row},
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
    /// The same, with a check box in each row.
    TeamToChange,
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
    let selectable = of == ConnectionsOf::TeamToChange;
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
        ConnectionsOf::Team | ConnectionsOf::TeamToChange => Some(format!("{path}/{}", connection.id)),
        ConnectionsOf::Customer => None,
    };
    let times = ReaderTimes::here();
    // The style sheet knows the usual columns by their places, counted from the end: a class in each cell made a twelfth of the
    // page's bytes.
    let is_usual = look.columns == <Column as looks::Column>::USUAL;
    let row = |connection: &Connection| {
        let of_runtime_user = shown.of_runtime_users.contains(&connection.id);
        let page = page(connection);
        html! {
            tr {
                @if selectable { (pick_markup(&connection.id.to_string(), &connection_name(connection), !is_usual)) }
                (name_cell(connection, page.as_deref(), of_runtime_user, (!is_usual).then_some("c-name")))
                td class=[(!is_usual).then_some("c-status")] { (status_cell(connection, times)) }
                @for column in &look.columns {
                    (cell(connection, names, shown.recipes.read.as_deref(), *column, times, !is_usual))
                }
            }
        }
    };
    let rows = html! { @for connection in shown.connections() { (row(connection)) } };
    view! {
        <table class=table_class(look.density, if is_usual { "data t-conn usual" } else { "data t-conn" }) id="list" tabindex="-1">
            <caption>"Connections"</caption>
            <thead><tr>{selectable.then(pick_heading)}{heads}</tr></thead>
            <tbody>{drawn(rows)}</tbody>
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

/// What a cell may cut off is in its title, and a row with the focus shows all.
fn name_cell(
    connection: &Connection,
    page: Option<&str>,
    of_runtime_user: bool,
    class: Option<&'static str>,
) -> Markup {
    let name = connection_name(connection);
    let application = connection.application.as_deref().unwrap_or_default();
    html! {
        th scope="row" class=[class] title=[may_be_cut(&name, 28).then_some(&name)] {
            span class="nm" {
                (monogram_markup(if application.is_empty() { &name } else { application }, application))
                @match page {
                    Some(href) => a href=(href) { (name) },
                    None => span { (name) },
                }
                @if of_runtime_user { span class="badge" { "Runtime user" } }
            }
        }
    }
}

fn cell(
    connection: &Connection,
    names: &Names,
    recipes: Option<&OwnRecipes>,
    column: Column,
    times: ReaderTimes,
    has_class: bool,
) -> Markup {
    let unreadable = &connection.unreadable;
    let text = |text: Option<&str>| text.map_or_else(dash_in_row, |text| html! { (text) });
    let moment = |at: Option<Timestamp>| at.map_or_else(dash_in_row, |at| times.ago_in_row(at.get()));
    let (title, content) = match column {
        Column::Application => {
            let field = if unreadable.has("provider") { "provider" } else { "application" };
            let application = connection.application.as_deref();
            let shown = match application {
                Some(application) => html! { (application) },
                None => or_unreadable_in_row(unreadable, field, dash_in_row()),
            };
            (application.map(Cow::from), shown)
        }
        Column::Folder => {
            let folder =
                connection.folder_id.map(|id| names.folder(id).map_or_else(|| id.to_string().into(), Cow::from));
            let shown = or_unreadable_in_row(unreadable, "folder_id", text(folder.as_deref()));
            (folder, shown)
        }
        Column::Tags => {
            (None, partly_unreadable_in_row(unreadable, "tags", tags_in_row(connection.tags.as_deref(), names)))
        }
        Column::ExternalId => {
            let id = connection.external_id.as_deref().filter(|id| !id.is_empty());
            (id.map(Cow::from), or_unreadable_in_row(unreadable, "external_id", text(id)))
        }
        Column::Recipes => {
            let used = recipes.map(|recipes| impact::usage(recipes, connection.id));
            (None, text(used.as_deref()))
        }
        Column::Updated => (None, or_unreadable_in_row(unreadable, "updated_at", moment(connection.updated_at))),
        Column::Id => (None, html! { (connection.id) }),
        Column::Created => (None, or_unreadable_in_row(unreadable, "created_at", moment(connection.created_at))),
    };
    // A card on a phone has no headings, so this cell says what it counts.
    let label = (column == Column::Recipes && recipes.is_some()).then(|| column.label());
    let title = title.filter(|title| may_be_cut(title, 12));
    html! { td class=[has_class.then(|| column.class())] title=[title] data-label=[label] { (content) } }
}

/// Whether a text may be wider than this many usual letters. Letters of other scripts may be twice as wide.
fn may_be_cut(text: &str, letters: usize) -> bool {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>() > letters
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
