//! `/teams/{team}/customers/{id}`: what Workato tells of one embedded customer, its connections, and what was shared with
//! it through the portal. Once it is gone, the log still tells what was.

use futures::future::join;
use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    audit::TargetType,
    connections::{ConnectionPage, Filter, FilterInput, PAGE},
    customers::FoundCustomer,
    upstream::Names,
};
use time::OffsetDateTime;
use workato::{Customer, CustomerId, Timestamp};

use super::{
    customers::{customer_name, trial},
    target::TargetLog,
};
use crate::{
    components::{
        ConnectionsOf, Drawn, Frame, Freshness, Moment, Offers, Page, Pager, Section, connections_table, dash, grouped,
        page, set_status, stale_notice,
    },
    context,
    query::Query,
};

/// What the URL may hold: which of the customer's connections are shown.
const PARAMETERS: [&str; 2] = ["sort", "page"];

#[component]
pub fn CustomerPage() -> impl IntoView {
    page(customer(context::path_part("team"), context::path_part("id")))
}

async fn customer(team: String, id: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Customers);
    let log = TargetLog::read(&reader, TargetType::Customer, id, &[]).await?;
    let asked = Asked::new(&team, id);
    let portal = context::portal();
    let connections = async {
        let filter = asked.filter()?;
        let read = portal.customer_connections(&reader, id, &filter).await;
        Ok((filter, read))
    };
    let (found, connections) = join(log.find(portal.customer(&reader, id)), connections).await;
    let found = match found? {
        Ok(found) => found,
        Err(why) => return Ok(frame.title(log.name()).draw(log.page(why))),
    };
    let connections = match connections {
        // Workato knows who is missing from a list that may not be whole.
        Ok((_, Err(Error::NotFound))) if found.is_none() => return Err(Error::NotFound),
        Ok((filter, read)) => asked.connections(&filter, read),
        Err(problem) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            asked.refused(problem)
        }
    };
    let name = found.as_ref().map_or_else(|| log.name(), |found| customer_name(&found.customer));
    Ok(frame.title(name.clone()).draw(there(&reader, id, found.as_ref(), &name, connections, log)))
}

fn there(
    reader: &TeamReader,
    id: CustomerId,
    found: Option<&FoundCustomer>,
    name: &str,
    connections: AnyView,
    log: TargetLog,
) -> AnyView {
    let team = &reader.team().slug;
    let share = reader.may_operate().then(|| {
        let href = Query::default().with("customer", &id.to_string()).on(&format!("/teams/{team}/recipes"));
        view! { <a class="button" href=href>"Share a recipe with it"</a> }
    });
    let freshness = match found {
        Some(found) => view! {
            <Freshness
                shown=format!("Account {id}")
                read_at=found.read_at
                waited=found.waited
                team=team.to_string()
                customers=true
            />
        }
        .into_any(),
        None => view! { <p class="soft">"Account "<span class="id">{id.to_string()}</span></p> }.into_any(),
    };
    view! {
        {log.breadcrumb()}
        <div class="head">
            <div>
                <h1>{name.to_owned()}</h1>
                {freshness}
            </div>
            {share}
        </div>
        {found.and_then(|found| stale_notice(found.stale.as_ref(), found.read_at, Offers::Nothing))}
        {found.is_none().then(beyond_the_list)}
        {found.map(|found| facts(&found.customer))}
        {connections}
        {log.operations()}
    }
    .into_any()
}

fn beyond_the_list() -> AnyView {
    view! {
        <p class="callout warn" role="note">
            "Workato has more customers than the portal reads at once, and this one is not among those. Only its connections are shown."
        </p>
    }
    .into_any()
}

fn facts(customer: &Customer) -> AnyView {
    let facts: Vec<_> = [
        ("Account id", view! { <span class="id">{customer.id.to_string()}</span> }.into_any()),
        ("External id", id(customer.external_id.as_deref())),
        ("Plan", text(customer.plan_id.as_deref())),
        ("Trial", trial(customer)),
        ("Notified by e-mail", text(customer.notification_email.as_deref())),
        ("Created", moment(customer.created_at)),
        ("Updated", moment(customer.updated_at)),
    ]
    .into_iter()
    .map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> })
    .collect();
    view! {
        <section class="panel" aria-labelledby="facts">
            <h2 id="facts">"As Workato has it"</h2>
            <dl class="facts">{facts}</dl>
        </section>
    }
    .into_any()
}

