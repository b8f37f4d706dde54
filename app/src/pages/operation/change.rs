//! The table of the target's state before and after an operation.

use leptos::prelude::*;
use portal::audit::Logged;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::state_change::{After, rows};
use crate::{components::Moment, wording::values};

/// The table, if the log has a state.
pub fn table(logged: &Logged) -> Option<AnyView> {
    let mut rows = rows(&logged.summary);
    if rows.is_empty() {
        return None;
    }
    rows.sort_by_key(|row| !row.has_changed());
    let rows = rows.into_iter().map(|row| {
        let class = row.has_changed().then_some("changed");
        let before = row.before.as_ref().map_or_else(|| soft("–"), value);
        let after = match &row.after {
            After::Same => soft("unchanged"),
            After::Now(now) => value(now),
            After::NotKnown => soft("Unknown"),
        };
        view! { <tr class=class><th scope="row">{label(&row.name)}</th><td>{before}</td><td>{after}</td></tr> }
    });
    Some(
        view! {
            <section aria-labelledby="change">
                <h2 id="change">"Before and after"</h2>
                <div class="sheet">
                    <table class="compare">
                        <caption>"Before and after"</caption>
                        <thead>
                            <tr><th scope="col">"What"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// The property's name in words. For credentials the log has only the names of their fields.
fn label(name: &str) -> String {
    match name {
        "input" | "oauth_token_pair" => "Credentials that were sent".to_owned(),
        name => values::key(name),
    }
}

fn soft(text: &'static str) -> AnyView {
    view! { <span class="soft">{text}</span> }.into_any()
}

/// Times in the reader's format, all else as the log has it.
fn value(value: &Value) -> AnyView {
    match value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) {
        Some(at) => view! { <Moment at=at/> }.into_any(),
        None => values::plain(value).into_any(),
    }
}
