//! `/teams/{team}/connectors`: the parts of the connector list, and what customers get of each connector.
//! Connectors are shared and suppressed on their own pages.

use leptos::prelude::*;
use portal::{Error, FieldProblems, TeamReader, connectors::FilterInput};
use time::OffsetDateTime;
use workato::{Connector, ConnectorQuery};

use super::list::{Filters, ListUrl, Listing, Resource, list_page};
use crate::{
    components::{
        Ago, Choice, ChoiceField, DoneNotice, Field, Section, UNREADABLE, comparison, connector_name, dash,
        left_out_note, or_unreadable,
    },
    context,
    query::Query,
    wording::{connectors::behind, problems},
};

/// The choices of the filter by sharing: the value in the URL, and how it reads.
const SHARED: [(&str, &str); 2] = [("true", "shared"), ("false", "not shared")];

#[component]
pub fn ConnectorsPage() -> impl IntoView {
    list_page::<Connectors>()
}

struct Connectors {
    input: FilterInput,
}

impl Resource for Connectors {
    const SECTION: Section = Section::Connectors;
    const HEADING: &'static str = "Connectors";
    const PLURAL: &'static str = "connectors";
    const SINGULAR: &'static str = "connector";
    const FORM_LABEL: &'static str = "Filter the connectors";
    const ON_NO_MATCH: &'static str = "Loosen a filter";
    const PARAMETERS: &'static [&'static str] = &["title", "oem_shared"];
    const ORDER: &'static [&'static str] = &[];
    type Filter = ConnectorQuery;

    fn new(query: &Query) -> Self {
        Self { input: FilterInput { title: query.get("title"), oem_shared: query.get("oem_shared") } }
    }

    fn filter(&self) -> Result<ConnectorQuery, FieldProblems> {
        self.input.read()
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &ConnectorQuery) -> Result<Listing, Error> {
        let found = context::portal().connectors(reader, filter.clone()).await?;
        let filters = self.filters(&FieldProblems::default());
        Ok(Listing {
            above: Some(view! { <DoneNotice more=None/> }.into_any()),
            note: left_out_note(found.items.left_out, found.items.repeated, "connector", "connectors"),
            below: Some(comparison(reader).await?),
            ..Listing::new(&found, filters, found.items.len(), table(&found.items, &url.path))
        })
    }

    async fn invalid_filters(&self, _reader: &TeamReader, _url: &ListUrl, problems: &FieldProblems) -> Filters {
        self.filters(problems)
    }

    fn empty(_url: &ListUrl) -> AnyView {
        view! {
            <div class="panel empty">
                <h2>"There is no connector yet"</h2>
                <p>"Custom connectors are made in Workato, under Tools. They appear here by themselves."</p>
            </div>
        }
        .into_any()
    }
}

impl Connectors {
    fn filters(&self, problems: &FieldProblems) -> Filters {
        let problem = |field| problems::of_field(problems, field);
        let shared: Vec<Choice> = SHARED.map(|(value, label)| (value.to_owned(), label.to_owned())).into();
        let fields = view! {
            <Field
                label="Title"
                name="title"
                kind="search"
                value=self.input.title.clone()
                placeholder="Part of a title"
                problem=problem("title")
            />
            <ChoiceField
                label="Shared"
                name="oem_shared"
                none="any"
                choices=shared
                chosen=self.input.oem_shared.clone()
                hint=None
                problem=problem("oem_shared")
            />
        };
        let (title, shared) = (self.input.title.trim(), self.input.oem_shared.trim());
        let title = (!title.is_empty()).then(|| ("title", format!("title: {title}")));
        let shared =
            SHARED.iter().find(|(value, _)| *value == shared).map(|(_, label)| ("oem_shared", (*label).to_owned()));
        Filters { fields: fields.into_any(), active: title.into_iter().chain(shared).collect() }
    }
}

fn table(connectors: &[Connector], path: &str) -> AnyView {
    let mut sorted: Vec<&Connector> = connectors.iter().collect();
    sorted.sort_by_cached_key(|connector| connector_name(connector).to_lowercase());
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>"Connectors by title"</caption>
                <thead>
                    <tr>
                        <th scope="col" aria-sort="ascending">"Title"</th>
                        <th scope="col" class="num minor">"Latest released"</th>
                        <th scope="col" class="num minor">"Shared"</th>
                        <th scope="col" class="num minor">"Shared since"</th>
                        <th scope="col">"Customers get"</th>
                    </tr>
                </thead>
                <tbody>{sorted.into_iter().map(|connector| row(connector, path)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(connector: &Connector, path: &str) -> impl IntoView + use<> {
    let href = format!("{path}/{}", connector.id);
    let version = |field, version: Option<workato::ConnectorVersion>| match version {
        Some(version) => version.to_string().into_any(),
        None => or_unreadable(&connector.unreadable, field, dash()),
    };
    let since = connector.oem_shared_at.filter(|_| connector.shared_version().is_some()).map(|at| at.get());
    let share = Share::of(connector);
    view! {
        <tr>
            <th scope="row"><a href=href>{connector_name(connector)}</a></th>
            <td class="num minor">{version("latest_released_version", connector.latest_version())}</td>
            <td class="num minor">{version("oem_shared_version", connector.shared_version())}</td>
            <td class="num soft minor">{or_unreadable(&connector.unreadable, "oem_shared_at", since.map_or_else(dash, ago))}</td>
            <td>
                <span class=share.class>
                    <svg aria-hidden="true"><use href=share.shape></use></svg>
                    <span>{share.words}</span>
                </span>
            </td>
        </tr>
    }
}

fn ago(at: OffsetDateTime) -> AnyView {
    view! { <Ago at=at/> }.into_any()
}

/// What customers get of a connector, as the list shows it.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    /// The id of the shape, which the frame defines.
    shape: &'static str,
    /// The CSS class of the colour.
    class: &'static str,
    words: String,
}

impl Share {
    fn of(connector: &Connector) -> Self {
        let (shape, class, words) = match connector.shared_version() {
            None if !connector.is_share_known() => ("#g-unk", "st none", UNREADABLE.to_owned()),
            None if connector.latest_version().is_none() && connector.are_releases_known() => {
                ("#g-none", "st none", "nothing: never released".to_owned())
            }
            None => ("#g-none", "st none", "nothing: not shared".to_owned()),
            Some(version) => match behind(connector) {
                Some(behind) => ("#g-exc", "st warn", format!("version {version}, {behind}")),
                None => ("#g-ok", "st ok", format!("version {version}, the latest")),
            },
        };
        Self { shape, class, words }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::Share;

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
            (share.shape, share.words)
        };
        assert_eq!(share(None, None, &[]), ("#g-none", "nothing: never released".to_owned()));
        assert_eq!(share(None, Some(4), &[4]), ("#g-none", "nothing: not shared".to_owned()));
        assert_eq!(share(Some(4), Some(4), &[4]), ("#g-ok", "version 4, the latest".to_owned()));
        assert_eq!(share(Some(2), Some(4), &[4, 2]), ("#g-exc", "version 2, one release behind".to_owned()));
    }
}
