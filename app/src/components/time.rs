//! `<time>` elements. `islands::LocalTimes` turns them into the reader's time zone.

use leptos::prelude::*;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::wording::times;

/// How long ago, with the exact time as tooltip.
#[component]
pub fn Ago(at: OffsetDateTime) -> impl IntoView {
    let now = OffsetDateTime::now_utc();
    view! { <time datetime=machine(at) title=times::exact(at)>{times::ago(at, now)}</time> }
}

/// The same, to the second within the first minute, for a copy that is refreshed often.
#[component]
pub fn Age(at: OffsetDateTime) -> impl IntoView {
    let now = OffsetDateTime::now_utc();
    view! { <time datetime=machine(at) title=times::exact(at)>{times::age(at, now)}</time> }
}

/// The date and time.
#[component]
pub fn Moment(at: OffsetDateTime) -> impl IntoView {
    view! { <time datetime=machine(at) title=times::exact(at) data-absolute="">{times::absolute(at)}</time> }
}

fn machine(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}
