//! A small dialog beside its button, which opens without script and closes with Escape or a click elsewhere.

use leptos::prelude::*;
use maud::{Markup, html};

/// The dialog. Its button has `popovertarget` with this id.
pub fn popover(id: String, title: String, content: impl IntoView) -> AnyView {
    let title_id = format!("{id}-title");
    let heading_id = title_id.clone();
    view! {
        <div class="pop" id=id popover="auto" role="dialog" aria-labelledby=title_id>
            <h2 id=heading_id>{title}</h2>
            {content.into_view()}
        </div>
    }
    .into_any()
}

/// The same in a row.
pub fn popover_in_row(id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        div class="pop" id=(id) popover="auto" role="dialog" aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (content)
        }
    }
}
