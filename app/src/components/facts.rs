//! Values in a list of facts, with a dash for missing ones.

use leptos::prelude::*;
use workato::Timestamp;

use super::{Moment, dash};

pub fn text_fact(text: Option<&str>) -> AnyView {
    match text.map(str::trim) {
        None | Some("") => dash(),
        Some(text) => text.to_owned().into_any(),
    }
}

pub fn id_fact(id: Option<&str>) -> AnyView {
    match id {
        None | Some("") => dash(),
        Some(id) => view! { <span class="id">{id.to_owned()}</span> }.into_any(),
    }
}

pub fn moment_fact(at: Option<Timestamp>) -> AnyView {
    at.map_or_else(dash, |at| view! { <Moment at=at.get()/> }.into_any())
}

/// A card of facts about a target in Workato.
pub fn facts_panel(facts: impl IntoIterator<Item = (&'static str, AnyView)>, note: AnyView) -> AnyView {
    let facts: Vec<_> = facts.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> }).collect();
    view! {
        <section class="card" aria-labelledby="facts">
            <div class="card-head"><h2 id="facts">"Details"</h2></div>
            <div class="card-body"><dl class="facts">{facts}</dl>{note}</div>
        </section>
    }
    .into_any()
}
