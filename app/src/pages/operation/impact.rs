//! What a change touched, as its intent has it: what the operator could know.

use leptos::prelude::*;
use portal::{
    audit::{Action, Logged, TargetType},
    impact::{EntryImpact, MOST_SAMPLED, Sampled},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    components::Moment,
    wording::{impact, numbers::grouped},
};

/// The card, if the log has an impact that can be read.
pub fn card(logged: &Logged) -> Option<AnyView> {
    let intent = logged.entries.iter().find_map(|logged| logged.entry.impact.clone())?;
    let touched: EntryImpact = serde_json::from_value(intent).ok()?;
    let is_job = logged.summary.action == Action::JobCreate;
    let headline = match (&touched.recipes, &touched.customers) {
        (Some(recipes), Some(customers)) if is_job => Some(impact::customers_of_job(customers.total, *recipes)),
        (Some(recipes), Some(customers)) => Some(impact::customers(customers.total, *recipes)),
        (Some(recipes), None) if is_job => Some(impact::recipes_of_job(*recipes)),
        (Some(recipes), None) => Some(impact::recipes(*recipes)),
        (None, _) => None,
    };
    let headline = headline.unwrap_or_else(|| "What it touched was not known.".to_owned());
    let read_at = touched.read_at.as_deref().and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
    let read_at = read_at.map(|at| view! { "Read "<Moment at=at/>". " });
    let coverage = touched.customers.map(|counts| format!("{}. ", impact::coverage_of(counts)));
    let unread: Vec<_> =
        touched.unread.iter().map(|unread| view! { <p class="sm">{impact::unread(unread)}</p> }).collect();
    let all = touched.customers.map(|it| it.total).or(touched.recipes.map(|it| it.total)).unwrap_or_default();
    let more = all.saturating_sub(touched.sample.len());
    let more = (more > 0 && touched.sample.len() == MOST_SAMPLED)
        .then(|| view! { <li class="t3">{format!("and {} more", grouped(more))}</li> });
    let team = logged.summary.team_slug.as_ref().map(ToString::to_string);
    let sample: Vec<_> = touched.sample.iter().map(|one| view! { <li>{sampled(one, team.as_deref())}</li> }).collect();
    let sample = (!sample.is_empty()).then(|| view! { <ul class="bullets">{sample}{more}</ul> });
    Some(
        view! {
            <section class="card" aria-labelledby="impact">
                <div class="card-head"><h2 id="impact">"Impact"</h2></div>
                <div class="card-body">
                    <p><strong>{headline}</strong></p>
                    {sample}
                    {unread}
                    <p class="xs t3">{read_at}{coverage}</p>
                </div>
            </section>
        }
        .into_any(),
    )
}

fn sampled(one: &Sampled, team: Option<&str>) -> AnyView {
    let name = one.name.clone().unwrap_or_else(|| format!("{} {}", one.kind, one.id));
    match (one.kind, team, one.recipes) {
        (TargetType::Customer, Some(team), recipes) => {
            let href = format!("/teams/{team}/customers/{}", one.id);
            let of = recipes.map(|count| format!(": {}", impact::number(count, "recipe", "recipes")));
            view! { <a href=href>{name}</a>{of}", "{grouped(one.active)}" running" }.into_any()
        }
        _ => {
            let state = if one.active > 0 { "running" } else { "stopped" };
            view! { {name}" "<span class="id soft">{one.id.clone()}</span>", "{state} }.into_any()
        }
    }
}
