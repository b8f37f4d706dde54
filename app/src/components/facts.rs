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

/// A panel of facts about a target, as Workato has it.
pub fn facts_panel(facts: impl IntoIterator<Item = (&'static str, AnyView)>, note: AnyView) -> AnyView {
    let facts: Vec<_> = facts.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> }).collect();
    view! {
        <section class="panel" aria-labelledby="facts">
            <h2 id="facts">"As Workato has it"</h2>
            <dl class="facts">{facts}</dl>
            {note}
        </section>
    }
    .into_any()
}
