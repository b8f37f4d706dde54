//! The form that shares a recipe with a customer. The customer is given by name, account id or external id;
//! `portal::customers` finds the customer that a name means.

use leptos::prelude::*;
use portal::{
    FieldProblems, IdOf, Problem,
    audit::{Logged, Outcome, TargetType},
    customers::{NamedBy, called, label},
    teams::Team,
    upstream::Shown,
};
use workato::{CustomerId, CustomerList, RecipeId};

use crate::{
    components::{Field, Radio, RadioField, ReasonField},
    form_memory::Refused,
    islands::SubmitOnce,
    pages::customers::{customer_name, incomplete_note},
    query::Query,
    wording::{numbers::grouped, problems},
};

/// The most customers to offer for an ambiguous name.
const OFFERED: usize = 20;

/// The customers, or why they cannot be listed.
type Customers = Result<Shown<CustomerList>, String>;

/// The form, filled from a refused form, from a share that did not succeed, or from the URL.
pub struct ShareForm<'a> {
    team: &'a Team,
    customers: &'a Customers,
    refused: Refused,
    recipe: String,
    by: NamedBy,
    customer: String,
    reason: String,
    problems: FieldProblems,
    /// Whether the URL has invalid parameters.
    has_invalid_url: bool,
}

impl<'a> ShareForm<'a> {
    pub fn new(
        team: &'a Team,
        customers: &'a Customers,
        query: &Query,
        named: Option<&Logged>,
        refused: Refused,
        mut problems: FieldProblems,
    ) -> Self {
        let (mut recipe, mut customer, mut reason) = (query.get("recipe"), query.get("customer"), String::new());
        let mut by = match customers {
            Ok(_) if customer.is_empty() => NamedBy::Name,
            _ => NamedBy::Id,
        };
        if !recipe.is_empty() && recipe.parse::<RecipeId>().is_err() {
            problems.add("recipe", Problem::NotAnId { of: IdOf::Recipe });
        }
        if !customer.is_empty() && customer.parse::<CustomerId>().is_err() {
            problems.add("customer", Problem::NotAnId { of: IdOf::Account });
        }
        let has_invalid_url = !problems.is_empty();
        if let Some(retry) = named.and_then(Retry::of) {
            (recipe, by, customer, reason) = (retry.recipe, retry.by, retry.customer, retry.reason);
        }
        if !refused.is_empty() {
            let typed = |field| refused.value(field, "");
            (recipe, customer, reason) = (typed("recipe"), typed("customer"), typed("reason"));
            by = typed("by").parse().unwrap_or(by);
        }
        if by == NamedBy::Id
            && let Some(name) = name_of(customers, &customer)
        {
            (by, customer) = (NamedBy::Name, name);
        }
        Self { team, customers, refused, recipe, by, customer, reason, problems, has_invalid_url }
    }

    /// Whether the URL has invalid parameters.
    pub fn has_invalid_url(&self) -> bool {
        self.has_invalid_url
    }

    fn problem(&self, field: &str) -> Option<String> {
        self.refused.problem(field).or_else(|| problems::of_field(&self.problems, field))
    }

    pub fn render(self) -> AnyView {
        let reason = ReasonField {
            refused: &self.refused,
            team: self.team,
            destructive: false,
            id: "reason".to_owned(),
            initial: &self.reason,
        };
        view! {
            // The portal shows problems beside the fields.
            <form
                id="share"
                class="panel"
                method="post"
                action="/api/fn/share_recipe"
                aria-labelledby="share-title"
                novalidate
            >
                <h2 id="share-title">"Share a recipe with a customer"</h2>
                {self.refused.alert()}
                <input type="hidden" name="team" value=self.team.slug.to_string()/>
                <input type="hidden" name="operation" value=self.refused.operation().to_string()/>
                <div class="fields">
                    <Field
                        label="Recipe id"
                        name="recipe"
                        value=self.recipe.clone()
                        required=true
                        autocomplete="off"
                        hint="The number in the recipe's address in Workato."
                        problem=self.problem("recipe")
                    />
                    {self.named_by()}
                    {self.customer()}
                    {reason.render()}
                    <SubmitOnce label="Share the recipe" class="primary"/>
                </div>
            </form>
        }
        .into_any()
    }

