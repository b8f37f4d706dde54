//! Sharing recipes with embedded customers.

use leptos::prelude::*;
use portal::{
    Attempt, Error, FieldProblems, Problem,
    audit::{Action, TargetType},
    customers::{CustomerInput, NamedBy},
    operations::{Change, Request},
};
use server_fn::codec::PostUrl;
use workato::{CustomerRef, RecipeId};

use super::{attempted_on, hidden, operator};
use crate::{
    answer::{ApiError, Form},
    context,
    forms::names::SHARE_RECIPE,
};

/// `POST /api/fn/share_recipe`. `chosen` is the account id of a customer that was chosen from several with a similar
/// name. If present, it replaces `customer`.
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
    let (by, customer) = if chosen.is_empty() { (by, customer) } else { (NamedBy::Id.to_string(), chosen) };
    let typed = [
        ("recipe", recipe.as_str()),
        ("by", &by),
        ("customer", &customer),
        ("operation", &operation),
        ("reason", &reason),
    ];
    let form = Form { page: format!("{page}#share"), name: SHARE_RECIPE, typed: &typed };
    form.answer(async {
        let attempt = Attempt::new(Action::RecipeShare, attempted_on(TargetType::Recipe, &recipe));
        let operator = operator(&team, attempt).await?;
        let operation = hidden(&operation)?;
        let input = CustomerInput { by: hidden(&by)?, text: customer.clone() };
        let customer = context::portal().named_customer(&operator.reader(), &input).await;
        let change = share(recipe.trim().parse().ok(), customer)?;
        let operation = context::portal().perform(&operator, Request::new(operation, change, &reason)).await?;
        Ok(format!("{page}?operation={operation}"))
    })
    .await
}

/// The change, or all problems of the input.
fn share(recipe: Option<RecipeId>, customer: Result<CustomerRef, Error>) -> Result<Change, Error> {
    let (recipe, mut problems) = match (recipe, customer) {
        (Some(recipe), Ok(customer)) => return Ok(Change::ShareRecipe { recipe, customer }),
        (recipe, Ok(_)) => (recipe, FieldProblems::default()),
        (recipe, Err(Error::Invalid(problems))) => (recipe, problems),
        (_, Err(error)) => return Err(error),
    };
    if recipe.is_none() {
        problems.add("recipe", Problem::RecipeMissing);
    }
    Err(Error::Invalid(problems))
}
