//! `/teams/{team}/customers/{id}`: one embedded customer as Workato has it, its connections, and what was shared with
//! it through the portal. After the customer is deleted in Workato, the page shows what the audit log has.

use futures::future::join3;
use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::TargetType,
    connections::{Column, ConnectionPage, Filter, FilterInput},
    customers::FoundCustomer,
    impact::{CustomersRecipes, Known, Wanted},
    looks::Look,
    upstream::Names,
};
use time::OffsetDateTime;
use workato::{Customer, CustomerId};

use super::{
    customers::{customer_name, trial},
    target::TargetLog,
};
use crate::{
    components::{
        ButtonLink, ButtonLook, ConnectionsOf, Frame, Freshness, Offers, Pager, Rendered, Section, Tone,
        connections_table, customer_recipes_section, facts_panel, id_fact, large_monogram, left_out_note, moment_fact,
        or_unreadable, page, remark, set_status, stale_notice, text_fact,
    },
    context,
    query::Query,
    wording::{numbers::grouped, problems, refusals},
};

/// The URL parameters, which sort and page the customer's connections.
const PARAMETERS: [&str; 2] = ["sort", "page"];

#[component]
pub fn CustomerPage() -> impl IntoView {
    page(customer(context::path_part("team"), context::path_part("id")))
}

async fn customer(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Customers).document();
    let log = TargetLog::read(&reader, TargetType::Customer, id, &[]).await?;
    let list = ConnectionList::new(&team, id);
    let portal = context::portal();
    let connections = async {
        let filter = list.filter()?;
        let read = portal.customer_connections(&reader, id, &filter).await;
        Ok((filter, read))
    };
    let (found, connections, recipes) =
        join3(log.find(portal.customer(&reader, id)), connections, portal.customers_in_use(&reader, Wanted::Some))
            .await;
    let found = match found? {
        Ok(found) => found,
        Err(why) => return Ok(frame.title(log.name()).render(log.page(why))),
    };
    let connections = match connections {
        // The list may be incomplete, but Workato does not know the customer either.
        Ok((_, Err(Error::NotFound))) if found.is_none() => return Err(Error::NotFound),
        Ok((filter, read)) => list.render(&filter, read),
        Err(problem) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            list.invalid(problem)
        }
    };
    let name = found.as_ref().map_or_else(|| log.name(), |found| customer_name(&found.customer));
    Ok(frame.title(name.clone()).render(content(&reader, id, found.as_ref(), &name, (connections, &recipes), log)))
}

fn content(
    reader: &TeamReader,
    id: CustomerId,
    found: Option<&FoundCustomer>,
    name: &str,
    (connections, recipes): (AnyView, &Known<CustomersRecipes>),
    log: TargetLog,
) -> AnyView {
    let team = &reader.team().slug;
    let share = reader.may_operate().then(|| {
        let href = Query::default().with("customer", &id.to_string()).on(&format!("/teams/{team}/recipes"));
        view! { <ButtonLink href=href look=ButtonLook::Primary>"Share a recipe"</ButtonLink> }
    });
    let freshness = found.map(|found| {
        view! { <Freshness read_at=found.read_at waited=found.waited team=team.to_string() customers=true/> }
    });
    let facts = match found {
        Some(found) => facts(&found.customer),
        None => facts_panel([("Account ID", id_fact(Some(&id.to_string())))], ().into_any()),
    };
    view! {
        <div class="head">
            <div class="head-main">
                {log.breadcrumb()}
                <div class="title">{large_monogram(name, name)}<h1>{name.to_owned()}</h1></div>
            </div>
            <div class="head-acts">{freshness}{share}</div>
        </div>
        {found.and_then(|found| stale_notice(found.stale.as_ref(), found.read_at, Offers::Nothing))}
        {found.is_none().then(not_in_list)}
        <div class="cols">
            <div>
                {connections}
                {customer_recipes_section(recipes, id)}
                {log.operations()}
            </div>
            <div>{facts}</div>
        </div>
    }
    .into_any()
}

