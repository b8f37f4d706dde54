//! The strip of a page's most important facts, below its heading.

use leptos::prelude::*;

/// Labels and values. A second value is a detail in small print.
pub fn strip(facts: Vec<(&'static str, AnyView, Option<AnyView>)>) -> AnyView {
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(label, value, detail)| {
            view! { <div><dt>{label}</dt><dd>{value}{detail.map(|detail| view! { <small>{detail}</small> })}</dd></div> }
        })
        .collect();
    view! { <dl class="strip">{facts}</dl> }.into_any()
}
