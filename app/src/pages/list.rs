//! The list pages of a team: connections, connectors and customers. A [`Resource`] supplies the parts in which they
//! differ; this file renders every state of a list: rows, empty, no match, past the last page, stale, invalid filter.

mod views;

use std::{future::Future, time::Duration};

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    upstream::{Shown, Stale},
    views::ViewedList,
};
use time::OffsetDateTime;

use self::views::{ShownList, tabs};
use crate::{
    components::{
        ButtonLook, DoneNotice, Frame, Freshness, Icon, Offers, Page, Pager, Rendered, Search, Section, SubmitButton,
        View, filter_chip, icon, page, set_status, stale_notice,
    },
    context,
    query::Query,
    wording::{numbers::grouped, problems},
};

/// One kind of list.
pub trait Resource: Sized + Send + Sync + 'static {
    const SECTION: Section;
    const HEADING: &'static str;
    /// The last part of the path, and the noun in the page's sentences.
    const PLURAL: &'static str;
    const SINGULAR: &'static str;
    /// The accessible name of the filter form.
    const FORM_LABEL: &'static str;
    /// What to do when nothing matches.
    const ON_NO_MATCH: &'static str;
    /// The kind of its saved views, if it can have any.
    const VIEWS: Option<ViewedList>;
    /// The URL parameters of the list. Other parameters are ignored.
    const PARAMETERS: &'static [&'static str];
    /// The parameters that sort and page the list without filtering it. They have no field in the form.
    const ORDER: &'static [&'static str];
    /// What the parameters mean.
    type Filter: Send + Sync;

    /// Takes the parameters from the URL, unparsed.
    fn new(query: &Query) -> Self;

    /// Parses the parameters.
    ///
    /// # Errors
    /// The problems, by parameter.
    fn filter(&self) -> Result<Self::Filter, FieldProblems>;

    /// Reads the list and renders its table.
    fn read(
        &self,
        reader: &TeamReader,
        url: &ListUrl,
        filter: &Self::Filter,
    ) -> impl Future<Output = Result<Listing, Error>> + Send;

    /// The filter form when the list was not read because of `problems`.
    fn invalid_filters(
        &self,
        reader: &TeamReader,
        url: &ListUrl,
        problems: &FieldProblems,
    ) -> impl Future<Output = Filters> + Send;

    /// What the page says when the list is empty and not filtered.
    fn empty(url: &ListUrl) -> AnyView;
}

/// The filter form of a list.
pub struct Filters {
    /// The box that searches for a name.
    pub search: Search,
    /// The other fields, which open below a button.
    pub fields: Option<AnyView>,
    /// The active filters: the parameter, and how it reads.
    pub active: Vec<(&'static str, String)>,
}

/// A list that was read.
pub struct Listing {
    pub filters: Filters,
    /// Rows in the whole filtered list.
    pub total: usize,
    pub read_at: OffsetDateTime,
    /// How long the read waited for its turn.
    pub waited: Duration,
    pub stale: Option<Stale>,
    /// The rows of this page.
    pub table: AnyView,
    /// This page, if the list has pages.
    pub page: Option<Page>,
    /// Buttons beside the heading.
    pub actions: Option<AnyView>,
    /// What is at the end of the bar with the search box.
    pub tools: Option<AnyView>,
    /// Views of the list that everyone has, as tabs.
    pub views: Vec<View>,
    /// What limits the list.
    pub note: Option<AnyView>,
    pub below: Option<AnyView>,
}

impl Listing {
    pub fn new<T>(shown: &Shown<T>, filters: Filters, total: usize, table: AnyView) -> Self {
        Self {
            filters,
            total,
            read_at: shown.read_at,
            waited: shown.waited,
            stale: shown.stale.clone(),
            table,
            page: None,
            actions: None,
            tools: None,
            views: Vec::new(),
            note: None,
            below: None,
        }
    }
}

/// The URL of a list page.
pub struct ListUrl {
    pub team: String,
    pub path: String,
    /// The known parameters that have a value.
    pub query: Query,
    order: &'static [&'static str],
}

