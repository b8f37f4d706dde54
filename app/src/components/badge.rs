//! A badge: one or two words on a tinted ground that say more about the name next to them.

use leptos::prelude::*;
use maud::{Markup, html};

use super::{Tone, drawn::drawn};

pub fn badge(tone: Tone, words: impl IntoView) -> AnyView {
    let class = match tone {
        Tone::Good => "badge ok",
        Tone::Bad => "badge bad",
        Tone::Warn => "badge warn",
        Tone::Info => "badge info",
        Tone::None => "badge",
    };
    view! { <span class=class>{words.into_view()}</span> }.into_any()
}

/// Marks a team whose changes reach customers.
pub fn production_badge() -> AnyView {
    drawn(production_markup())
}

pub fn production_markup() -> Markup {
    html! { span class="badge prod" { "Production" } }
}