fn not_in_list() -> AnyView {
    remark(
        Tone::Warn,
        "Workato has more customers than the portal reads at once, and this one is not among those. Only its connections are shown.",
    )
}

fn facts(customer: &Customer) -> AnyView {
    let it = |field, shown| or_unreadable(&customer.unreadable, field, shown);
    let facts = [
        ("Account ID", view! { <span class="id">{customer.id.to_string()}</span> }.into_any()),
        ("External ID", it("external_id", id_fact(customer.external_id.as_deref()))),
        ("Plan", it("plan_id", text_fact(customer.plan_id.as_deref()))),
        ("Trial", it("in_trial", trial(customer))),
        ("Notified by email", it("notification_email", text_fact(customer.notification_email.as_deref()))),
        ("Created", it("created_at", moment_fact(customer.created_at))),
        ("Updated", it("updated_at", moment_fact(customer.updated_at))),
    ];
    facts_panel(facts, ().into_any())
}

/// The list of the customer's connections, as the URL asks for it.
struct ConnectionList {
    path: String,
    /// The parameters as they came.
    given: Query,
    /// The known parameters that have a value.
    query: Query,
}

impl ConnectionList {
    fn new(team: &str, id: CustomerId) -> Self {
        let given = context::query();
        Self { path: format!("/teams/{team}/customers/{id}"), query: given.only(&PARAMETERS), given }
    }

    /// The filter, or its problems in one line, since its parameters have no fields.
    fn filter(&self) -> Result<Filter, String> {
        let (sort, page) = (self.given.get("sort"), self.given.get("page"));
        let input = FilterInput { sort, page, ..FilterInput::default() };
        self.given.with_filter(&PARAMETERS, input.read(OffsetDateTime::now_utc())).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(problems::named).collect();
            problems.join(" ")
        })
    }

    fn render(&self, filter: &Filter, read: Result<ConnectionPage, Error>) -> AnyView {
        let items = read.as_ref().map(|found| &found.list.all.items);
        let (left_out, repeated) = items.map_or((0, 0), |items| (items.left_out, items.repeated));
        let note = left_out_note(left_out, repeated, "connection", "connections");
        let content = match read {
            Ok(found) if found.list.total == 0 => view! { <p class="soft">"No connections"</p> }.into_any(),
            Ok(found) if found.list.places.is_empty() => {
                let first = self.query.without(&["page"]).on(&self.path);
                let total = grouped(found.list.total);
                view! { <p>{format!("The list of its {total} connections ends before this page. ")}<a href=first>"Go to the first page"</a></p> }
                    .into_any()
            }
            Ok(found) => self.table(filter, &found),
            Err(error) => {
                remark(Tone::Warn, format!("Its connections cannot be shown now. {}", refusals::message_of(&error)))
            }
        };
        section(view! { {note}{content} }.into_any())
    }

    fn table(&self, filter: &Filter, found: &ConnectionPage) -> AnyView {
        let (list, query) = (&found.list, self.query.without(&["page"]));
        // Folders and tags are in the customer's own workspace, whose names the team's token cannot read.
        let names = Names::default();
        let look = Look { columns: vec![Column::Application, Column::Updated], ..Look::default() };
        let table = connections_table(found, ConnectionsOf::Customer, &names, filter.sort, &look, &self.path, &query);
        let pager = (list.pages() > 1).then(|| view! { <Pager page=list.into() path=self.path.clone() query=query/> });
        let stale = stale_notice(list.all.stale.as_ref(), list.all.read_at, Offers::Nothing);
        view! { {stale}{table}{pager} }.into_any()
    }

    fn invalid(&self, problem: String) -> AnyView {
        let first = self.path.clone();
        section(
            view! {
                <div class="card empty" role="alert">
                    <h3>"No list is shown"</h3>
                    <p class="problem">{problem}</p>
                    <p><a href=first>"Go to the first page"</a></p>
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
