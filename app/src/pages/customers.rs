//! `/teams/{team}/customers`: the embedded customers, by name, fifty a page. What of them matches is `portal`'s matter.

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    connections::PAGE,
    customers::{self, CustomerPage, Filter, FilterInput},
    one_line,
};
use workato::{Customer, CustomerList};

use crate::{
    components::{
        ActiveFilter, ActiveFilters, Ago, Drawn, Field, Frame, Freshness, Offers, Page, Pager, Section, dash, grouped,
        page, set_status, stale_notice,
    },
    context,
    query::Query,
};

/// What the URL of the list may hold; anything else in it is left alone and goes no further.
const PARAMETERS: [&str; 2] = ["q", "page"];

#[component]
pub fn CustomersPage() -> impl IntoView {
    page(customers(context::path_part("team")))
}

async fn customers(team: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let frame = frame.section(Section::Customers).title("Customers");
    let list = List::asked(&reader);
    match list.filter() {
        Ok(filter) => {
            let found = context::portal().customer_page(&reader, &filter).await?;
            Ok(frame.draw(list.found(&found)))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            Ok(frame.draw(list.refused(&problems)))
        }
    }
}

/// The customer's name; its account id where it has none.
pub fn customer_name(customer: &Customer) -> String {
    customers::name(customer).map_or_else(|| format!("Customer {}", customer.id), one_line)
}

/// What is said of a list that was cut.
pub fn cut_short(list: &CustomerList) -> Option<String> {
    let read = grouped(list.customers.len());
    (!list.complete).then(|| {
        format!("Workato may have more customers than the {read} that the portal reads at once. Whoever is missing here can be named by id.")
    })
}

/// The list as the URL asks for it.
struct List {
    team: String,
    path: String,
    /// As it came.
    asked: Query,
    /// What of it is known and says something.
    query: Query,
    input: FilterInput,
}

impl List {
    fn asked(reader: &TeamReader) -> Self {
        let team = reader.team().slug.to_string();
        let asked = context::query();
        Self {
            path: format!("/teams/{team}/customers"),
            team,
            query: asked.only(&PARAMETERS),
            input: FilterInput { q: asked.get("q"), page: asked.get("page") },
            asked,
        }
    }

