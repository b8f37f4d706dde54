//! The table of connectors, and what customers get of each.

use leptos::prelude::*;
use portal::{
    connectors::{Column, ConnectorPage, Key, Order, released_at, used_by},
    impact::{CustomersRecipes, UsedBy},
    looks::Look,
};
use time::OffsetDateTime;
use workato::Connector;

use crate::{
    components::{
        self, Ago, ButtonLink, Column as _, Glyph, Tone, UNREADABLE, connector_name, dash, monogram, or_unreadable,
        pick, pick_heading, sort_heading, state, table_class,
    },
    query::Query,
    wording::{connectors::behind, numbers::grouped},
};

impl components::Column for Column {
    fn label(self) -> &'static str {
        match self {
            Self::Latest => "Latest",
            Self::Released => "Released",
            Self::Customers => "Customers",
            Self::Recipes => "Active recipes",
            Self::Shared => "Shared",
            Self::Id => "Connector ID",
            Self::Name => "Technical name",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Latest => "c-latest",
            Self::Released => "c-made",
            Self::Customers => "c-custs",
            Self::Recipes => "c-active",
            Self::Shared => "c-since",
            Self::Id => "c-id",
            Self::Name => "c-tech",
        }
    }
}

fn sort_key(column: Column) -> Option<Key> {
    match column {
        Column::Latest => Some(Key::Latest),
        Column::Released => Some(Key::Released),
        Column::Shared => Some(Key::Shared),
        Column::Customers => Some(Key::Customers),
        Column::Recipes => Some(Key::Recipes),
        Column::Id | Column::Name => None,
    }
}

