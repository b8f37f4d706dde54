//! `/teams/{team}/customers`: the parts of the list of embedded customers. `portal` filters and pages it.

use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    customers::{self, Column, CustomerPage, Filter, FilterInput, PARAMETERS, Sort, SortKey},
    looks::Look,
    one_line,
    views::ViewedList,
};
use workato::{Customer, CustomerList};

use super::list::{Filters, ListUrl, Listing, Resource, list_page, with_problems};
use crate::{
    components::{
        self, Ago, ChoiceField, Column as _, Search, Section, Tone, dash, left_out_note, look_chooser, monogram,
        or_unreadable, read_look, remark, sort_heading, table_class,
    },
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
    let incomplete = incomplete.map(|note| remark(Tone::Warn, note));
    let left_out = left_out_note(left_out, 0, "customer", "customers");
    (incomplete.is_some() || left_out.is_some()).then(|| view! { {incomplete}{left_out} }.into_any())
}

/// The orders other than the default one, which the headings set on wide screens only.
const ORDERS: [(&str, &str); 9] = [
    ("-name", "name, Z to A"),
    ("id", "account ID, lowest first"),
    ("-id", "account ID, highest first"),
    ("plan", "plan, A to Z"),
    ("-plan", "plan, Z to A"),
    ("-created", "newest first"),
    ("created", "oldest first"),
    ("-updated", "newest update first"),
    ("updated", "oldest update first"),
];

impl components::Column for Column {
    fn label(self) -> &'static str {
        match self {
            Self::Id => "Account ID",
            Self::ExternalId => "External ID",
            Self::Plan => "Plan",
            Self::Trial => "Trial",
            Self::Created => "Created",
            Self::Email => "Email",
            Self::Updated => "Updated",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Id => "c-id",
            Self::ExternalId => "c-ext",
            Self::Plan => "c-plan",
            Self::Trial => "c-trial",
            Self::Created => "c-when",
            Self::Email => "c-email",
            Self::Updated => "c-made",
        }
    }
}

fn sort_key(column: Column) -> Option<SortKey> {
    match column {
        Column::Id => Some(SortKey::Id),
        Column::Plan => Some(SortKey::Plan),
        Column::Created => Some(SortKey::Created),
        Column::Updated => Some(SortKey::Updated),
        Column::ExternalId | Column::Trial | Column::Email => None,
    }
}

struct Customers {
    input: FilterInput,
    look: Look<Column>,
    look_problems: FieldProblems,
}

impl Resource for Customers {
    const SECTION: Section = Section::Customers;
    const HEADING: &'static str = "Customers";
    const PLURAL: &'static str = "customers";
    const SINGULAR: &'static str = "customer";
    const FORM_LABEL: &'static str = "Filter the customers";
    const ON_NO_MATCH: &'static str = "Try a shorter name";
    const VIEWS: Option<ViewedList> = None;
    const PARAMETERS: &'static [&'static str] = PARAMETERS;
    const ORDER: &'static [&'static str] = &["sort", "page", "rows", "columns", "density"];
    type Filter = (Filter, Look<Column>);

    fn new(query: &Query) -> Self {
        let mut look_problems = FieldProblems::default();
        let look = read_look(query, &mut look_problems);
        Self { input: FilterInput::of(|name| query.get(name)), look, look_problems }
    }

    fn filter(&self) -> Result<Self::Filter, FieldProblems> {
        Ok((with_problems(self.input.read(), &self.look_problems)?, self.look.clone()))
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &Self::Filter) -> Result<Listing, Error> {
        let (filter, look) = filter;
        let found = context::portal().customer_page(reader, filter).await?;
        let note = incomplete_note(&found.all.items);
        let filters = self.filters(&FieldProblems::default());
        let query = url.first_page();
        let table = table(&found, filter.sort, look, &url.path, &query);
        Ok(Listing {
            page: Some((&found).into()),
            note: note_of(note, found.all.items.left_out),
            tools: Some(look_chooser(look, &url.path, &query)),
            ..Listing::new(&found.all, filters, found.total, table)
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
        let orders = ORDERS.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
        let order = if problems.of("sort").is_some() { String::new() } else { self.input.sort.clone() };
        let fields = view! { <ChoiceField label="Order" name="sort" none="name, A to Z" choices=orders chosen=order/> };
        Filters { search, fields: Some(fields.into_any()), active: active.into_iter().collect() }
    }
}

/// `path` and `query` are the list's URL, without the page.
fn table(found: &CustomerPage, sort: Sort, look: &Look<Column>, path: &str, query: &Query) -> AnyView {
    let chosen = look.columns.iter().map(|column| (column.label(), column.class(), sort_key(*column)));
    let heads =
        [("Name", "c-name", Some(SortKey::Name))].into_iter().chain(chosen).map(|(label, class, key)| match key {
            Some(key) => {
                let order = sort.after_click(key);
                let order = if order == Sort::default() { String::new() } else { order.to_string() };
                sort_heading(
                    label,
                    class,
                    (sort.key == key).then_some(sort.reverse),
                    query.with("sort", &order).on(path),
                )
            }
            None => view! { <th scope="col" class=class>{label}</th> }.into_any(),
        });
    let heads: Vec<_> = heads.collect();
    let rows: Vec<_> = found.customers().map(|customer| row(customer, &look.columns, path)).collect();
    view! {
        <table class=table_class(look.density, "data t-cust") id="list" tabindex="-1">
            <caption>"Customers"</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(customer: &Customer, columns: &[Column], path: &str) -> AnyView {
    let (href, name) = (format!("{path}/{}", customer.id), customer_name(customer));
    let cells: Vec<_> = columns.iter().map(|column| cell(customer, *column)).collect();
    view! {
        <tr>
            <th scope="row" class="c-name" title=name.clone()>
                <span class="nm">{monogram(&name, &name)}<a href=href>{name.clone()}</a></span>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(customer: &Customer, column: Column) -> AnyView {
    let text = |text: &Option<String>, field| {
        let text = text.clone().filter(|text| !text.is_empty());
        let shown = text.clone().map_or_else(dash, IntoAny::into_any);
        (text, or_unreadable(&customer.unreadable, field, shown))
    };
    let moment = |at: Option<workato::Timestamp>, field| {
        let shown = at.map_or_else(dash, |at| view! { <Ago at=at.get()/> }.into_any());
        (None, or_unreadable(&customer.unreadable, field, shown))
    };
    let (title, content) = match column {
        Column::Id => (None, customer.id.to_string().into_any()),
        Column::ExternalId => text(&customer.external_id, "external_id"),
        Column::Plan => text(&customer.plan_id, "plan_id"),
        Column::Trial => (None, or_unreadable(&customer.unreadable, "in_trial", trial(customer))),
        Column::Created => moment(customer.created_at, "created_at"),
        Column::Email => text(&customer.notification_email, "notification_email"),
        Column::Updated => moment(customer.updated_at, "updated_at"),
    };
    view! { <td class=column.class() title=title>{content}</td> }.into_any()
}

/// Whether the customer is on trial.
pub fn trial(customer: &Customer) -> AnyView {
    match customer.in_trial {
        Some(true) => "On trial".into_any(),
        Some(false) | None => dash(),
    }
}
