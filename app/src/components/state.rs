//! A state as a glyph, a colour and words: always all three, because not everybody sees colours.

use leptos::prelude::*;

use super::{Glyph, glyph};

/// The colour of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Warn,
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
            Self::None => "st none",
        }
    }
}

pub fn state(shape: Glyph, tone: Tone, words: impl Into<String>) -> AnyView {
    view! { <span class=tone.class()>{glyph(shape)}<span>{words.into()}</span></span> }.into_any()
}
