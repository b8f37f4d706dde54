//! The status of an operation as a glyph, a colour and a word.

use leptos::prelude::*;

use super::{Glyph, Tone, state};
use crate::{operation_status::OperationStatus, wording::outcomes};

#[component]
pub fn OutcomePill(status: OperationStatus) -> impl IntoView {
    let (glyph, tone) = glyph_and_tone(status);
    state(glyph, tone, outcomes::status(status))
}

pub const fn glyph_and_tone(status: OperationStatus) -> (Glyph, Tone) {
    match status {
        OperationStatus::Succeeded => (Glyph::Ok, Tone::Good),
        OperationStatus::Rejected | OperationStatus::Failed => (Glyph::Bad, Tone::Bad),
        OperationStatus::Unknown => (Glyph::Unk, Tone::Warn),
        OperationStatus::Waiting => (Glyph::Wait, Tone::Warn),
        OperationStatus::Denied => (Glyph::Exc, Tone::None),
        OperationStatus::Requested => (Glyph::Wait, Tone::Info),
        OperationStatus::Declined => (Glyph::Bad, Tone::None),
        OperationStatus::Withdrawn | OperationStatus::Expired => (Glyph::None, Tone::None),
        OperationStatus::NotRecorded => (Glyph::None, Tone::None),
    }
}
