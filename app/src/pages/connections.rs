//! `/teams/{team}/connections`: the parts of the connection list. `portal` filters, sorts and pages it.

mod filters;

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    connections::{Filter, FilterInput, ViewCounts, applications},
};
use time::OffsetDateTime;

use self::filters::FilterFields;
use super::list::{Filters, ListUrl, Listing, Resource, list_page};
use crate::{
    components::{ConnectionsOf, Icon, ListLook, Section, View, connections_table, icon, left_out_note, list_note},
    context,
    query::Query,
};

/// Why a filter by tag finds nothing although tags were asked for.
const WITHOUT_TAGS: &str = "Workato sent this list without tags, so connections cannot be found by tag.";

#[component]
pub fn ConnectionsPage() -> impl IntoView {
    list_page::<Connections>()
}

struct Connections {
    input: FilterInput,
    look: ListLook,
    look_problems: FieldProblems,
    now: OffsetDateTime,
}

impl Resource for Connections {
    const SECTION: Section = Section::Connections;
    const HEADING: &'static str = "Connections";
    const PLURAL: &'static str = "connections";
    const SINGULAR: &'static str = "connection";
    const FORM_LABEL: &'static str = "Filter connections";
    const ON_NO_MATCH: &'static str = "Change or clear the filters";
    const PARAMETERS: &'static [&'static str] = &[
        "folder_id",
        "tag",
        "updated_after",
        "provider",
        "status",
        "usage",
        "q",
        "external_id",
        "parent_id",
        "include_runtime_connections",
        "sort",
        "page",
        "rows",
        "columns",
        "density",
    ];
    const ORDER: &'static [&'static str] = &["sort", "page", "rows", "columns", "density"];
    type Filter = (Filter, ListLook);

    fn new(query: &Query) -> Self {
        let mut look_problems = FieldProblems::default();
        let look = ListLook::read(query, &mut look_problems);
        Self { input: input(query), look, look_problems, now: OffsetDateTime::now_utc() }
    }

    fn filter(&self) -> Result<Self::Filter, FieldProblems> {
        let filter = self.input.read(self.now);
        if self.look_problems.is_empty() {
            return Ok((filter?, self.look.clone()));
        }
        let mut problems = filter.err().unwrap_or_default();
        for problem in self.look_problems.iter() {
            problems.add(&problem.field, problem.problem.clone());
        }
        Err(problems)
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &Self::Filter) -> Result<Listing, Error> {
        let (filter, look) = filter;
        let portal = context::portal();
        let (found, names) = join(portal.connections(reader, filter), portal.connection_names(reader)).await;
        let (found, names) = (found?, names?);
        let fields = FilterFields {
            url,
            input: &self.input,
            names: &names,
            applications: applications(&found.list.all.items),
            problems: &FieldProblems::default(),
            now: self.now,
        };
        let query = url.first_page();
        let table = connections_table(&found, ConnectionsOf::Team, &names, filter.sort, look, &url.path, &query);
        let items = &found.list.all.items;
        let tags =
            filter.tag.is_some() && !items.is_empty() && items.iter().all(|connection| connection.tags.is_none());
        let tags = tags.then(|| view! { <p class="callout warn" role="note">{WITHOUT_TAGS}</p> }.into_any());
        let left_out = left_out_note(items.left_out, items.repeated, "connection", "connections");
        let recipes = list_note(&found.recipes, filter.needs_recipes());
        Ok(Listing {
            page: Some((&found.list).into()),
            note: (tags.is_some() || left_out.is_some() || recipes.is_some())
                .then(|| view! { {tags}{left_out}{recipes} }.into_any()),
            actions: Some(actions(reader, url, found.list.total)),
            views: self.views(url, found.views),
            tools: Some(look.chooser(&url.path, &query)),
            ..Listing::new(&found.list.all, fields.filters(), found.list.total, table)
        })
    }

    async fn invalid_filters(&self, reader: &TeamReader, url: &ListUrl, problems: &FieldProblems) -> Filters {
        // The form can do without names.
        let names = context::portal().connection_names(reader).await.unwrap_or_default();
        let (input, applications) = (&self.input, Vec::new());
        FilterFields { url, input, names: &names, applications, problems, now: self.now }.filters()
    }

    fn empty(url: &ListUrl) -> AnyView {
        let runtime = url.first_page().with("include_runtime_connections", "true").on(&url.path);
        view! {
            <div class="card empty" id="list" tabindex="-1">
                <h2>"No connections in this workspace"</h2>
                <p>"New connections appear here within 30 s. "<a href=runtime>"Include runtime users’ connections"</a></p>
            </div>
        }
        .into_any()
    }
}