    fn filter(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        self.asked.refuse_doubles(&PARAMETERS, &mut problems);
        match self.input.read() {
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
        !self.query.get("q").is_empty()
    }

    fn form(&self, problems: &FieldProblems) -> AnyView {
        view! {
            <form class="filters" role="search" aria-label="Filter the customers" method="get" action=self.path.clone()>
                <Field
                    label="Name or id"
                    name="q"
                    kind="search"
                    value=self.input.q.clone()
                    placeholder="Part of a name or external id"
                    problem=problems.of("q").map(str::to_owned)
                />
                <button class="button" type="submit">"Filter"</button>
            </form>
        }
        .into_any()
    }

    fn active(&self) -> AnyView {
        let words = format!("name or id: {}", self.input.q.trim());
        let all = self.query.without(&PARAMETERS);
        let filter = self.is_filtered().then(|| ActiveFilter { words, without: all.clone() });
        view! { <ActiveFilters filters=filter.into_iter().collect() path=self.path.clone() cleared=all/> }.into_any()
    }

    fn found(&self, found: &CustomerPage) -> AnyView {
        let total = found.total;
        let shown = if self.is_filtered() { format!("{} match", grouped(total)) } else { grouped(total) };
        let list = if total == 0 {
            self.nothing()
        } else if found.places.is_empty() {
            self.past_the_end(found)
        } else {
            let page = Page { number: found.page, of: found.pages(), size: PAGE, total };
            view! {
                {table(found.customers(), &self.path)}
                <Pager page=page path=self.path.clone() query=self.query.without(&["page"])/>
            }
            .into_any()
        };
        view! {
            <div class="head">
                <div>
                    <h1>"Customers"</h1>
                    <Freshness
                        shown=shown
                        read_at=found.all.read_at
                        waited=found.all.waited
                        team=self.team.clone()
                        customers=true
                    />
                </div>
            </div>
            {stale_notice(found.all.stale.as_ref(), found.all.read_at, Offers::Nothing)}
            {cut_short(&found.all.items).map(|told| view! { <p class="callout warn" role="note">{told}</p> })}
            {self.form(&FieldProblems::default())}
            {self.active()}
            {list}
        }
        .into_any()
    }

    fn refused(&self, problems: &FieldProblems) -> AnyView {
        // The page has no field of its own.
        let elsewhere = problems.of("page").map(|problem| {
            let href = self.query.without(&["page"]).on(&self.path);
            view! {
                <p class="problem" id="page-problem">{format!("page: {problem}")}</p>
                <p><a href=href>"To the first page"</a></p>
            }
        });
        view! {
            <div class="head"><div><h1>"Customers"</h1></div></div>
            {self.form(problems)}
            <div class="panel empty" role="alert">
                <h2>"Nothing is listed"</h2>
                <p>"The portal does not understand a part of this filter; it shows no list that could be the wrong one."</p>
                {elsewhere}
            </div>
        }
        .into_any()
    }

    fn nothing(&self) -> AnyView {
        if self.is_filtered() {
            view! {
                <div class="panel empty">
                    <h2>"No customer matches"</h2>
                    <p>"Give less of the name, or "<a href=self.path.clone()>"show all customers"</a>"."</p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="panel empty">
                    <h2>"There is no embedded customer yet"</h2>
                    <p>"Customers are added in Workato. They appear here within minutes, or at once with Refresh."</p>
                </div>
            }
            .into_any()
        }
    }

    fn past_the_end(&self, found: &CustomerPage) -> AnyView {
        let pages = found.pages();
        let last = self.query.with("page", &pages.to_string()).on(&self.path);
        let length = if pages == 1 { "one page".to_owned() } else { format!("{} pages", grouped(pages)) };
        view! {
            <div class="panel empty">
                <h2>{format!("There is no page {}", grouped(found.page))}</h2>
                <p>{format!("The list has {length}, with {} customers. ", grouped(found.total))}<a href=last>"To the last page"</a></p>
            </div>
        }
        .into_any()
    }
}

fn table<'a>(customers: impl Iterator<Item = &'a Customer>, path: &str) -> AnyView {
    let rows: Vec<_> = customers.map(|customer| row(customer, path)).collect();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>"Customers by name"</caption>
                <thead>
                    <tr>
                        <th scope="col" aria-sort="ascending">"Name"</th>
                        <th scope="col" class="num minor">"Account id"</th>
                        <th scope="col">"External id"</th>
                        <th scope="col" class="minor">"Plan"</th>
                        <th scope="col" class="minor">"Trial"</th>
                        <th scope="col" class="num minor">"Created"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(customer: &Customer, path: &str) -> AnyView {
    let href = format!("{path}/{}", customer.id);
    let external_id = customer.external_id.clone().filter(|id| !id.is_empty());
    view! {
        <tr>
            <th scope="row"><a href=href>{customer_name(customer)}</a></th>
            <td class="num minor"><span class="id">{customer.id.to_string()}</span></td>
            <td>{external_id.map_or_else(dash, |id| view! { <span class="id">{id}</span> }.into_any())}</td>
            <td class="minor"><span class="soft">{customer.plan_id.clone().unwrap_or_default()}</span></td>
            <td class="minor">{trial(customer)}</td>
            <td class="num soft minor">
                {customer.created_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any())}
            </td>
        </tr>
    }
    .into_any()
}

/// Whether the customer is on trial.
pub fn trial(customer: &Customer) -> AnyView {
    match customer.in_trial {
        Some(true) => "on trial".into_any(),
        Some(false) | None => dash(),
    }
}
