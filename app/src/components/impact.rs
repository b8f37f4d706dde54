//! What a change touches, beside the form that makes it. Lists of what uses something are in `recipes_in_use`.

use leptos::prelude::*;
use portal::{
    impact::{ConnectorInUse, Counts, CustomersRecipes, Known, OwnRecipes, UsedRecipe},
    teams::Team,
};
use time::OffsetDateTime;
use workato::{ConnectionId, Connector, ConnectorVersion};

use super::{Ago, Glyph, Tone, glyph, toned_glyph};
use crate::wording::{impact, numbers::grouped};

/// The most recipes and customers that a region beside a form names.
const MOST_NAMED: usize = 5;

/// What disconnecting or deleting a connection touches.
pub fn connection_impact(known: &Known<OwnRecipes>, id: ConnectionId, team: &Team) -> AnyView {
    let body = match &known.read {
        None => unknown(known),
        Some(own) => {
            let used = own.of_connection(id);
            let counts = impact::counts(&used);
            let running = used.iter().filter(|recipe| recipe.is_active()).take(MOST_NAMED);
            let named: Vec<_> = running.map(|recipe| view! { <li>{recipe_link(recipe, team)}</li> }).collect();
            let more = used.active.saturating_sub(named.len());
            let list = (!named.is_empty()).then(|| view! { <ul class="bullets">{named}{more_of(more)}</ul> });
            view! { {headline(&impact::recipes(counts), counts.active)}{list} }.into_any()
        }
    };
    region("Impact".to_owned(), view! { {body}{age(known, |own| own.began_at, own_gaps)} }.into_any())
}

/// What suppressing a connector touches.
pub fn connector_impact(known: &Known<CustomersRecipes>, connector: &Connector) -> AnyView {
    let body = match (&known.read, &connector.name) {
        (Some(read), Some(name)) => {
            let used = read.of_connector(name);
            let counts = Counts { total: used.recipes, active: used.active };
            let headline = headline(&impact::customers(used.customers.len(), counts), counts.active);
            view! { {headline}{named_customers(&used)} }.into_any()
        }
        _ => unknown(known),
    };
    region("Impact".to_owned(), view! { {body}{age(known, |read| read.began_at, customer_gaps)} }.into_any())
}

/// Who gets another version when one is shared.
pub fn share_impact(known: &Known<CustomersRecipes>, connector: &Connector, version: ConnectorVersion) -> AnyView {
    let body = match (&known.read, &connector.name) {
        (Some(read), Some(name)) => {
            let used = read.of_connector(name);
            let counts = Counts { total: used.recipes, active: used.active };
            let who = impact::number(used.customers.len(), "customer", "customers");
            let moves = match (used.customers.len(), connector.shared_version()) {
                (0, _) => "No customer uses it".to_owned(),
                (_, Some(shared)) if shared == version => {
                    format!(
                        "{who} {} version {version} already",
                        if used.customers.len() == 1 { "has" } else { "have" }
                    )
                }
                (count, shared) => {
                    let verb = if count == 1 { "moves" } else { "move" };
                    let from = shared.map(|shared| format!(" from version {shared}")).unwrap_or_default();
                    format!("{who} {verb}{from} to version {version}, {}", impact::in_recipes(counts))
                }
            };
            headline(&moves, counts.active)
        }
        _ => unknown(known),
    };
    region(
        format!("Impact of version {version}"),
        view! { {body}{age(known, |read| read.began_at, customer_gaps)} }.into_any(),
    )
}

/// How many customers use a connector, if that is known.
pub fn customers_using(known: &Known<CustomersRecipes>, connector: &Connector) -> usize {
    let name = connector.name.as_deref();
    known.read.as_ref().zip(name).map_or(0, |(read, name)| read.of_connector(name).customers.len())
}

/// How many recipes use a connection, if that is known.
pub fn recipes_using(known: &Known<OwnRecipes>, id: ConnectionId) -> usize {
    known.read.as_ref().map_or(0, |own| own.of_connection(id).total())
}

