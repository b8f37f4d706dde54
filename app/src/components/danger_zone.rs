//! What destroys something, behind one disclosure each: a line says what it does, and opens to its form.

use leptos::prelude::*;

use super::{Icon, icon};

/// One destructive change.
pub struct Danger {
    /// The id of its line. The id of its title is `{id}-title`.
    pub id: &'static str,
    pub title: &'static str,
    /// What it does, in one sentence.
    pub what: String,
    pub icon: Icon,
    /// What the button that opens the form says.
    pub verb: &'static str,
    /// Whether it starts open.
    pub open: bool,
    pub form: AnyView,
}

pub fn danger_zone(dangers: Vec<Danger>) -> AnyView {
    let dangers: Vec<_> = dangers
        .into_iter()
        .map(|Danger { id, title, what, icon: of, verb, open, form }| {
            view! {
                <details name="danger" id=id open=open>
                    <summary>
                        <h3 id=format!("{id}-title")>{title}</h3>
                        <span class="t2">{what}</span>
                        <span class="btn danger" aria-hidden="true">{icon(of)}{verb}</span>
                    </summary>
                    {form}
                </details>
            }
        })
        .collect();
    view! {
        <section class="zone" aria-labelledby="danger-zone">
            <h2 id="danger-zone">"Danger zone"</h2>
            {dangers}
        </section>
    }
    .into_any()
}