impl Connections {
    /// The whole list, and what people look for in it. A view keeps the order and the number of rows.
    fn views(&self, url: &ListUrl, counts: Option<ViewCounts>) -> Vec<View> {
        let base = url.unfiltered();
        let (current, is_filtered_further) = (
            self.input.status.trim(),
            !url.query.without(&["status"]).only(Self::PARAMETERS).without(Self::ORDER).is_empty(),
        );
        let view = |name, status: &str, count, is_bad| View {
            name,
            href: base.with("status", status).on(&url.path),
            count,
            is_bad,
            is_current: !is_filtered_further && current == status,
        };
        vec![
            view("All", "", counts.map(|counts| counts.all), false),
            view("Broken", "broken", counts.map(|counts| counts.broken), true),
            view("Never connected", "none", counts.map(|counts| counts.never_connected), false),
        ]
    }
}

/// The buttons that export the list and create a connection.
fn actions(reader: &TeamReader, url: &ListUrl, total: usize) -> AnyView {
    let new = format!("{}/new", url.path);
    let new = reader
        .may_operate()
        .then(|| view! { <a class="btn primary" href=new>{icon(Icon::Plus)}<span>"New connection"</span></a> });
    let filter: Vec<_> = url
        .first_page()
        .pairs()
        .map(|(name, value)| view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> })
        .collect();
    let export = (total > 0).then(|| {
        view! {
            <form method="post" action="/api/fn/export_connections">
                <input type="hidden" name="team" value=url.team.clone()/>
                <input type="hidden" name="page" value=url.query.on(&url.path)/>
                {filter}
                <button type="submit" class="btn">{icon(Icon::Download)}<span>"Export CSV"</span></button>
            </form>
        }
    });
    view! { <div class="head-acts">{export}{new}</div> }.into_any()
}

fn input(query: &Query) -> FilterInput {
    FilterInput {
        folder_id: query.get("folder_id"),
        tag: query.get("tag"),
        updated_after: query.get("updated_after"),
        provider: query.get("provider"),
        status: query.get("status"),
        usage: query.get("usage"),
        q: query.get("q"),
        external_id: query.get("external_id"),
        parent_id: query.get("parent_id"),
        include_runtime_connections: query.get("include_runtime_connections"),
        sort: query.get("sort"),
        page: query.get("page"),
        rows: query.get("rows"),
    }
}

#[cfg(test)]
mod tests {
    use portal::connections::FilterInput;

    use super::{Connections, Resource, input};
    use crate::{components::ListLook, query::Query};

    #[test]
    fn every_parameter_of_the_url_reaches_the_filter() {
        let parameters = Connections::PARAMETERS;
        let query: Vec<_> = parameters.iter().map(|name| format!("{name}=of-{name}")).collect();
        let query = Query::of(&format!("/x?{}", query.join("&")).parse().expect("a path"));
        let read = format!("{:?}", input(&query));
        for name in parameters.iter().filter(|name| !ListLook::PARAMETERS.contains(name)) {
            assert!(read.contains(&format!("{name}: \"of-{name}\"")), "{name}: {read}");
        }
        assert_eq!(input(&Query::default()), FilterInput::default());
    }
}