fn text(text: Option<&str>) -> AnyView {
    match text.map(str::trim) {
        None | Some("") => dash(),
        Some(text) => text.to_owned().into_any(),
    }
}

fn id(id: Option<&str>) -> AnyView {
    match id {
        None | Some("") => dash(),
        Some(id) => view! { <span class="id">{id.to_owned()}</span> }.into_any(),
    }
}

fn moment(at: Option<Timestamp>) -> AnyView {
    at.map_or_else(dash, |at| view! { <Moment at=at.get()/> }.into_any())
}

/// The customer's connections as the URL asks for them.
struct Asked {
    path: String,
    /// As it came.
    asked: Query,
    /// What of it is known and says something.
    query: Query,
}

impl Asked {
    fn new(team: &str, id: CustomerId) -> Self {
        let asked = context::query();
        Self { path: format!("/teams/{team}/customers/{id}"), query: asked.only(&PARAMETERS), asked }
    }

    /// The filter, or what is wrong with it in one line: it has no fields of its own.
    fn filter(&self) -> Result<Filter, String> {
        let mut problems = FieldProblems::default();
        self.asked.refuse_doubles(&PARAMETERS, &mut problems);
        let (sort, page) = (self.asked.get("sort"), self.asked.get("page"));
        let input = FilterInput { sort, page, ..FilterInput::default() };
        let filter = input.read(OffsetDateTime::now_utc()).map_err(|more| {
            for problem in more.iter() {
                problems.add(&problem.field, &problem.message);
            }
        });
        let told: Vec<_> = problems.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
        filter.ok().filter(|_| told.is_empty()).ok_or_else(|| told.join(" "))
    }

    fn connections(&self, filter: &Filter, read: Result<ConnectionPage, Error>) -> AnyView {
        let content = match read {
            Ok(found) if found.total == 0 => view! { <p class="soft">"It has no connections."</p> }.into_any(),
            Ok(found) if found.places.is_empty() => {
                let first = self.query.without(&["page"]).on(&self.path);
                let total = grouped(found.total);
                view! { <p>{format!("The list of its {total} connections ends before this page. ")}<a href=first>"To the first page"</a></p> }
                    .into_any()
            }
            Ok(found) => self.table(filter, &found),
            Err(error) => view! {
                <p class="callout warn" role="note">{format!("Its connections cannot be shown now. {}", error.public())}</p>
            }
            .into_any(),
        };
        section(content)
    }

    fn table(&self, filter: &Filter, found: &ConnectionPage) -> AnyView {
        let query = self.query.without(&["page"]);
        // Folders and tags lie in the customer's own workspace, whose names the team's token cannot read.
        let names = Names::default();
        let table = connections_table(found, ConnectionsOf::Customer, &names, filter.sort, &self.path, &query);
        let pager = (found.pages() > 1).then(|| {
            let page = Page { number: found.page, of: found.pages(), size: PAGE, total: found.total };
            view! { <Pager page=page path=self.path.clone() query=query/> }
        });
        let stale = stale_notice(found.all.stale.as_ref(), found.all.read_at, Offers::Nothing);
        view! { {stale}{table}{pager} }.into_any()
    }

    fn refused(&self, problem: String) -> AnyView {
        let first = self.path.clone();
        section(
            view! {
                <div class="panel empty" role="alert">
                    <h3>"Nothing is listed"</h3>
                    <p class="problem">{problem}</p>
                    <p><a href=first>"To the first page"</a></p>
                </div>
            }
            .into_any(),
        )
    }
}

fn section(content: AnyView) -> AnyView {
    view! {
        <section aria-labelledby="connections">
            <h2 id="connections">"Connections"</h2>
            {content}
        </section>
    }
    .into_any()
}
