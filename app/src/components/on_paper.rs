//! What a printed page says about itself, since it has no frame: who printed it, when, and where it is from.

use leptos::prelude::*;
use time::OffsetDateTime;

use super::Moment;
use crate::context;

/// The line, which only paper shows. `path` is the page's.
pub fn on_paper(reader: &str, path: &str) -> AnyView {
    let link = format!("{}{path}", context::services().public_url.trim_end_matches('/'));
    view! {
        <p class="print-only xs">
            {format!("Partner Portal. Printed by {reader} on ")}<Moment at=OffsetDateTime::now_utc()/>". "{link}
        </p>
    }
    .into_any()
}
