//! Which recipes use a connection and which customers use a connector, as parts of pages.

use leptos::prelude::*;
use portal::{
    impact::{ConnectorInUse, CustomerRead, CustomersRecipes, Known, OwnRecipes, RecipesInUse, UsedRecipe},
    teams::Team,
};
use workato::{Connector, CustomerId};

use super::{
    Ago, Tone, dash,
    impact::{age, customer_gaps, own_gaps, recipe_link, unknown},
    remark,
};
use crate::wording::{impact, numbers::grouped};

/// The most recipes that a page lists.
const MOST_LISTED: usize = 100;

/// A table of recipes. `link` is the team whose workspace has them, if it is the team's own.
fn recipes_table<'a>(
    recipes: impl Iterator<Item = &'a UsedRecipe>,
    caption: &'static str,
    link: Option<&Team>,
) -> AnyView {
    let rows: Vec<_> = recipes
        .take(MOST_LISTED)
        .map(|recipe| {
            let name = match link {
                Some(team) => recipe_link(recipe, team),
                None => {
                    recipe.name.as_deref().map_or_else(|| format!("Recipe {}", recipe.id), str::to_owned).into_any()
                }
            };
            let ran = recipe.last_run_at.map_or_else(dash, |at| view! { <Ago at=at/> }.into_any());
            view! {
                <tr>
                    <th scope="row">{name}" "<span class="id soft">{recipe.id.to_string()}</span></th>
                    <td>{state(recipe)}</td>
                    <td>{jobs(recipe)}</td>
                    <td class="c-when">{ran}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="data t-used">
            <caption>{caption}</caption>
            <thead><tr>
                <th scope="col">"Recipe"</th><th scope="col" class="c-state">"State"</th>
                <th scope="col" class="c-jobs">"Jobs"</th>
                <th scope="col" class="c-when">"Last run"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn state(recipe: &UsedRecipe) -> AnyView {
    let (tone, words) = match recipe.running {
        Some(true) => ("badge ok", "Running"),
        Some(false) => ("badge", "Stopped"),
        None => ("badge", "Unknown"),
    };
    view! { <span class=tone>{words}</span> }.into_any()
}

fn jobs(recipe: &UsedRecipe) -> AnyView {
    let count = |count: i64| grouped(usize::try_from(count).unwrap_or_default());
    match (recipe.jobs_succeeded, recipe.jobs_failed) {
        (None, None) => dash(),
        (succeeded, Some(failed)) if failed > 0 => {
            let all = succeeded.unwrap_or_default().saturating_add(failed);
            format!("{}, {} failed", count(all), count(failed)).into_any()
        }
        (succeeded, _) => count(succeeded.unwrap_or_default()).into_any(),
    }
}

/// A connection's recipes as a part of its page.
pub fn recipes_section(known: &Known<OwnRecipes>, used: Option<RecipesInUse<'_>>, team: &Team) -> AnyView {
    let content = match &used {
        None => unknown(known),
        Some(used) if used.total() == 0 => {
            view! { <p class="soft">"Not used: no recipe of this workspace uses it."</p> }.into_any()
        }
        Some(used) => {
            let more = used.total().saturating_sub(MOST_LISTED);
            let more = (more > 0).then(|| view! { <p class="sm t3">{format!("and {} more", grouped(more))}</p> });
            view! { {recipes_table(used.iter(), "Recipes that use it", Some(team))}{more} }.into_any()
        }
    };
    let count = used.map(|used| impact::recipes(impact::counts(&used)));
    view! {
        <section aria-labelledby="recipes">
            <div class="row"><h2 id="recipes">"Recipes"</h2><span class="push t3 xs">{count}</span></div>
            {content}
            {age(known, |own| own.began_at, own_gaps)}
        </section>
    }
    .into_any()
}

/// The team's own recipes, as a part of a page.
pub fn own_recipes_section(known: &Known<OwnRecipes>, team: &Team) -> AnyView {
    let recipes = known.read.as_ref().map(|own| own.recipes());
    let content = match recipes {
        None => unknown(known),
        Some([]) => view! { <p class="soft">"No recipes in this workspace"</p> }.into_any(),
        Some(recipes) => {
            let more = recipes.len().saturating_sub(MOST_LISTED);
            let more = (more > 0).then(|| view! { <p class="sm t3">{format!("and {} more", grouped(more))}</p> });
            let table = recipes_table(recipes.iter(), "Recipes of this workspace", Some(team));
            // It scrolls, so it has to be reachable by keyboard.
            view! { <div class="used-by" tabindex="0">{table}</div>{more} }.into_any()
        }
    };
    view! {
        <section aria-labelledby="own-recipes">
            <h2 id="own-recipes">"Recipes of this workspace"</h2>
            {content}
            {age(known, |own| own.began_at, own_gaps)}
        </section>
    }
    .into_any()
}

/// When the numbers of customers and recipes beside a list were read, and what could not be.
pub fn usage_age(known: &Known<CustomersRecipes>) -> AnyView {
    age(known, |read| read.began_at, customer_gaps)
}

/// The customers that use a connector, as a part of its page.
pub fn customers_section(known: &Known<CustomersRecipes>, connector: &Connector, team: &Team) -> AnyView {
    let used = known.read.as_ref().zip(connector.name.as_deref()).map(|(read, name)| read.of_connector(name));
    let content = match &used {
        None => unknown(known),
        Some(used) if used.customers.is_empty() => view! { <p class="soft">"No customer uses it."</p> }.into_any(),
        Some(used) => customers_table(used, team),
    };
    let count = used.map(|used| impact::number(used.customers.len(), "customer", "customers"));
    view! {
        <section aria-labelledby="used-by">
            <div class="row"><h2 id="used-by">"Customers that use it"</h2><span class="push t3 xs">{count}</span></div>
            {content}
            {age(known, |read| read.began_at, customer_gaps)}
        </section>
    }
    .into_any()
}

fn customers_table(used: &ConnectorInUse<'_>, team: &Team) -> AnyView {
    let rows: Vec<_> = used
        .customers
        .iter()
        .map(|using| {
            let href = format!("/teams/{}/customers/{}", team.slug, using.customer.id);
            let name = using.customer.name.as_deref().map_or_else(|| using.customer.id.to_string(), str::to_owned);
            view! {
                <tr>
                    <th scope="row"><a href=href>{name}</a></th>
                    <td class="num" data-unit=if using.recipes == 1 { "recipe" } else { "recipes" }>{grouped(using.recipes)}</td>
                    <td class="num" data-unit="running">{grouped(using.active)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        // It scrolls, so it has to be reachable by keyboard.
        <div class="used-by" tabindex="0">
            <table class="data t-used">
                <caption>"Customers that use it"</caption>
                <thead><tr>
                    <th scope="col">"Customer"</th><th scope="col" class="num">"Recipes"</th>
                    <th scope="col" class="num">"Running"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A customer's recipes as a part of its page. `None` if the portal has not read this customer.
pub fn customer_recipes_section(known: &Known<CustomersRecipes>, id: CustomerId) -> AnyView {
    let customer = known.read.as_ref().and_then(|read| Some((read, read.customer(id)?)));
    let content = match customer {
        None => unknown(known),
        Some((read, customer)) => match &customer.read {
            CustomerRead::Failed(why) => remark(Tone::Warn, view! { <p>{impact::failure(why)}</p> }),
            _ if read.recipes_of(customer).next().is_none() => view! { <p class="soft">"No recipes"</p> }.into_any(),
            _ => recipes_table(read.recipes_of(customer), "Recipes of this customer", None),
        },
    };
    let began_at = known.read.as_ref().map(|read| view! { <p class="xs t3">"Read "<Ago at=read.began_at/>"."</p> });
    let failure = known.failure.as_ref().map(|why| view! { <p class="xs t2">{impact::failure(why)}</p> });
    view! {
        <section aria-labelledby="customer-recipes">
            <h2 id="customer-recipes">"Recipes"</h2>
            {content}
            {began_at}
            {failure}
        </section>
    }
    .into_any()
}

/// Beside the list of connections, if the filter or the order depends on recipes that are not all known.
pub fn list_note(known: &Known<OwnRecipes>, is_needed: bool) -> Option<AnyView> {
    let failure = known.failure.as_ref().filter(|why| is_needed || why.is_denied()).map(impact::failure);
    let unknown = (is_needed && known.read.is_none() && failure.is_none()).then(|| {
        "The portal is reading the recipes. No connection is found by them until then; reload in a moment.".to_owned()
    });
    let gaps = known.read.as_ref().filter(|_| is_needed).map(|own| own_gaps(own)).unwrap_or_default();
    let inexact = (!gaps.is_empty()).then(|| format!("{}. So the portal calls no connection unused.", gaps.join(". ")));
    let said: Vec<String> = failure.into_iter().chain(unknown).chain(inexact).collect();
    (!said.is_empty()).then(|| remark(Tone::Warn, view! { <p>{said.join(" ")}</p> }))
}