impl ListUrl {
    fn of<R: Resource>(reader: &TeamReader, given: &Query) -> Self {
        let team = reader.team().slug.to_string();
        Self { path: format!("/teams/{team}/{}", R::PLURAL), team, query: given.only(R::PARAMETERS), order: R::ORDER }
    }

    /// The query of the list's first page.
    pub fn first_page(&self) -> Query {
        self.query.without(&["page"])
    }

    /// The query of the unfiltered list, in the same order.
    pub fn unfiltered(&self) -> Query {
        self.query.only(self.order).without(&["page"])
    }

    /// A view that everyone has: the list with one filter, or none. It keeps how the list is shown.
    pub fn view(&self, name: &str, parameter: &str, value: &str, count: Option<usize>) -> View {
        let query = self.unfiltered();
        let query = if value.is_empty() { query } else { query.with(parameter, value) };
        let is_current = query.without(self.order).is_same(&self.query.without(self.order));
        View::of_everyone(name, query.on(&self.path), count, is_current)
    }

    fn shown(&self, list: ViewedList) -> ShownList {
        let query = self.first_page();
        let looks_as_usual = query.is_same(&query.without(self.order));
        ShownList { list, query, looks_as_usual, page: self.query.on(&self.path) }
    }

    fn is_filtered(&self) -> bool {
        !self.query.without(self.order).is_empty()
    }
}

/// The filter, unless it or what else was read from the URL has problems.
///
/// # Errors
/// All problems.
pub fn with_problems<T>(filter: Result<T, FieldProblems>, more: &FieldProblems) -> Result<T, FieldProblems> {
    if more.is_empty() {
        return filter;
    }
    let mut problems = filter.err().unwrap_or_default();
    for problem in more.iter() {
        problems.add(&problem.field, problem.problem.clone());
    }
    Err(problems)
}

/// The page of a list, at `/teams/:team/…`.
pub fn list_page<R: Resource>() -> AnyView {
    page(list::<R>(context::path_part("team")))
}

async fn list<R: Resource>(team: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let frame = frame.section(R::SECTION).title(R::HEADING).with_list();
    let given = context::query();
    let (resource, url) = (R::new(&given), ListUrl::of::<R>(&reader, &given));
    match given.with_filter(R::PARAMETERS, resource.filter()) {
        Ok(filter) => {
            let read = resource.read(&reader, &url, &filter).await?;
            let views = match R::VIEWS {
                Some(list) => Some(tabs(&reader, url.shown(list), read.views).await?),
                None => None,
            };
            Ok(frame.render(listing::<R>(&url, Listing { views: Vec::new(), ..read }, views)))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            let filters = resource.invalid_filters(&reader, &url, &problems).await;
            Ok(frame.render(invalid_filter::<R>(&url, filters, &problems)))
        }
    }
}

fn listing<R: Resource>(url: &ListUrl, listing: Listing, views: Option<AnyView>) -> AnyView {
    let Listing { filters, total, read_at, waited, stale, table, page, actions, tools, note, below, .. } = listing;
    let noun = if total == 1 { R::SINGULAR } else { R::PLURAL };
    let found = if url.is_filtered() { "matching " } else { "" };
    let shown = format!("{} {found}{noun}", grouped(total));
    let rows = match page {
        _ if total == 0 && url.is_filtered() => no_match::<R>(url),
        _ if total == 0 => R::empty(url),
        Some(page) if page.number > page.of => past_the_end::<R>(url, page),
        Some(page) => view! { {table}<Pager page=page path=url.path.clone() query=url.first_page()/> }.into_any(),
        None => table,
    };
    view! {
        <DoneNotice/>
        <div class="head list-head">
            <div class="head-main">
                <h1>{R::HEADING}</h1>
                <Freshness
                    shown=Some(shown)
                    read_at=read_at
                    waited=waited
                    team=url.team.clone()
                    customers=R::SECTION == Section::Customers
                />
            </div>
            {actions}
        </div>
        {stale_notice(stale.as_ref(), read_at, Offers::Nothing)}
        {note}
        {views}
        {form::<R>(url, filters, tools, &FieldProblems::default())}
        {rows}
        {below}
    }
    .into_any()
}