/// `label` begins with `Impact`, and differs from those of other regions that can be open on the same page.
fn region(label: String, content: AnyView) -> AnyView {
    view! { <section class="impact" aria-label=label><p class="t3 xs">"Impact"</p>{content}</section> }.into_any()
}

fn headline(words: &str, active: usize) -> AnyView {
    let mark = if active > 0 { toned_glyph(Glyph::Exc, Tone::Warn) } else { glyph(Glyph::Ok) };
    view! { <p class="says">{mark}<strong>{words.to_owned()}</strong></p> }.into_any()
}

pub(super) fn unknown<T>(known: &Known<T>) -> AnyView {
    let words = match known.is_being_read {
        true => "The portal is reading this now. Reload in a moment to see it, or go on without it.",
        false => "The portal doesn’t know what this touches.",
    };
    view! { <p>{words}</p> }.into_any()
}

/// When it was read, and what of it could not be.
pub(super) fn age<T>(
    known: &Known<T>,
    began_at: impl Fn(&T) -> OffsetDateTime,
    gaps: impl Fn(&T) -> Vec<String>,
) -> AnyView {
    let read = known.read.as_ref().map(|read| {
        let gaps: Vec<_> = gaps(read).into_iter().map(|gap| view! { " "{gap}"." }).collect();
        let newer = known.is_being_read.then_some(" The portal is reading it again now.");
        view! { <p class="xs t3">"Read "<Ago at=began_at(read)/>"."{gaps}{newer}</p> }
    });
    let failure = known.failure.as_ref().map(|why| view! { <p class="xs t2">{impact::failure(why)}</p> });
    view! { {read}{failure} }.into_any()
}

pub(super) fn own_gaps(own: &OwnRecipes) -> Vec<String> {
    let unreadable = (own.unreadable > 0)
        .then(|| format!("What {} could not be read", impact::number(own.unreadable, "recipe uses", "recipes use")));
    let incomplete = (!own.complete).then(|| "There are more recipes than the portal reads at once".to_owned());
    unreadable.into_iter().chain(incomplete).collect()
}

pub(super) fn customer_gaps(read: &CustomersRecipes) -> Vec<String> {
    let unreadable = (read.unreadable > 0)
        .then(|| format!("What {} could not be read", impact::number(read.unreadable, "recipe uses", "recipes use")));
    let incomplete = (!read.complete).then(|| "There are more customers than the portal reads at once".to_owned());
    std::iter::once(impact::coverage(&read.coverage())).chain(unreadable).chain(incomplete).collect()
}

fn more_of(count: usize) -> Option<AnyView> {
    (count > 0).then(|| view! { <li class="t3">{format!("and {} more", grouped(count))}</li> }.into_any())
}

fn named_customers(used: &ConnectorInUse<'_>) -> Option<AnyView> {
    let named: Vec<_> = used
        .customers
        .iter()
        .take(MOST_NAMED)
        .map(|using| {
            let name = using.customer.name.as_deref().map_or_else(|| using.customer.id.to_string(), str::to_owned);
            view! { <li>{format!("{name}: {} running", grouped(using.active))}</li> }
        })
        .collect();
    let more = more_of(used.customers.len().saturating_sub(named.len()));
    (!named.is_empty()).then(|| view! { <ul class="bullets">{named}{more}</ul> }.into_any())
}

/// A recipe's name, linked to Workato.
pub(super) fn recipe_link(recipe: &UsedRecipe, team: &Team) -> AnyView {
    let name = recipe.name.as_deref().map_or_else(|| format!("Recipe {}", recipe.id), str::to_owned);
    let href = format!("{}/recipes/{}", team.workato_url.trim_end_matches('/'), recipe.id);
    view! { <a href=href rel="external noreferrer" title="Open in Workato">{name}</a> }.into_any()
}
