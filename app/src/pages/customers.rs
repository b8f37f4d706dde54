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
    components::{Ago, Search, Section, dash, left_out_note, monogram, or_unreadable},
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
        format!("Workato may have more customers than the {read} that the portal reads at once. Open a missing one by its ID.")
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
    const ON_NO_MATCH: &'static str = "Try a shorter name";
    const PARAMETERS: &'static [&'static str] = &["q", "page", "rows"];
    const ORDER: &'static [&'static str] = &["page", "rows"];
    type Filter = Filter;

    fn new(query: &Query) -> Self {
        Self { input: FilterInput { q: query.get("q"), page: query.get("page"), rows: query.get("rows") } }
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
            <div class="card empty" id="list" tabindex="-1">
                <h2>"No customers yet"</h2>
                <p>"Add embedded customers in Workato. They appear here within minutes; Refresh shows them at once."</p>
            </div>
        }
        .into_any()
    }
}

impl Customers {
    fn filters(&self, problems: &FieldProblems) -> Filters {
        let search = Search {
            name: "q",
            label: "Name or ID",
            placeholder: "Name or ID",
            value: self.input.q.clone(),
            problem: problems::of_field(problems, "q"),
        };
        let q = self.input.q.trim();
        let active = (!q.is_empty()).then(|| ("q", format!("name or ID: {q}")));
        Filters { search, fields: None, active: active.into_iter().collect() }
    }
}

fn table<'a>(customers: impl Iterator<Item = &'a Customer>, path: &str) -> AnyView {
    let rows: Vec<_> = customers.map(|customer| row(customer, path)).collect();
    view! {
        <table class="data t-cust" id="list" tabindex="-1">
            <caption>"Customers by name"</caption>
            <thead>
                <tr>
                    <th scope="col" class="c-name" aria-sort="ascending">"Name"</th>
                    <th scope="col" class="c-id">"Account ID"</th>
                    <th scope="col" class="c-ext">"External ID"</th>
                    <th scope="col" class="c-plan">"Plan"</th>
                    <th scope="col" class="c-trial">"Trial"</th>
                    <th scope="col" class="c-when">"Created"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(customer: &Customer, path: &str) -> AnyView {
    let (href, name) = (format!("{path}/{}", customer.id), customer_name(customer));
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (external_id, plan) = (text(&customer.external_id), text(&customer.plan_id));
    let shown = |text: &Option<String>| text.clone().map_or_else(dash, IntoAny::into_any);
    let created = customer.created_at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
    let it = |field, shown| or_unreadable(&customer.unreadable, field, shown);
    view! {
        <tr>
            <th scope="row" class="c-name" title=name.clone()>
                <span class="nm">{monogram(&name, &name)}<a href=href>{name.clone()}</a></span>
            </th>
            <td class="c-id">{customer.id.to_string()}</td>
            <td class="c-ext" title=external_id.clone()>{it("external_id", shown(&external_id))}</td>
            <td class="c-plan" title=plan.clone()>{it("plan_id", shown(&plan))}</td>
            <td class="c-trial">{it("in_trial", trial(customer))}</td>
            <td class="c-when">{it("created_at", created)}</td>
        </tr>
    }
    .into_any()
}

/// Whether the customer is on trial.
pub fn trial(customer: &Customer) -> AnyView {
    match customer.in_trial {
        Some(true) => "On trial".into_any(),
        Some(false) | None => dash(),
    }
}
