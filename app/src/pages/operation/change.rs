//! The table of the target's state before and after an operation.

use leptos::prelude::*;
use portal::audit::Logged;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::state_change::{After, rows};
use crate::{components::Moment, wording::values};

/// The table in a card, if the log has a state.
pub fn card(logged: &Logged) -> Option<AnyView> {
    compared(logged).map(|table| {
        view! {
            <section class="card" aria-labelledby="change">
                <div class="card-head"><h2 id="change">"What changed"</h2></div>
                {table}
            </section>
        }
        .into_any()
    })
}

/// The state before and after, what changed first. `None` if the log has no state.
pub fn compared(logged: &Logged) -> Option<AnyView> {
    let mut rows = rows(&logged.summary);
    if rows.is_empty() {
        return None;
    }
    rows.sort_by_key(|row| !row.has_changed());
    let rows = rows.into_iter().map(|row| {
        let changed = row.has_changed();
        let before = match &row.before {
            None => soft("–"),
            Some(before) if changed => view! { <del>{value(before)}</del> }.into_any(),
            Some(before) => value(before),
        };
        let after = match &row.after {
            After::Same => soft("Unchanged"),
            After::Now(now) if changed => view! { <ins>{value(now)}</ins> }.into_any(),
            After::Now(now) => value(now),
            After::NotKnown => soft("Unknown"),
        };
        let class = (!changed).then_some("same");
        view! { <tr class=class><th scope="row">{label(&row.name)}</th><td>{before}</td><td>{after}</td></tr> }
    });
    Some(
        view! {
            <table class="change">
                <caption class="vh">"Before and after"</caption>
                <thead>
                    <tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
        .into_any(),
    )
}

/// The property's name in words. For credentials the log has only the names of their fields.
pub fn label(name: &str) -> String {
    match name {
        "input" | "oauth_token_pair" => "Credentials that were sent".to_owned(),
        name => values::key(name),
    }
}

fn soft(text: &'static str) -> AnyView {
    view! { <span class="t3">{text}</span> }.into_any()
}

/// Times in the reader's format, all else as the log has it.
pub fn value(value: &Value) -> AnyView {
    match value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) {
        Some(at) => view! { <Moment at=at/> }.into_any(),
        None => values::plain(value).into_any(),
    }
}
