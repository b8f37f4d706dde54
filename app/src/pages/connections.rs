//! `/teams/{team}/connections`: the list, filtered, sorted and fifty a page. Which of them match is `portal`'s matter.

mod filters;

use futures::future::join;
use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    connections::{ConnectionPage, Filter, FilterInput, PAGE, applications},
    upstream::Names,
};
use time::OffsetDateTime;

use self::filters::FilterForm;
use crate::{
    components::{
        ConnectionsOf, Drawn, Frame, Freshness, Offers, Page, Pager, Section, connections_table, grouped, page,
        set_status, stale_notice,
    },
    context,
    query::Query,
};

/// What the URL of the list may hold; anything else in it is left alone and goes no further.
const PARAMETERS: [&str; 11] = [
    "folder_id",
    "tag",
    "updated_after",
    "provider",
    "status",
    "q",
    "external_id",
    "parent_id",
    "include_runtime_connections",
    "sort",
    "page",
];
/// Those that say where in the list and in which order, but do not restrict it.
const ORDER: [&str; 2] = ["sort", "page"];

#[component]
pub fn ConnectionsPage() -> impl IntoView {
    page(connections(context::path_part("team")))
}

async fn connections(team: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let frame = frame.section(Section::Connections).title("Connections");
    let list = List::asked(&reader);
    match list.filter() {
        Ok(filter) => {
            let portal = context::portal();
            let (found, names) = join(portal.connections(&reader, &filter), portal.connection_names(&reader)).await;
            let (found, names) = (found?, names?);
            Ok(frame.draw(list.found(&filter, &found, &names)))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            // What is wrong can be said without names.
            let names = context::portal().connection_names(&reader).await.unwrap_or_default();
            Ok(frame.draw(list.refused(&problems, &names)))
        }
    }
}

/// The list as the URL asks for it.
struct List {
    team: String,
    may_operate: bool,
    path: String,
    /// As it came.
    asked: Query,
    /// What of it is known and says something.
    query: Query,
    input: FilterInput,
    now: OffsetDateTime,
}

impl List {
    fn asked(reader: &TeamReader) -> Self {
        let team = reader.team().slug.to_string();
        let asked = context::query();
        Self {
            path: format!("/teams/{team}/connections"),
            team,
            may_operate: reader.may_operate(),
            query: asked.only(&PARAMETERS),
            input: input(&asked),
            asked,
            now: OffsetDateTime::now_utc(),
        }
    }

    fn filter(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        self.asked.refuse_doubles(&PARAMETERS, &mut problems);
        match self.input.read(self.now) {
            Ok(filter) if problems.is_empty() => Ok(filter),
            Ok(_) => Err(problems),
            Err(more) => {
                for problem in more.iter() {
                    problems.add(&problem.field, &problem.message);
                }
                Err(problems)
            }
        }
    }

    fn is_filtered(&self) -> bool {
        !self.query.without(&ORDER).is_empty()
    }

    fn form(&self, names: &Names, applications: Vec<String>, problems: &FieldProblems) -> AnyView {
        let form = FilterForm {
            path: &self.path,
            query: &self.query,
            input: &self.input,
            names,
            applications,
            problems,
            now: self.now,
        };
        form.draw()
    }

    fn found(&self, filter: &Filter, found: &ConnectionPage, names: &Names) -> AnyView {
        let form = self.form(names, applications(&found.all.items), &FieldProblems::default());
        let shown = if self.is_filtered() { format!("{} match", grouped(found.total)) } else { grouped(found.total) };
        let list = if found.total == 0 {
            self.nothing()
        } else if found.places.is_empty() {
            self.past_the_end(found)
        } else {
            let page = Page { number: found.page, of: found.pages(), size: PAGE, total: found.total };
            let query = self.query.without(&["page"]);
            view! {
                {connections_table(found, ConnectionsOf::Team, names, filter.sort, &self.path, &query)}
                <Pager page=page path=self.path.clone() query=query/>
            }
            .into_any()
        };
        view! {
            <div class="head">
                <div>
                    <h1>"Connections"</h1>
                    <Freshness shown=shown read_at=found.all.read_at waited=found.all.waited team=self.team.clone()/>
                </div>
                {self.ways(found.total)}
            </div>
            {stale_notice(found.all.stale.as_ref(), found.all.read_at, Offers::Nothing)}
            {form}
            {list}
        }
        .into_any()
    }

