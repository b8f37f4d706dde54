//! `/teams/{team}/connections`: the parts of the connection list. `portal` filters, sorts and pages it.

mod filters;

use std::sync::Arc;

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    connections::{Column, Filter, FilterInput, PARAMETERS, UsageCounts, ViewCounts},
    jobs::Act,
    looks::Look,
    upstream::Names,
    views::ViewedList,
};
use time::OffsetDateTime;

use self::filters::FilterFields;
use super::list::{Filters, ListUrl, Listing, Resource, list_page, with_problems};
use crate::{
    components::{
        ButtonLink, ButtonLook, ChangeMany, ConnectionsOf, Icon, Section, SubmitButton, Tone, View, change_many_button,
        connections_table, icon, left_out_note, list_note, look_chooser, read_look, remark,
    },
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
    look: Look<Column>,
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
    const VIEWS: Option<ViewedList> = Some(ViewedList::Connections);
    const PARAMETERS: &'static [&'static str] = PARAMETERS;
    const ORDER: &'static [&'static str] = &["sort", "page", "rows", "columns", "density"];
    type Filter = (Filter, Look<Column>);

    fn new(query: &Query) -> Self {
        let mut look_problems = FieldProblems::default();
        let look = read_look(query, &mut look_problems);
        Self { input: FilterInput::of(|name| query.get(name)), look, look_problems, now: OffsetDateTime::now_utc() }
    }

    fn filter(&self) -> Result<Self::Filter, FieldProblems> {
        Ok((with_problems(self.input.read(self.now), &self.look_problems)?, self.look.clone()))
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
            applications: Arc::clone(&found.applications),
            problems: &FieldProblems::default(),
            now: self.now,
        };
        let query = url.first_page();
        let of = if reader.may_operate() { ConnectionsOf::TeamToChange } else { ConnectionsOf::Team };
        let table = connections_table(&found, of, &names, filter.sort, look, &url.path, &query);
        let items = &found.list.all.items;
        let tags =
            filter.tag.is_some() && !items.is_empty() && items.iter().all(|connection| connection.tags.is_none());
        let tags = tags.then(|| remark(Tone::Warn, WITHOUT_TAGS));
        let left_out = left_out_note(items.left_out, items.repeated, "connection", "connections");
        let recipes = list_note(&found.recipes, filter.needs_recipes());
        Ok(Listing {
            page: Some((&found.list).into()),
            note: (tags.is_some() || left_out.is_some() || recipes.is_some())
                .then(|| view! { {tags}{left_out}{recipes} }.into_any()),
            actions: Some(actions(reader, url, found.list.total)),
            views: views(url, found.views, found.used),
            tools: Some(tools(reader, look_chooser(look, &url.path, &query))),
            below: reader.may_operate().then(|| many(url, &names, found.list.total)),
            ..Listing::new(&found.list.all, fields.filters(), found.list.total, table)
        })
    }

    async fn invalid_filters(&self, reader: &TeamReader, url: &ListUrl, problems: &FieldProblems) -> Filters {
        // The form can do without names.
        let names = context::portal().connection_names(reader).await.unwrap_or_default();
        let (input, applications) = (&self.input, Arc::default());
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

/// What is at the end of the bar: for operators with the button that changes several.
fn tools(reader: &TeamReader, look: AnyView) -> AnyView {
    let several = reader.may_operate().then(change_many_button);
    view! { {several}{look} }.into_any()
}

/// The form that changes several connections at once.
fn many(url: &ListUrl, names: &Names, total: usize) -> AnyView {
    let acts = &[Act::Delete, Act::Disconnect, Act::Tag, Act::Untag, Act::Move];
    ChangeMany {
        team: &url.team,
        page: url.query.on(&url.path),
        filter: url.first_page(),
        acts,
        total,
        names: Some(names),
    }
    .render()
}

/// The whole list, and what people look for in it.
fn views(url: &ListUrl, counts: Option<ViewCounts>, used: Option<UsageCounts>) -> Vec<View> {
    vec![
        url.view("All", "", "", counts.map(|counts| counts.all)),
        url.view("Broken", "status", "broken", counts.map(|counts| counts.broken)).bad(),
        url.view("Broken and in use", "usage", "broken_in_use", used.map(|used| used.broken_in_use)).bad(),
        url.view("Unused", "usage", "unused", used.and_then(|used| used.unused)),
        url.view("Never connected", "status", "none", counts.map(|counts| counts.never_connected)),
    ]
}

/// The buttons that export the list and create a connection.
fn actions(reader: &TeamReader, url: &ListUrl, total: usize) -> AnyView {
    let new = format!("{}/new", url.path);
    let new = reader
        .may_operate()
        .then(|| view! { <ButtonLink href=new look=ButtonLook::Primary>{icon(Icon::Plus)}<span>"New connection"</span></ButtonLink> });
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
                <SubmitButton>{icon(Icon::Download)}<span>"Export CSV"</span></SubmitButton>
            </form>
        }
    });
    view! { <div class="head-acts">{export}{new}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use portal::{connections::FilterInput, looks};

    use super::{Connections, Resource};
    use crate::query::Query;

    #[test]
    fn every_parameter_of_the_url_reaches_the_filter() {
        let parameters = Connections::PARAMETERS;
        let query: Vec<_> = parameters.iter().map(|name| format!("{name}=of-{name}")).collect();
        let query = Query::of(&format!("/x?{}", query.join("&")).parse().expect("a path"));
        let read = format!("{:?}", Connections::new(&query).input);
        for name in parameters.iter().filter(|name| !looks::PARAMETERS.contains(name)) {
            assert!(read.contains(&format!("{name}: \"of-{name}\"")), "{name}: {read}");
        }
        assert_eq!(Connections::new(&Query::default()).input, FilterInput::default());
    }
}
