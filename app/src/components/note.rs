//! What a page says about the thing beside it, with a shape in its colour. It interrupts nobody, and it may offer an act.

use leptos::prelude::*;

use super::{Glyph, Tone, glyph};

/// Words alone.
pub fn note(tone: Tone, shape: Glyph, content: impl IntoView) -> AnyView {
    render(tone, shape, content, None)
}

/// Words, and what to do about them.
pub fn note_with_act(tone: Tone, shape: Glyph, content: impl IntoView, act: AnyView) -> AnyView {
    render(tone, shape, content, Some(act))
}

fn render(tone: Tone, shape: Glyph, content: impl IntoView, act: Option<AnyView>) -> AnyView {
    let class = match tone {
        Tone::Good => "note ok",
        Tone::Bad => "note bad",
        Tone::Warn => "note warn",
        Tone::Info | Tone::None => "note",
    };
    let act = act.map(|act| view! { <p class="acts">{act}</p> });
    view! { <div class=class>{glyph(shape)}<div>{content.into_view()}</div>{act}</div> }.into_any()
}
