//! The form that shares a recipe with a customer. The customer is chosen from a list, or given by name, account id or
//! external id; `portal::customers` finds the customer that is meant.

use std::collections::HashSet;

use leptos::prelude::*;
use portal::{
    FieldProblems, IdOf, Problem,
    audit::{Logged, Outcome, TargetType},
    customers::{Called, Chosen, NamedBy, called, label},
    impact::OwnRecipes,
    teams::Team,
    upstream::Shown,
};
use workato::{Customer, CustomerId, CustomerList, RecipeId};

use crate::{
    components::{Field, Radio, RadioField, ReasonField, by_name, problem_summary},
    form_memory::Refused,
    islands::SubmitOnce,
    pages::customers::{customer_name, incomplete_note},
    query::Query,
    wording::{numbers::grouped, problems},
};

/// The most customers to offer for an ambiguous name.
const OFFERED: usize = 20;
/// The most customers to offer in one list, all of them.
const FEW: usize = 100;

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
    /// The customer that is chosen from the list.
    chosen: Option<CustomerId>,
    reason: String,
    problems: FieldProblems,
    /// Whether the URL has invalid parameters.
    has_invalid_url: bool,
    /// The recipes that the portal has read, by id and name.
    suggested: Vec<(RecipeId, String)>,
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
        let mut chosen = None;
        if !refused.is_empty() {
            let typed = |field| refused.value(field, "");
            (recipe, customer, reason) = (typed("recipe"), typed("customer"), typed("reason"));
            by = typed("by").parse().unwrap_or(by);
            // A choice that was refused is made again.
            if refused.problem("customer").is_none() {
                chosen = typed("chosen").parse().ok().map(|Chosen { id, .. }| id);
            }
        } else if by == NamedBy::Id
            && let Some(listed) = listed(customers, &customer)
        {
            (by, customer, chosen) = (NamedBy::Name, label(listed), Some(listed.id));
        }
        Self {
            team,
            customers,
            refused,
            recipe,
            by,
            customer,
            chosen,
            reason,
            problems,
            has_invalid_url,
            suggested: Vec::new(),
        }
    }

    /// Whether the URL has invalid parameters.
    pub fn has_invalid_url(&self) -> bool {
        self.has_invalid_url
    }

    /// The same, with recipes to choose from.
    pub fn suggesting(self, recipes: Option<&OwnRecipes>) -> Self {
        let recipes = recipes.into_iter().flat_map(OwnRecipes::recipes).take(FEW);
        let named = recipes.filter_map(|recipe| Some((recipe.id, recipe.name.as_deref()?.to_owned())));
        Self { suggested: named.collect(), ..self }
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
        let suggested: Vec<_> = self
            .suggested
            .iter()
            .map(|(id, name)| view! { <option value=id.to_string()>{name.clone()}</option> })
            .collect();
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
                {problem_summary(&self.refused, by_name(["recipe", "customer", "reason"]))}
                <input type="hidden" name="team" value=self.team.slug.to_string()/>
                <input type="hidden" name="operation" value=self.refused.operation().to_string()/>
                <div class="fields">
                    <Field
                        label="Recipe ID"
                        name="recipe"
                        value=self.recipe.clone()
                        required=true
                        autocomplete="off"
                        list="recipe-ids"
                        hint="The number in the recipe's URL in Workato"
                        problem=self.problem("recipe")
                    />
                    <datalist id="recipe-ids">{suggested}</datalist>
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
            (NamedBy::Name, "Name", "Full name, as listed"),
            (NamedBy::Id, "Account ID", "Workato's number for the customer"),
            (NamedBy::ExternalId, "External ID", "Your own ID for the customer, without a leading E"),
        ];
        let radios = radios.map(|(by, label, hint)| Radio {
            value: by.as_str(),
            label: label.to_owned(),
            hint: hint.to_owned(),
        });
        view! {
            <RadioField
                legend="Identify the customer by"
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
                    None => format!("Suggestions: {} customers.", grouped(customers.len())),
                };
                (Some(view! { <datalist id="customers">{options}</datalist> }), hint)
            }
            Err(why) => (None, format!("You can't search customers by name right now. Enter an ID. {why}")),
        };
        let list = suggestions.is_some().then(|| "customers".to_owned());
        view! {
            <div class="field">
                <Field
                    label="Customer"
                    name="customer"
                    value=self.customer.clone()
                    required=self.chosen.is_none()
                    autocomplete="off"
                    list=list.unwrap_or_default()
                    hint=hint
                    problem=self.problem("customer")
                    unmarked=true
                />
                {suggestions}
                {self.choice()}
            </div>
        }
        .into_any()
    }

    /// The customers to choose from: those that the typed name could mean, the one that is chosen, or all if there are
    /// few.
    fn choice(&self) -> Option<AnyView> {
        let list = &self.customers.as_ref().ok()?.items;
        let all = &list.customers;
        let candidates = self.candidates(all);
        if candidates.is_empty() && list.complete && !all.is_empty() && all.len() <= FEW {
            return Some(self.every_customer(all));
        }
        let more = candidates.len().saturating_sub(OFFERED);
        let offered: Vec<_> = candidates
            .iter()
            .take(OFFERED)
            .map(|customer| {
                let is_chosen = self.chosen == Some(customer.id);
                radio(&Chosen::of(customer).to_string(), &customer.id.to_string(), described(customer), is_chosen)
            })
            .collect();
        let more = (more > 0).then(|| {
            let words = format!("{} more match. Type more of the name.", grouped(more));
            view! { <p class="hint">{words}</p> }
        });
        let customers = format!("/teams/{}/customers", self.team.slug);
        let find = Query::default().with("q", self.customer.trim()).on(&customers);
        Some(if offered.is_empty() {
            view! { <p class="hint"><a href=customers>"Choose from the list of customers"</a></p> }.into_any()
        } else {
            view! {
                <fieldset class="field choices">
                    <legend>"Choose the customer"</legend>
                    {radio("", "", "what is typed above".to_owned(), self.chosen.is_none())}
                    {offered}
                    {more}
                    <p class="hint"><a href=find>"Search the list of customers"</a></p>
                </fieldset>
            }
            .into_any()
        })
    }

    /// The customers that could be meant, if one is chosen or the text was refused.
    fn candidates<'b>(&self, all: &'b [Customer]) -> Vec<&'b Customer> {
        let find = |id: CustomerId| all.iter().find(|customer| customer.id == id);
        if self.refused.problem("customer").is_none() {
            return self.chosen.and_then(find).into_iter().collect();
        }
        let mut candidates = match self.by {
            NamedBy::Name => {
                let called = called(all, &self.customer);
                if let Called::One(one) = called { vec![one] } else { called.candidates() }
            }
            NamedBy::Id => self.customer.trim().parse().ok().and_then(find).into_iter().collect(),
            NamedBy::ExternalId => {
                let is_it = |customer: &&Customer| customer.external_id.as_ref() == Some(&self.customer);
                all.iter().filter(is_it).collect()
            }
        };
        let refused: Option<Chosen> = self.refused.typed("chosen").and_then(|chosen| chosen.parse().ok());
        if let Some(Chosen { id, drawn }) = refused {
            candidates.extend(find(id));
            candidates.extend(drawn.iter().flat_map(|drawn| match called(all, drawn) {
                Called::One(one) => vec![one],
                called => called.candidates(),
            }));
        }
        let mut seen = HashSet::new();
        candidates.retain(|customer| seen.insert(customer.id));
        candidates
    }

    fn every_customer(&self, all: &[Customer]) -> AnyView {
        let options: Vec<_> = all
            .iter()
            .map(|customer| {
                let selected = self.chosen == Some(customer.id);
                view! { <option value=Chosen::of(customer).to_string() selected=selected>{described(customer)}</option> }
            })
            .collect();
        view! {
            <label for="chosen">"Or choose the customer"</label>
            <select id="chosen" name="chosen">
                <option value="">"what is typed above"</option>
                {options}
            </select>
        }
        .into_any()
    }
}

/// The customer's name with everything that tells it from others.
fn described(customer: &Customer) -> String {
    let external = customer.external_id.as_deref().filter(|id| !id.is_empty());
    let external = external.map_or_else(String::new, |id| format!(", external id {id}"));
    format!("{} (account {}{external})", customer_name(customer), customer.id)
}

fn radio(value: &str, id: &str, words: String, checked: bool) -> AnyView {
    let id = format!("chosen-{id}");
    view! {
        <span class="choice">
            <input type="radio" id=id.clone() name="chosen" value=value.to_owned() checked=checked/>
            <label for=id>{words}</label>
        </span>
    }
    .into_any()
}

/// The customer with this account id, if the list has it.
fn listed<'a>(customers: &'a Customers, id: &str) -> Option<&'a Customer> {
    let id: CustomerId = id.parse().ok()?;
    customers.as_ref().ok()?.items.customers.iter().find(|customer| customer.id == id)
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
