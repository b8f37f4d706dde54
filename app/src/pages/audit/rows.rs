//! The list of the audit log: one line an operation, grouped by day. A row opens the operation in the side panel.

use leptos::prelude::*;
use portal::{
    Actor,
    audit::{OperationSummary, ReviewStanding, Stage, review_obstacle},
};
use time::{Date, OffsetDateTime};

use crate::{
    components::{Clock, Glyph, OutcomePill, glyph},
    context,
    operation_status::OperationStatus,
    query::Query,
    wording::{
        numbers,
        operations::{self, Sentence},
        reviews, times,
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
        let now = OffsetDateTime::now_utc();
        let days = by_day(operations);
        let last = days.len().saturating_sub(1);
        let mut next = operations.iter().skip(1);
        let days = days.into_iter().enumerate().map(|(at, day)| {
            let is_whole = !(at == 0 && self.is_cut.0 || at == last && self.is_cut.1);
            let count = is_whole.then(|| numbers::operations_of(day.len()));
            let heading = day.first().map(|first| times::day(first.at, now, context::zone()));
            let rows: Vec<_> = day.iter().map(|operation| self.row(operation, next.next())).collect();
            view! {
                <tbody>
                    <tr class="day">
                        <th colspan="5" scope="rowgroup">{heading}<small>{count}</small></th>
                    </tr>
                    {rows}
                </tbody>
            }
        });
        view! {
            <table class="data t-log" id="list" tabindex="-1">
                <caption class="vh">"Operations, newest first"</caption>
                <thead>
                    <tr>
                        <th class="w-0"><span class="vh">"Review"</span></th>
                        <th scope="col" class="w-2">"Time"</th>
                        <th scope="col" class="w-5">"Who"</th>
                        <th scope="col">"What and why"</th>
                        <th scope="col" class="w-4">"Outcome"</th>
                    </tr>
                </thead>
                {days.collect_view()}
            </table>
        }
        .into_any()
    }

    fn row(&self, operation: &OperationSummary, next: Option<&OperationSummary>) -> AnyView {
        let sentence = Sentence::of(operation);
        let deed = sentence.deed(&operation.actor_name);
        let outside = operation.first.as_ref().is_some_and(|entry| entry.stage == Stage::Observed);
        let who = if outside { "In Workato".to_owned() } else { operation.actor_name.clone() };
        // The row's heading is the whole sentence, also for people who do not see its columns.
        let actor = deed.is_some().then(|| view! { <span class="vh">{operation.actor_name.clone()}" "</span> });
        let full = sentence.text();
        let deed = deed.unwrap_or_else(|| full.clone());
        let is_open = self.open.is_some_and(|open| open.id == operation.id);
        // A second press opens the operation's page.
        let href =
            if is_open { format!("/audit/{}", operation.id) } else { open_path(self.query, self.path, operation) };
        let changed = operation.changed.as_ref().map(operations::changed);
        view! {
            <tr
                id=format!("row-{}", operation.id)
                data-row=""
                tabindex="-1"
                aria-current=is_open.then_some("true")
            >
                <td>{self.review(operation, next)}</td>
                <td><Clock at=operation.at/></td>
                <td title=who.clone()>{who.clone()}" "</td>
                <th scope="row" title=full>
                    {actor}
                    <a id=format!("what-{}", operation.id) href=href data-open="">{deed}</a>
                    {sentence.detail.map(|detail| view! { " "<span class="why">{detail}</span> })}
                    {changed.map(|words| view! { " "<strong class="problem">{words}</strong> })}
                </th>
                <td><OutcomePill status=OperationStatus::of(operation)/></td>
            </tr>
        }
        .into_any()
    }

    /// The marker in the first column. For who may review the operation it is the button that does so.
    fn review(&self, operation: &OperationSummary, next: Option<&OperationSummary>) -> Option<AnyView> {
        if !operation.action.is_reviewable() {
            return None;
        }
        let standing = operation.review.as_ref().map(|review| review.standing);
        let mark = standing.map(|standing| {
            let (tone, shape) = match standing {
                ReviewStanding::Reviewed => ("", Glyph::Check),
                ReviewStanding::Flagged => ("flagged", Glyph::Flag),
                ReviewStanding::Answered => ("", Glyph::Flag),
            };
            let words = reviews::standing(standing);
            view! { <span class=tone title=words>{glyph(shape)}<span class="vh">{words}</span></span> }
        });
        if !self.viewer.reviews() || standing == Some(ReviewStanding::Reviewed) {
            return Some(match mark {
                Some(mark) => mark.into_any(),
                None => view! { <span class="vh">"Not reviewed yet"</span> }.into_any(),
            });
        }
        let button = review_obstacle(operation, self.viewer.id()).is_none().then(|| {
            let next = next.map(|next| view! { <input type="hidden" name="next" value=next.id.to_string()/> });
            view! {
                <form method="post" action="/api/fn/review_operation" data-review="">
                    <input type="hidden" name="id" value=operation.id.to_string()/>
                    <input type="hidden" name="page" value=self.query.on(self.path)/>
                    {next}
                    <button
                        type="submit"
                        class="unread"
                        title="Mark reviewed"
                        aria-label="Mark reviewed"
                        aria-describedby=format!("what-{}", operation.id)
                    >
                        {mark.is_none().then(|| glyph(Glyph::Dot))}
                        {mark.is_some().then(|| glyph(Glyph::Flag))}
                    </button>
                </form>
            }
        });
        let shown = match button {
            Some(button) => button.into_any(),
            None => mark.into_any(),
        };
        // For the keyboard; the side panel and the operation's page have a link of their own.
        let flag = view! { <a hidden data-flag="" href=format!("/audit/{}#note", operation.id)>"Flag"</a> };
        Some(view! { {shown}{flag} }.into_any())
    }
}

/// The list with this operation in the side panel.
pub fn open_path(query: &Query, path: &'static str, operation: &OperationSummary) -> String {
    let id = operation.id.to_string();
    format!("{}#row-{id}", query.with(OPEN, &id).on(path))
}

/// The operations of each day at the reader's offset, in their order.
fn by_day(operations: &[OperationSummary]) -> Vec<&[OperationSummary]> {
    let zone = context::zone();
    let day = |operation: &OperationSummary| -> Date { operation.at.to_offset(zone).date() };
    operations.chunk_by(|one, other| day(one) == day(other)).collect()
}
