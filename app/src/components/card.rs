//! A titled part of a page.

use leptos::prelude::*;

/// The card. `id` is the title's.
pub fn card(id: &'static str, title: impl Into<String>, body: impl IntoView) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <div class="card-head"><h2 id=id>{title.into()}</h2></div>
            <div class="card-body">{body.into_view()}</div>
        </section>
    }
    .into_any()
}
