//! `/teams/{team}/connectors`: the parts of the connector list, and what customers get of each connector.
//! Connectors are shared and suppressed on their own pages.

mod order;

use leptos::prelude::*;
use portal::{Error, FieldProblems, TeamReader, connectors::FilterInput};
use time::OffsetDateTime;
use workato::{Connector, ConnectorQuery};

use self::order::{Key, Order};
use super::list::{Filters, ListUrl, Listing, Resource, list_page};
use crate::{
    components::{
        Ago, Choice, ChoiceField, DoneNotice, Glyph, Search, Section, Tone, UNREADABLE, comparison, connector_name,
        dash, left_out_note, monogram, or_unreadable, sort_heading, state,
    },
    context,
    query::Query,
    wording::{connectors::behind, problems},
};

/// The orders other than the default one, which the headings set on wide screens only.
const ORDERS: [(&str, &str); 7] = [
    ("-title", "title, Z to A"),
    ("gets", "updates first"),
    ("-gets", "not shared first"),
    ("-latest", "latest release, highest first"),
    ("latest", "latest release, lowest first"),
    ("-shared", "newest share first"),
    ("shared", "oldest share first"),
];
/// The choices of the filter by sharing: the value in the URL, and how it reads.
const SHARED: [(&str, &str); 2] = [("true", "shared"), ("false", "not shared")];

#[component]
pub fn ConnectorsPage() -> impl IntoView {
    list_page::<Connectors>()
}

struct Connectors {
    input: FilterInput,
    /// The order as text in the URL.
    sort: String,
}

impl Resource for Connectors {
    const SECTION: Section = Section::Connectors;
    const HEADING: &'static str = "Connectors";
    const PLURAL: &'static str = "connectors";
    const SINGULAR: &'static str = "connector";
    const FORM_LABEL: &'static str = "Filter the connectors";
    const ON_NO_MATCH: &'static str = "Change or clear the filters";
    const PARAMETERS: &'static [&'static str] = &["title", "oem_shared", "sort"];
    const ORDER: &'static [&'static str] = &["sort"];
    type Filter = (ConnectorQuery, Order);

    fn new(query: &Query) -> Self {
        let input = FilterInput { title: query.get("title"), oem_shared: query.get("oem_shared") };
        Self { input, sort: query.get("sort") }
    }

    fn filter(&self) -> Result<(ConnectorQuery, Order), FieldProblems> {
        let query = self.input.read();
        match Order::read(&self.sort) {
            Ok(order) => Ok((query?, order)),
            Err(problem) => {
                let mut problems = query.err().unwrap_or_default();
                problems.add("sort", problem);
                Err(problems)
            }
        }
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &Self::Filter) -> Result<Listing, Error> {
        let found = context::portal().connectors(reader, filter.0.clone()).await?;
        let filters = self.filters(&FieldProblems::default());
        Ok(Listing {
            above: Some(view! { <DoneNotice more=None/> }.into_any()),
            note: left_out_note(found.items.left_out, found.items.repeated, "connector", "connectors"),
            below: Some(comparison(reader).await?),
            ..Listing::new(&found, filters, found.items.len(), table(&found.items, url, filter.1, reader.may_operate()))
        })
    }

    async fn invalid_filters(&self, _reader: &TeamReader, _url: &ListUrl, problems: &FieldProblems) -> Filters {
        self.filters(problems)
    }

    fn empty(_url: &ListUrl) -> AnyView {
        view! {
            <div class="card empty" id="list" tabindex="-1">
                <h2>"No connectors yet"</h2>
                <p>"Build a custom connector in Workato, under Tools. It then appears here."</p>
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
            <ChoiceField
                label="Shared"
                name="oem_shared"
                none="any"
                choices=shared
                chosen=self.input.oem_shared.clone()
                hint=None
                problem=problem("oem_shared")
            />
            <ChoiceField
                label="Order"
                name="sort"
                none="title, A to Z"
                choices=ORDERS.map(|(value, label)| (value.to_owned(), label.to_owned())).into()
                chosen=if problem("sort").is_some() { String::new() } else { self.sort.clone() }
            />
        };
        let (title, shared) = (self.input.title.trim(), self.input.oem_shared.trim());
        let title = (!title.is_empty()).then(|| ("title", format!("title: {title}")));
        let shared =
            SHARED.iter().find(|(value, _)| *value == shared).map(|(_, label)| ("oem_shared", (*label).to_owned()));
        let search = Search {
            name: "title",
            label: "Title",
            placeholder: "Connector title",
            value: self.input.title.clone(),
            problem: problem("title"),
        };
        Filters { search, fields: Some(fields.into_any()), active: title.into_iter().chain(shared).collect() }
    }
}

fn table(connectors: &[Connector], url: &ListUrl, order: Order, operates: bool) -> AnyView {
    let mut sorted: Vec<&Connector> = connectors.iter().collect();
    order.apply(&mut sorted);
    let rows: Vec<_> = sorted.into_iter().map(|connector| row(connector, &url.path, operates)).collect();
    let heading = |label, class, key| {
        let href = url.query.with("sort", &order.after_click(key)).on(&url.path);
        sort_heading(label, class, (order.key == key).then_some(order.reverse), href)
    };
    view! {
        <table class="data t-ctor" id="list" tabindex="-1">
            <caption>"Connectors"</caption>
            <thead>
                <tr>
                    {heading("Title", "c-name", Key::Title)}
                    {heading("Customers get", "c-gets", Key::Gets)}
                    {heading("Latest", "c-latest", Key::Latest)}
                    {heading("Shared", "c-since", Key::Shared)}
                    <th scope="col" class="c-next"><span class="vh">"Next step"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(connector: &Connector, path: &str, operates: bool) -> AnyView {
    let (href, title) = (format!("{path}/{}", connector.id), connector_name(connector));
    let latest = match connector.latest_version() {
        Some(version) => version.to_string().into_any(),
        None => or_unreadable(&connector.unreadable, "latest_released_version", dash()),
    };
    let since = connector.oem_shared_at.filter(|_| connector.shared_version().is_some()).map(|at| at.get());
    let since = or_unreadable(&connector.unreadable, "oem_shared_at", since.map_or_else(dash, ago));
    let update = connector.latest_version().filter(|_| operates && connector.is_behind());
    let update = update.map(|latest| {
        let href = format!("{href}#version-{latest}");
        let label = format!("Update {title} to {latest}");
        view! { <a class="btn sm" href=href aria-label=label>{format!("Update to {latest}")}</a> }
    });
    let share = Share::of(connector);
    view! {
        <tr>
            <th scope="row" class="c-name" title=title.clone()>
                <span class="nm">{monogram(&title, &title)}<a href=href>{title.clone()}</a></span>
            </th>
            <td class="c-gets">{state(share.glyph, share.tone, share.words)}</td>
            <td class="c-latest">{latest}</td>
            <td class="c-since">{since}</td>
            <td class="c-next">{update}</td>
        </tr>
    }
    .into_any()
}

fn ago(at: OffsetDateTime) -> AnyView {
    view! { <Ago at=at/> }.into_any()
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