/// The search box, the active filters as chips, and a button that opens the other fields. Fields with problems stand
/// open. Everything is one form, whose state is in the URL.
fn form<R: Resource>(url: &ListUrl, filters: Filters, tools: Option<AnyView>, problems: &FieldProblems) -> AnyView {
    let Filters { search, fields, active } = filters;
    let open =
        problems.iter().any(|problem| problem.field != search.name && !R::ORDER.contains(&problem.field.as_str()));
    // The list without one of its filters starts at its first page.
    let chips: Vec<_> = active
        .into_iter()
        .map(|(parameter, words)| filter_chip(&words, &url.query.without(&["page", parameter]).on(&url.path)))
        .collect();
    let clear = (!chips.is_empty()).then(|| {
        view! { <a class="sm" href=url.unfiltered().on(&url.path)>"Clear all"</a> }
    });
    // The form keeps how the list is shown. Its order is among the fields.
    let kept: Vec<_> = R::ORDER
        .iter()
        .filter(|name| !["page", "sort"].contains(*name) && problems.of(name).is_none())
        .filter_map(|name| Some((*name, url.query.get(name))).filter(|(_, value)| !value.is_empty()))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let (button, fields) = match fields {
        None => (None, None),
        Some(fields) => {
            let apply =
                view! { <p class="acts"><SubmitButton look=ButtonLook::Primary>"Apply filters"</SubmitButton></p> };
            let fields = view! { <div class="filter-fields">{fields}</div>{apply} };
            if open {
                (None, Some(view! { <div class="card card-body filters-open">{fields}</div> }.into_any()))
            } else {
                let button = view! {
                    <button type="button" class="add" popovertarget="filters">{icon(Icon::Plus)}"Filter"</button>
                };
                let fields = view! {
                    <div class="pop wide from-below" id="filters" popover="auto" role="dialog" aria-label="Filters">{fields}</div>
                };
                (Some(button), Some(fields.into_any()))
            }
        }
    };
    view! {
        <form class="bar" role="search" aria-label=R::FORM_LABEL method="get" action=url.path.clone()>
            {search.render()}
            <div class="chips">{chips}{button}{clear}</div>
            {tools}
            {kept}
            {fields}
        </form>
    }
    .into_any()
}

fn no_match<R: Resource>(url: &ListUrl) -> AnyView {
    let all = url.unfiltered().on(&url.path);
    view! {
        <div class="card empty" id="list" tabindex="-1">
            <h2>{format!("No {} matches", R::SINGULAR)}</h2>
            <p>{R::ON_NO_MATCH}" or "<a href=all>{format!("show all {}", R::PLURAL)}</a>"."</p>
        </div>
    }
    .into_any()
}

fn past_the_end<R: Resource>(url: &ListUrl, page: Page) -> AnyView {
    let last = url.query.with("page", &page.of.to_string()).on(&url.path);
    let length = if page.of == 1 { "one page".to_owned() } else { format!("{} pages", grouped(page.of)) };
    let total = grouped(page.total);
    view! {
        <div class="card empty" id="list" tabindex="-1">
            <h2>{format!("There is no page {}", grouped(page.number))}</h2>
            <p>{format!("The list has {length}, with {total} {}. ", R::PLURAL)}<a href=last>"Go to the last page"</a></p>
        </div>
    }
    .into_any()
}

fn invalid_filter<R: Resource>(url: &ListUrl, filters: Filters, problems: &FieldProblems) -> AnyView {
    let without_field: Vec<_> = problems
        .iter()
        .filter(|problem| R::ORDER.contains(&problem.field.as_str()))
        .map(|problem| {
            let id = format!("{}-problem", problem.field);
            view! { <p class="problem" id=id>{problems::named(problem)}</p> }
        })
        .collect();
    let first = (!without_field.is_empty()).then(|| {
        let href = url.query.without(R::ORDER).on(&url.path);
        view! { <p><a href=href>"Go to the first page"</a></p> }
    });
    view! {
        <div class="head"><div class="head-main"><h1>{R::HEADING}</h1></div></div>
        {form::<R>(url, filters, None, problems)}
        <div class="card empty" id="list" tabindex="-1" role="alert">
            <h2>"Fix the filter to see results"</h2>
            <p>"Part of the filter isn’t valid, so no list is shown."</p>
            {without_field}
            {first}
        </div>
    }
    .into_any()
}
