//! `/teams/{team}/customers`: the parts of the list of embedded customers. `portal` filters and pages it.

use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    customers::{self, Filter, FilterInput},
    one_line,
};
use workato::{Customer, CustomerList};

use super::list::{Filters, ListUrl, Listing, Resource, list_page};
use crate::{
    components::{Ago, Field, Section, dash, left_out_note, or_unreadable},
    context,
    query::Query,
    wording::{numbers::grouped, problems},
};

#[component]
pub fn CustomersPage() -> impl IntoView {
    list_page::<Customers>()
}

/// The customer's name, or its account id if it has no name.
pub fn customer_name(customer: &Customer) -> String {
    customers::name(customer).map_or_else(|| format!("Customer {}", customer.id), one_line)
}

/// Says that Workato may have more customers than the list, if the portal did not read all of them.
pub fn incomplete_note(list: &CustomerList) -> Option<String> {
    let read = grouped(list.customers.len());
    (!list.complete).then(|| {
        format!("Workato may have more customers than the {read} that the portal reads at once. Whoever is missing here can be named by id.")
    })
}

fn note_of(incomplete: Option<String>, left_out: usize) -> Option<AnyView> {
    let incomplete = incomplete.map(|note| view! { <p class="callout warn" role="note">{note}</p> });
    let left_out = left_out_note(left_out, 0, "customer", "customers");
    (incomplete.is_some() || left_out.is_some()).then(|| view! { {incomplete}{left_out} }.into_any())
}

struct Customers {
    input: FilterInput,
}

impl Resource for Customers {
    const SECTION: Section = Section::Customers;
    const HEADING: &'static str = "Customers";
    const PLURAL: &'static str = "customers";
    const SINGULAR: &'static str = "customer";
    const FORM_LABEL: &'static str = "Filter the customers";
    const ON_NO_MATCH: &'static str = "Give less of the name";
    const PARAMETERS: &'static [&'static str] = &["q", "page"];
    const ORDER: &'static [&'static str] = &["page"];
    type Filter = Filter;

    fn new(query: &Query) -> Self {
        Self { input: FilterInput { q: query.get("q"), page: query.get("page") } }
    }

    fn filter(&self) -> Result<Filter, FieldProblems> {
        self.input.read()
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &Filter) -> Result<Listing, Error> {
        let found = context::portal().customer_page(reader, filter).await?;
        let note = incomplete_note(&found.all.items);
        let filters = self.filters(&FieldProblems::default());
        Ok(Listing {
            page: Some((&found).into()),
            note: note_of(note, found.all.items.left_out),
            ..Listing::new(&found.all, filters, found.total, table(found.customers(), &url.path))
        })
    }

    async fn invalid_filters(&self, _reader: &TeamReader, _url: &ListUrl, problems: &FieldProblems) -> Filters {
        self.filters(problems)
    }

    fn empty(_url: &ListUrl) -> AnyView {
        view! {
            <div class="panel empty">
                <h2>"There is no embedded customer yet"</h2>
                <p>"Customers are added in Workato. They appear here within minutes, or at once with Refresh."</p>
            </div>
        }
        .into_any()
    }
}

impl Customers {
    fn filters(&self, problems: &FieldProblems) -> Filters {
        let fields = view! {
            <Field
                label="Name or id"
                name="q"
                kind="search"
                value=self.input.q.clone()
                placeholder="Part of a name or external id"
                problem=problems::of_field(problems, "q")
            />
        };
        let q = self.input.q.trim();
        let active = (!q.is_empty()).then(|| ("q", format!("name or id: {q}")));
        Filters { fields: fields.into_any(), active: active.into_iter().collect() }
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
    let external_id = external_id.map_or_else(dash, |id| view! { <span class="id">{id}</span> }.into_any());
    let created = customer.created_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
    let plan = customer.plan_id.clone().unwrap_or_default().into_any();
    let it = |field, shown| or_unreadable(&customer.unreadable, field, shown);
    view! {
        <tr>
            <th scope="row"><a href=href>{customer_name(customer)}</a></th>
            <td class="num minor"><span class="id">{customer.id.to_string()}</span></td>
            <td>{it("external_id", external_id)}</td>
            <td class="minor"><span class="soft">{it("plan_id", plan)}</span></td>
            <td class="minor">{it("in_trial", trial(customer))}</td>
            <td class="num soft minor">{it("created_at", created)}</td>
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
