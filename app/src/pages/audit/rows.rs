//! The list of the audit log: one line an operation, grouped by day. A row opens the operation in the side panel.

use leptos::prelude::*;
use maud::{Markup, html};
use portal::{
    Actor,
    audit::{OperationSummary, ReviewStanding, Stage, review_obstacle},
};
use time::Date;

use crate::{
    components::{Glyph, ReaderTimes, drawn, glyph_and_tone, glyph_markup, state_markup},
    operation_status::OperationStatus,
    query::Query,
    wording::{
        numbers,
        operations::{self, Sentence},
        outcomes, reviews, times,
    },
};

/// The URL parameter that names the operation in the side panel.
pub const OPEN: &str = "op";

/// What the list is drawn from.
pub struct Rows<'a> {
    pub viewer: &'a Actor,
    pub path: &'static str,
    /// The list's query, which does not name an operation.
    pub query: &'a Query,
    /// The operation in the side panel.
    pub open: Option<&'a OperationSummary>,
    /// Whether the first and the last day go on, on other pages.
    pub is_cut: (bool, bool),
}

impl Rows<'_> {
    pub fn render(&self, operations: &[OperationSummary]) -> AnyView {
        let times = ReaderTimes::here();
        let days = by_day(operations, times);
        let last = days.len().saturating_sub(1);
        let mut next = operations.iter().skip(1);
        let days = html! {
            @for (at, day) in days.into_iter().enumerate() {
                @let is_whole = !(at == 0 && self.is_cut.0 || at == last && self.is_cut.1);
                tbody {
                    tr class="day" {
                        th colspan="5" scope="rowgroup" {
                            @if let Some(first) = day.first() { (times::day(first.at, times.now, times.zone)) }
                            small { @if is_whole { (numbers::operations_of(day.len())) } }
                        }
                    }
                    @for operation in day { (self.row(operation, next.next(), times)) }
                }
            }
        };
        let table = html! {
            table class="data t-log" id="list" tabindex="-1" {
                caption class="vh" { "Operations, newest first" }
                thead {
                    tr {
                        th class="w-0" { span class="vh" { "Review" } }
                        th scope="col" class="w-2" { "Time" }
                        th scope="col" class="w-5" { "Who" }
                        th scope="col" { "What and why" }
                        th scope="col" class="w-4" { "Outcome" }
                    }
                }
                (days)
            }
        };
        drawn(table)
    }

    fn row(&self, operation: &OperationSummary, next: Option<&OperationSummary>, times: ReaderTimes) -> Markup {
        let sentence = Sentence::of(operation);
        let deed = sentence.deed(&operation.actor_name);
        let outside = operation.first.as_ref().is_some_and(|entry| entry.stage == Stage::Observed);
        let who = if outside { "In Workato" } else { &operation.actor_name };
        // The row's heading is the whole sentence, also for people who do not see its columns.
        let full = sentence.text();
        let is_open = self.open.is_some_and(|open| open.id == operation.id);
        // A second press opens the operation's page.
        let href =
            if is_open { format!("/audit/{}", operation.id) } else { open_path(self.query, self.path, operation) };
        let (shape, tone) = glyph_and_tone(OperationStatus::of(operation));
        html! {
            tr id={ "row-" (operation.id) } data-row="" tabindex="-1" aria-current=[is_open.then_some("true")] {
                td { (self.review(operation, next)) }
                td { (times.clock(operation.at)) }
                td title=(who) { (who) " " }
                th scope="row" title=(full) {
                    @if deed.is_some() { span class="vh" { (operation.actor_name) " " } }
                    a id={ "what-" (operation.id) } href=(href) data-open="" { (deed.as_deref().unwrap_or(&full)) }
                    @if let Some(detail) = &sentence.detail { " " span class="why" { (detail) } }
                    @if let Some(changed) = &operation.changed {
                        " " strong class="problem" { (operations::changed(changed)) }
                    }
                }
                td { (state_markup(shape, tone, outcomes::status(OperationStatus::of(operation)))) }
            }
        }
    }

    /// The marker in the first column. For who may review the operation it is the button that does so.
    fn review(&self, operation: &OperationSummary, next: Option<&OperationSummary>) -> Markup {
        if !operation.action.is_reviewable() {
            return Markup::default();
        }
        let standing = operation.review.as_ref().map(|review| review.standing);
        let mark = standing.map(|standing| {
            let (tone, shape) = match standing {
                ReviewStanding::Reviewed => ("", Glyph::Check),
                ReviewStanding::Flagged => ("flagged", Glyph::Flag),
                ReviewStanding::Answered => ("", Glyph::Flag),
            };
            let words = reviews::standing(standing);
            html! { span class=(tone) title=(words) { (glyph_markup(shape)) span class="vh" { (words) } } }
        });
        if !self.viewer.reviews() || standing == Some(ReviewStanding::Reviewed) {
            return mark.unwrap_or_else(|| html! { span class="vh" { "Not reviewed yet" } });
        }
        let may_review = review_obstacle(operation, self.viewer.id()).is_none();
        html! {
            @if may_review {
                form method="post" action="/api/fn/review_operation" data-review="" {
                    input type="hidden" name="id" value=(operation.id);
                    input type="hidden" name="page" value=(self.query.on(self.path));
                    @if let Some(next) = next { input type="hidden" name="next" value=(next.id); }
                    button
                        type="submit"
                        class="unread"
                        title="Mark reviewed"
                        aria-label="Mark reviewed"
                        aria-describedby={ "what-" (operation.id) }
                    {
                        (glyph_markup(if mark.is_some() { Glyph::Flag } else { Glyph::Dot }))
                    }
                }
            } @else if let Some(mark) = mark {
                (mark)
            }
            // For the keyboard; the side panel and the operation's page have a link of their own.
            a hidden data-flag="" href={ "/audit/" (operation.id) "#note" } { "Flag" }
        }
    }
}

/// The list with this operation in the side panel.
pub fn open_path(query: &Query, path: &'static str, operation: &OperationSummary) -> String {
    let id = operation.id.to_string();
    format!("{}#row-{id}", query.with(OPEN, &id).on(path))
}

/// The operations of each day at the reader's offset, in their order.
fn by_day(operations: &[OperationSummary], times: ReaderTimes) -> Vec<&[OperationSummary]> {
    let day = |operation: &OperationSummary| -> Date { operation.at.to_offset(times.zone).date() };
    operations.chunk_by(|one, other| day(one) == day(other)).collect()
}