/// `path` and `query` are the list's URL, without the page. `operates` says whether the reader may share versions.
pub fn table(
    found: &ConnectorPage,
    order: Order,
    look: &Look<Column>,
    path: &str,
    query: &Query,
    operates: bool,
) -> AnyView {
    let fixed = [("Title", "c-name", Some(Key::Title)), ("Customers get", "c-gets", Some(Key::Gets))];
    let chosen = look.columns.iter().map(|column| (column.label(), column.class(), sort_key(*column)));
    let heads = fixed.into_iter().chain(chosen).map(|(label, class, key)| match key {
        Some(key) => {
            let href = query.with("sort", &order.after_click(key)).on(path);
            sort_heading(label, class, (order.key == key).then_some(order.reverse), href)
        }
        None => view! { <th scope="col" class=class>{label}</th> }.into_any(),
    });
    let heads: Vec<_> = heads.collect();
    let read = found.customers.read.as_deref();
    let rows: Vec<_> =
        found.connectors().map(|connector| row(connector, read, &look.columns, path, operates)).collect();
    view! {
        <table class=table_class(look.density, "data t-ctor") id="list" tabindex="-1">
            <caption>"Connectors"</caption>
            <thead>
                <tr>
                    {operates.then(pick_heading)}
                    {heads}
                    <th scope="col" class="c-next"><span class="vh">"Next step"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(
    connector: &Connector,
    read: Option<&CustomersRecipes>,
    columns: &[Column],
    path: &str,
    operates: bool,
) -> AnyView {
    let (href, title) = (format!("{path}/{}", connector.id), connector_name(connector));
    let update = connector.latest_version().filter(|_| operates && connector.is_behind());
    let update = update.map(|latest| {
        let href = format!("{href}#version-{latest}");
        let label = format!("Update {title} to {latest}");
        view! { <ButtonLink href=href small=true label=label>{format!("Update to {latest}")}</ButtonLink> }
    });
    let share = Share::of(connector);
    let cells: Vec<_> = columns.iter().map(|column| cell(connector, read, *column)).collect();
    view! {
        <tr>
            {operates.then(|| pick(&connector.id.to_string(), &title))}
            <th scope="row" class="c-name" title=title.clone()>
                <span class="nm">{monogram(&title, &title)}<a href=href>{title.clone()}</a></span>
            </th>
            <td class="c-gets">{state(share.glyph, share.tone, share.words)}</td>
            {cells}
            <td class="c-next">{update}</td>
        </tr>
    }
    .into_any()
}

fn cell(connector: &Connector, read: Option<&CustomersRecipes>, column: Column) -> AnyView {
    let it = |field, shown| or_unreadable(&connector.unreadable, field, shown);
    let (title, content) = match column {
        Column::Latest => {
            let latest = connector.latest_version();
            let shown = latest.map(|version| version.to_string().into_any());
            (None, shown.unwrap_or_else(|| it("latest_released_version", dash())))
        }
        Column::Released => (None, it("released_versions", released_at(connector).map_or_else(dash, ago))),
        Column::Shared => {
            let since = connector.oem_shared_at.filter(|_| connector.shared_version().is_some()).map(|at| at.get());
            (None, it("oem_shared_at", since.map_or_else(dash, ago)))
        }
        Column::Customers => (None, read.map_or_else(dash, |read| used(connector, read, |used| used.customers))),
        Column::Recipes => (None, read.map_or_else(dash, |read| used(connector, read, |used| used.active))),
        Column::Id => (None, connector.id.to_string().into_any()),
        Column::Name => {
            let name = connector.name.clone().filter(|name| !name.is_empty());
            (name.clone(), it("name", name.map_or_else(dash, IntoAny::into_any)))
        }
    };
    view! { <td class=column.class() title=title>{content}</td> }.into_any()
}

fn ago(at: OffsetDateTime) -> AnyView {
    view! { <Ago at=at/> }.into_any()
}

/// A count of what uses a connector. Zero is shown only if it is certain.
fn used(connector: &Connector, read: &CustomersRecipes, count: impl Fn(UsedBy) -> usize) -> AnyView {
    match count(used_by(connector, read)) {
        0 if !read.is_exact() => dash(),
        count => grouped(count).into_any(),
    }
}

/// What customers get of a connector, as the list shows it.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    glyph: Glyph,
    tone: Tone,
    words: String,
}

impl Share {
    fn of(connector: &Connector) -> Self {
        let (glyph, tone, words) = match connector.shared_version() {
            None if !connector.is_share_known() => (Glyph::Unk, Tone::None, UNREADABLE.to_owned()),
            None if connector.latest_version().is_none() && connector.are_releases_known() => {
                (Glyph::None, Tone::None, "Never released".to_owned())
            }
            None => (Glyph::None, Tone::None, "Not shared".to_owned()),
            Some(version) => match (behind(connector), connector.latest_version()) {
                (Some(_), Some(latest)) if connector.is_behind() => {
                    (Glyph::Lag, Tone::Info, format!("{version}, {latest} is available"))
                }
                (Some(behind), _) => (Glyph::Lag, Tone::Info, format!("{version}, {behind}")),
                (None, _) => (Glyph::Ok, Tone::Good, format!("{version}, the latest")),
            },
        };
        Self { glyph, tone, words }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::Share;
    use crate::components::Glyph;

    fn connector(shared: Option<i64>, latest: Option<i64>, released: &[i64]) -> Connector {
        let released: Vec<_> = released.iter().map(|version| json!({ "version": version })).collect();
        serde_json::from_value(json!({
            "id": 3066, "oem_shared_version": shared, "latest_released_version": latest, "released_versions": released,
        }))
        .expect("a connector")
    }

    #[test]
    fn what_customers_get_is_shown_by_shape_and_words() {
        let share = |shared, latest, released: &[i64]| {
            let share = Share::of(&connector(shared, latest, released));
            (share.glyph, share.words)
        };
        assert_eq!(share(None, None, &[]), (Glyph::None, "Never released".to_owned()));
        assert_eq!(share(None, Some(4), &[4]), (Glyph::None, "Not shared".to_owned()));
        assert_eq!(share(Some(4), Some(4), &[4]), (Glyph::Ok, "4, the latest".to_owned()));
        assert_eq!(share(Some(2), Some(4), &[4, 2]), (Glyph::Lag, "2, 4 is available".to_owned()));
    }
}