    fn named_by(&self) -> AnyView {
        let radios = [
            (NamedBy::Name, "Its name", "As the list of customers has it, whole."),
            (NamedBy::Id, "Its account id", "Workato's number for it."),
            (NamedBy::ExternalId, "Its external id", "Your own id for it, as it is: without an E before it."),
        ];
        let radios = radios.map(|(by, label, hint)| Radio {
            value: by.as_str(),
            label: label.to_owned(),
            hint: hint.to_owned(),
        });
        view! {
            <RadioField
                legend="The customer is named by"
                name="by"
                radios=radios.into()
                chosen=self.by.as_str()
                problem=None
            />
        }
        .into_any()
    }

    fn customer(&self) -> AnyView {
        let (suggestions, hint) = match self.customers {
            Ok(list) => {
                let customers = &list.items.customers;
                let options: Vec<_> =
                    customers.iter().map(|customer| view! { <option value=label(customer)></option> }).collect();
                let hint = match incomplete_note(&list.items) {
                    Some(note) => note,
                    None if customers.is_empty() => "Workato lists no customers.".to_owned(),
                    None => format!("{} customers are suggested by name.", grouped(customers.len())),
                };
                (Some(view! { <datalist id="customers">{options}</datalist> }), hint)
            }
            Err(why) => (None, format!("Customers cannot be found by name now; give an id. {why}")),
        };
        let list = suggestions.is_some().then(|| "customers".to_owned());
        view! {
            <div class="field">
                <Field
                    label="Customer"
                    name="customer"
                    value=self.customer.clone()
                    required=true
                    autocomplete="off"
                    list=list.unwrap_or_default()
                    hint=hint
                    problem=self.problem("customer")
                />
                {suggestions}
                {self.candidates()}
            </div>
        }
        .into_any()
    }

    /// The customers that the typed name could mean, to choose from.
    fn candidates(&self) -> Option<AnyView> {
        let list = self.customers.as_ref().ok()?;
        if self.by != NamedBy::Name || self.refused.problem("customer").is_none() {
            return None;
        }
        let candidates = called(&list.items.customers, &self.customer).candidates();
        let more = candidates.len().saturating_sub(OFFERED);
        let offered: Vec<_> = candidates
            .iter()
            .take(OFFERED)
            .map(|customer| {
                let external = customer.external_id.as_deref().filter(|id| !id.is_empty());
                let external = external.map_or_else(String::new, |id| format!(", external id {id}"));
                let words = format!("{} (account {}{external})", customer_name(customer), customer.id);
                radio("chosen", &customer.id.to_string(), words, false)
            })
            .collect();
        let more = (more > 0).then(|| {
            let words = format!("{} more have it in their names; type more of the name.", grouped(more));
            view! { <p class="hint">{words}</p> }
        });
        (!offered.is_empty()).then(|| {
            view! {
                <fieldset class="field choices">
                    <legend>"The customer that is meant"</legend>
                    {radio("chosen", "", "what is typed above".to_owned(), true)}
                    {offered}
                    {more}
                </fieldset>
            }
            .into_any()
        })
    }
}

fn radio(name: &'static str, value: &str, words: String, checked: bool) -> AnyView {
    let id = format!("{name}-{value}");
    view! {
        <span class="choice">
            <input type="radio" id=id.clone() name=name value=value.to_owned() checked=checked/>
            <label for=id>{words}</label>
        </span>
    }
    .into_any()
}

/// The name of the customer with this account id, as the form takes it.
fn name_of(customers: &Customers, id: &str) -> Option<String> {
    let id: CustomerId = id.parse().ok()?;
    customers.as_ref().ok()?.items.customers.iter().find(|customer| customer.id == id).map(label)
}

/// The input of a share that did not succeed, to try it again.
struct Retry {
    recipe: String,
    by: NamedBy,
    customer: String,
    reason: String,
}

impl Retry {
    fn of(logged: &Logged) -> Option<Self> {
        let operation = &logged.summary;
        if !matches!(operation.outcome, Some(Outcome::Rejected | Outcome::Failed)) {
            return None;
        }
        let intent = operation.first.as_ref()?;
        let recipe = operation.target.as_ref().filter(|target| target.kind == TargetType::Recipe)?.id.clone();
        let named = intent.parameters.get("customer")?.as_str()?;
        let (by, customer) = match named.strip_prefix('E') {
            Some(external) => (NamedBy::ExternalId, external),
            None => (NamedBy::Id, named),
        };
        Some(Self { recipe, by, customer: customer.to_owned(), reason: intent.reason.clone().unwrap_or_default() })
    }
}
