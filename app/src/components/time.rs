//! `<time>` elements, at the reader's offset from UTC. The first page that a browser gets is in UTC, since only the
//! browser knows its offset; `islands::local_times` corrects that page and reports the offset for the next.

use leptos::prelude::*;
use maud::{Markup, html};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::drawn::drawn;
use crate::{
    context,
    live::{self, Wording},
    wording::times,
};

/// How long ago, and after a day the date. The tooltip is the exact time.
#[component]
pub fn Ago(at: OffsetDateTime) -> impl IntoView {
    drawn(ReaderTimes::here().ago(at))
}

/// When and where a page is read: what the words of its times depend on. A list asks once for all its rows.
#[derive(Clone, Copy, Debug)]
pub struct ReaderTimes {
    pub now: OffsetDateTime,
    pub zone: UtcOffset,
}

impl ReaderTimes {
    /// Of the request that is answered.
    pub fn here() -> Self {
        Self { now: OffsetDateTime::now_utc(), zone: context::zone() }
    }

    /// As [`Ago`].
    pub fn ago(self, at: OffsetDateTime) -> Markup {
        let exact = machine(at);
        html! { time datetime=(exact) title=(exact) { (live::time(Wording::Ago, at, self.now, self.zone)) } }
    }

    /// The same in a row, to the second. Its tooltip comes from the style sheet.
    pub fn ago_in_row(self, at: OffsetDateTime) -> Markup {
        let exact = machine(at.replace_nanosecond(0).unwrap_or(at));
        html! { time datetime=(exact) { (live::time(Wording::Ago, at, self.now, self.zone)) } }
    }

    /// The time of day, in a list that is grouped by day.
    pub fn clock(self, at: OffsetDateTime) -> Markup {
        let exact = machine(at);
        html! { time datetime=(exact) title=(exact) { (times::clock(at, self.zone)) } }
    }
}

/// The same, to the second within the first minute, for a copy that is refreshed often.
#[component]
pub fn Age(at: OffsetDateTime) -> impl IntoView {
    let now = OffsetDateTime::now_utc();
    view! { <time datetime=machine(at) title=machine(at)>{live::time(Wording::Age, at, now, context::zone())}</time> }
}

/// The date and time.
#[component]
pub fn Moment(at: OffsetDateTime) -> impl IntoView {
    view! {
        <time datetime=machine(at) title=machine(at) data-absolute="">{times::moment(at, context::zone())}</time>
    }
}

/// Says once on a page which zone its times are in.
pub fn zone_note() -> AnyView {
    view! { <p class="in-zone">"Times are in "<span data-zone="">{times::zone_name(context::zone())}</span>"."</p> }
        .into_any()
}

/// ISO 8601 in UTC, to the second unless the time has fractions of one.
fn machine(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}