    /// To what can be done with the list as a whole.
    fn ways(&self, total: usize) -> AnyView {
        let new = format!("{}/new", self.path);
        let new = self.may_operate.then(|| view! { <a class="button primary" href=new>"New connection"</a> });
        let fields = self.query.without(&["page"]);
        let hidden: Vec<_> = fields
            .pairs()
            .map(|(name, value)| view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> })
            .collect();
        let export = (total > 0).then(|| {
            view! {
                <form method="post" action="/api/fn/export_connections">
                    <input type="hidden" name="team" value=self.team.clone()/>
                    <input type="hidden" name="page" value=self.query.on(&self.path)/>
                    {hidden}
                    <button type="submit" class="button">"Export CSV"</button>
                </form>
            }
        });
        view! { <div class="row">{export}{new}</div> }.into_any()
    }

    fn refused(&self, problems: &FieldProblems, names: &Names) -> AnyView {
        // Page and order have no field of their own.
        let elsewhere: Vec<_> = problems
            .iter()
            .filter(|problem| ORDER.contains(&problem.field.as_str()))
            .map(|problem| view! { <p class="problem" id=format!("{}-problem", problem.field)>{format!("{}: {}", problem.field, problem.message)}</p> })
            .collect();
        let first = (!elsewhere.is_empty()).then(|| {
            let href = self.query.without(&ORDER).on(&self.path);
            view! { <p><a href=href>"To the first page"</a></p> }
        });
        view! {
            <div class="head"><div><h1>"Connections"</h1></div></div>
            {self.form(names, Vec::new(), problems)}
            <div class="panel empty" role="alert">
                <h2>"Nothing is listed"</h2>
                <p>"The portal does not understand a part of this filter; it shows no list that could be the wrong one."</p>
                {elsewhere}
                {first}
            </div>
        }
        .into_any()
    }

    fn nothing(&self) -> AnyView {
        if self.is_filtered() {
            let all = self.query.only(&["sort"]).on(&self.path);
            view! {
                <div class="panel empty">
                    <h2>"No connection matches"</h2>
                    <p>"Loosen a filter, or "<a href=all>"show all connections"</a>"."</p>
                </div>
            }
            .into_any()
        } else {
            let runtime = self.query.with("include_runtime_connections", "true").without(&["page"]).on(&self.path);
            view! {
                <div class="panel empty">
                    <h2>"This workspace has no connections"</h2>
                    <p>"What is made in Workato shows here within half a minute. Connections of runtime users are listed "
                        <a href=runtime>"when they are asked for"</a>"."</p>
                </div>
            }
            .into_any()
        }
    }

    fn past_the_end(&self, found: &ConnectionPage) -> AnyView {
        let pages = found.pages();
        let last = self.query.with("page", &pages.to_string()).on(&self.path);
        let length = if pages == 1 { "one page".to_owned() } else { format!("{} pages", grouped(pages)) };
        view! {
            <div class="panel empty">
                <h2>{format!("There is no page {}", grouped(found.page))}</h2>
                <p>{format!("The list has {length}, with {} connections. ", grouped(found.total))}<a href=last>"To the last page"</a></p>
            </div>
        }
        .into_any()
    }
}

fn input(query: &Query) -> FilterInput {
    FilterInput {
        folder_id: query.get("folder_id"),
        tag: query.get("tag"),
        updated_after: query.get("updated_after"),
        provider: query.get("provider"),
        status: query.get("status"),
        q: query.get("q"),
        external_id: query.get("external_id"),
        parent_id: query.get("parent_id"),
        include_runtime_connections: query.get("include_runtime_connections"),
        sort: query.get("sort"),
        page: query.get("page"),
    }
}

#[cfg(test)]
mod tests {
    use portal::connections::FilterInput;

    use super::{PARAMETERS, input};
    use crate::query::Query;

    #[test]
    fn every_parameter_of_the_url_reaches_the_filter() {
        let query: Vec<_> = PARAMETERS.iter().map(|name| format!("{name}=of-{name}")).collect();
        let query = Query::of(&format!("/x?{}", query.join("&")).parse().expect("a path"));
        let read = format!("{:?}", input(&query));
        for name in PARAMETERS {
            assert!(read.contains(&format!("{name}: \"of-{name}\"")), "{name}: {read}");
        }
        assert_eq!(input(&Query::default()), FilterInput::default());
    }
}
