//! `/teams/{team}/recipes`: the form that shares a recipe with an embedded customer, the latest shares, and the team's own
//! recipes.

mod form;
mod next_step;

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    audit::{Action, AuditFilter, FilterInput, Logged, OperationSummary},
    impact::{Known, OwnRecipes, Wanted},
    upstream::{Shown, soon},
};
use time::OffsetDateTime;
use workato::CustomerList;

use self::form::ShareForm;
use crate::{
    components::{
        Frame, OperationsTable, Rendered, Section, TeamColumn, named_operation, own_recipes_section, page, set_status,
    },
    context, forms,
    query::Query,
    wording::refusals,
};

/// The URL parameters that fill the form.
const PARAMETERS: [&str; 2] = ["recipe", "customer"];

#[component]
pub fn RecipesPage() -> impl IntoView {
    page(recipes(context::path_part("team")))
}

async fn recipes(team: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let frame = frame.section(Section::Recipes).title("Recipes").with_own_reasons().await;
    let portal = context::portal();
    let shares = portal.audit_page(reader.actor(), &shares_of(&reader)?).await?.operations;
    let is_share = |operation: &OperationSummary| operation.action == Action::RecipeShare;
    let named = named_operation(&reader, is_share).await?;
    let recipes = portal.recipes_in_use(&reader, Wanted::Some).await;
    let form = match reader.may_operate() {
        true => Some(share_form(&reader, &recipes, named.as_ref().map(|named| &named.logged)).await),
        false => None,
    };
    let next_step = match &named {
        Some(named) => next_step::after_rejection(&reader, &named.logged).await,
        None => None,
    };
    let notice = named.map(|named| named.notice(&[]));
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <h1>"Recipes"</h1>
                <p class="soft">"Share a recipe with an embedded customer. Share the custom connectors it uses first."</p>
            </div>
        </div>
        {notice}
        {next_step}
        {form.unwrap_or_else(operators_only)}
        {latest(&reader, shares)}
        {own_recipes_section(&recipes, reader.team())}
    }))
}

/// The log's filter for the team's shares of recipes.
fn shares_of(reader: &TeamReader) -> Result<AuditFilter, Error> {
    let input = FilterInput {
        team: reader.team().slug.to_string(),
        action: Action::RecipeShare.to_string(),
        ..FilterInput::default()
    };
    input.read(OffsetDateTime::now_utc()).map_err(Error::Invalid)
}

async fn share_form(reader: &TeamReader, recipes: &Known<OwnRecipes>, named: Option<&Logged>) -> AnyView {
    let customers = customers(reader).await;
    let query = context::query();
    let mut problems = FieldProblems::default();
    query.refuse_duplicates(&PARAMETERS, &mut problems);
    let form =
        ShareForm::new(reader.team(), &customers, &query, named, forms::refused(forms::names::SHARE_RECIPE), problems)
            .suggesting(recipes.read.as_deref());
    if form.has_invalid_url() {
        set_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    form.render()
}

/// The customers, or why they cannot be listed. The form works without them.
async fn customers(reader: &TeamReader) -> Result<Shown<CustomerList>, String> {
    match soon(context::portal().customers(reader)).await {
        Some(Ok(customers)) => Ok(customers),
        Some(Err(error)) => Err(refusals::message_of(&error)),
        None => Err("Workato has not listed them yet; reload this page later.".to_owned()),
    }
}

fn operators_only() -> AnyView {
    view! { <p class="panel">"Only operators of this team can share recipes."</p> }.into_any()
}

fn latest(reader: &TeamReader, shares: Vec<OperationSummary>) -> AnyView {
    let all = Query::default()
        .with("team", reader.team().slug.as_str())
        .with("action", Action::RecipeShare.as_str())
        .on("/audit");
    let content = if shares.is_empty() {
        view! { <p class="soft">"No recipes shared yet"</p> }.into_any()
    } else {
        view! {
            <OperationsTable
                operations=shares
                caption="Latest recipe shares"
                teams=TeamColumn::Left
                viewer=reader.actor().role()
            />
            <p><a href=all>"Open in audit log"</a></p>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="latest">
            <h2 id="latest">"Latest shares"</h2>
            {content}
        </section>
    }
    .into_any()
}
