//! The review of an operation: its standing, and the button that marks it reviewed. The operation's page has the other
//! forms.

use leptos::prelude::*;
use portal::{
    Actor, OperationId,
    audit::{OperationSummary, ReviewStanding, review_obstacle},
};

use super::{Glyph, Tone, state};
use crate::wording::reviews;

/// What a table of operations needs for its review column.
#[derive(Clone)]
pub struct ReviewColumn {
    pub viewer: Actor,
    /// The URL of the page that has the table.
    pub page: String,
}

impl ReviewColumn {
    /// The cell of one row. `next` is the operation in the next row.
    pub fn cell(&self, operation: &OperationSummary, next: Option<OperationId>) -> AnyView {
        if !operation.action.is_reviewable() {
            return ().into_any();
        }
        let standing = operation.review.as_ref().map(|review| review.standing);
        let mark = standing.map(mark);
        if !self.viewer.reviews() {
            return mark.unwrap_or_else(|| view! { <span class="soft">"not yet"</span> }.into_any());
        }
        if standing == Some(ReviewStanding::Reviewed) {
            return mark.into_any();
        }
        let can = match review_obstacle(operation, self.viewer.id()) {
            None => button(operation.id, "Mark reviewed", &self.page, next),
            Some(_) => ().into_any(),
        };
        let (flag, what) = (format!("/audit/{}#note", operation.id), format!("what-{}", operation.id));
        view! {
            {mark}
            <span class="row review">
                {can}
                <a href=flag data-flag="" aria-describedby=what>"Flag"</a>
            </span>
        }
        .into_any()
    }
}

/// The button that marks an operation reviewed. `page` and `next` are as in `api::reviews`.
pub fn button(id: OperationId, label: &'static str, page: &str, next: Option<OperationId>) -> AnyView {
    view! {
        <form method="post" action="/api/fn/review_operation" data-review="">
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="page" value=page.to_owned()/>
            {next.map(|next| view! { <input type="hidden" name="next" value=next.to_string()/> })}
            <button type="submit" class="btn" aria-describedby=format!("what-{id}")>{label}</button>
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
