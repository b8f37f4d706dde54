//! Says that the page shows an older copy, how old it is, and why there is no newer one.
//!
//! A page rendered on the server cannot report a wait while it lasts. If there is a copy, the page shows it at once
//! with the seconds until the next read. If there is none, the browser waits up to 20 seconds, and `Freshness` then
//! says how long it was. If the wait would be longer, the response is 503 with `Retry-After`, and its page names the
//! seconds.

use leptos::prelude::*;
use portal::upstream::Stale;
use time::OffsetDateTime;

use super::{Age, Tone, standing_notice};
use crate::wording::stale;

/// What the page offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// Nothing that changes anything.
    Nothing,
    Changes,
}

/// The notice, if the copy is stale.
pub fn stale_notice(stale: Option<&Stale>, read_at: OffsetDateTime, offers: Offers) -> Option<AnyView> {
    let copy = stale?;
    let changed = copy.changed_at.map(|at| {
        view! { <p>"The portal has sent a change since then, "<Age at=at/>", which this copy doesn't show."</p> }
    });
    let offers = (offers == Offers::Changes).then(|| {
        view! { <p>"You can still make changes. If one can't be sent, it fails at once and nothing is changed."</p> }
    });
    let content = view! {
            <p><strong>{stale::heading(&copy.why)}" Showing the copy from "<Age at=read_at/>"."</strong></p>
            <p>{stale::why(&copy.why)}</p>
            {changed}
            {offers}
    };
    Some(standing_notice(Tone::Warn, content))
}
