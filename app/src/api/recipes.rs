//! Sharing recipes with embedded customers.

use leptos::prelude::*;
use portal::{
    Attempt, Error, FieldProblems, Problem,
    audit::{Action, TargetType},
    customers::{Chosen, CustomerInput, NamedCustomer},
    operations::{Change, Request},
};
use server_fn::codec::PostUrl;
use workato::RecipeId;

use super::{attempted_on, hidden, operator};
use crate::{
    answer::{ApiError, Form},
    context,
    forms::names::SHARE_RECIPE,
};

/// `POST /api/fn/share_recipe`. `chosen` is a customer that was chosen from a list, by account id and with the name that
/// the list showed. It contradicts `customer` if that names another.
#[server(prefix = "/api/fn", endpoint = "share_recipe", input = PostUrl)]
pub async fn share_recipe(
    #[server(default)] team: String,
    #[server(default)] recipe: String,
    #[server(default)] by: String,
    #[server(default)] customer: String,
    #[server(default)] chosen: String,
    #[server(default)] operation: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = format!("/teams/{team}/recipes");
    let typed = [
        ("recipe", recipe.as_str()),
        ("by", &by),
        ("customer", &customer),
        ("chosen", &chosen),
        ("operation", &operation),
        ("reason", &reason),
    ];
    let form = Form { page: format!("{page}#share"), name: SHARE_RECIPE, typed: &typed };
    form.answer(async {
        let attempt = Attempt::new(Action::RecipeShare, attempted_on(TargetType::Recipe, &recipe));
        let operator = operator(&team, attempt).await?;
        let operation = hidden(&operation)?;
        let input = CustomerInput { chosen: choice(&chosen)?, by: hidden(&by)?, text: customer.clone() };
        let customer = context::portal().named_customer(&operator.reader(), &input).await;
        let (change, name) = share(recipe.trim().parse().ok(), customer)?;
        let request = Request { drawn_name: name, ..Request::new(operation, change, &reason) };
        let operation = context::portal().perform(&operator, request).await?;
        Ok(format!("{page}?operation={operation}"))
    })
    .await
}

fn choice(chosen: &str) -> Result<Option<Chosen>, Error> {
    match chosen {
        "" => Ok(None),
        chosen => chosen.parse().map(Some).map_err(|problem| Problem::Customer(problem).of("customer")),
    }
}

/// The change and the customer's name as far as it is known, or all problems of the input.
fn share(recipe: Option<RecipeId>, customer: Result<NamedCustomer, Error>) -> Result<(Change, String), Error> {
    let (recipe, mut problems) = match (recipe, customer) {
        (Some(recipe), Ok(NamedCustomer { customer, name })) => {
            return Ok((Change::ShareRecipe { recipe, customer }, name.unwrap_or_default()));
        }
        (recipe, Ok(_)) => (recipe, FieldProblems::default()),
        (recipe, Err(Error::Invalid(problems))) => (recipe, problems),
        (_, Err(error)) => return Err(error),
    };
    if recipe.is_none() {
        problems.add("recipe", Problem::RecipeMissing);
    }
    Err(Error::Invalid(problems))
}
