//! A state as a glyph, a colour and words: always all three, because not everybody sees colours.

use leptos::prelude::*;
use maud::{Markup, html};

use super::{Glyph, drawn::drawn, icon::glyph_markup};

/// The colour of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Warn,
    /// Something newer or going on: blue.
    Info,
    /// Grey: nothing to look at.
    None,
}

impl Tone {
    /// The classes of a state of this tone.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "st ok",
            Self::Bad => "st bad",
            Self::Warn => "st warn",
            Self::Info => "st info c-info",
            Self::None => "st none",
        }
    }
}

/// The glyph alone in the colour of a tone, where the words stand elsewhere.
pub fn toned_glyph(shape: Glyph, tone: Tone) -> AnyView {
    let class = match tone {
        Tone::Good => "g c-good",
        Tone::Bad => "g c-bad",
        Tone::Warn => "g c-warn",
        Tone::Info => "g c-info",
        Tone::None => "g t3",
    };
    view! { <svg class=class aria-hidden="true"><use href=shape.href()></use></svg> }.into_any()
}

pub fn state(shape: Glyph, tone: Tone, words: impl Into<String>) -> AnyView {
    drawn(state_markup(shape, tone, &words.into()))
}

/// The same in a row. The style sheet draws the shape of what is well, which most rows have.
pub fn state_in_row(shape: Glyph, tone: Tone, words: &str) -> Markup {
    match shape {
        Glyph::Ok => html! { span class=(tone.class()) { (words) } },
        _ => state_markup(shape, tone, words),
    }
}

pub fn state_markup(shape: Glyph, tone: Tone, words: &str) -> Markup {
    html! { span class=(tone.class()) { (glyph_markup(shape)) span { (words) } } }
}
