//! The review of an operation: its standing, and the button that marks it reviewed.

use leptos::prelude::*;
use portal::{OperationId, audit::ReviewStanding};

use super::{ButtonLook, Glyph, SubmitButton, Tone, state};
use crate::wording::reviews;

/// The button that marks an operation reviewed. `page` is as in `api::reviews`.
pub fn button(id: OperationId, label: &'static str, page: &str) -> AnyView {
    view! {
        <form method="post" action="/api/fn/review_operation" data-review="">
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="page" value=page.to_owned()/>
            <SubmitButton look=ButtonLook::Primary>{label}</SubmitButton>
        </form>
    }
    .into_any()
}

/// The standing as a glyph, a colour and a word.
pub fn mark(standing: ReviewStanding) -> AnyView {
    let (shape, tone) = match standing {
        ReviewStanding::Reviewed => (Glyph::Check, Tone::None),
        ReviewStanding::Flagged => (Glyph::Flag, Tone::Warn),
        ReviewStanding::Answered => (Glyph::Flag, Tone::None),
    };
    state(shape, tone, reviews::standing(standing))
}
