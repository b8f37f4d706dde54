//! Says that a page shows an older copy, how old it is and why there is none newer.
//!
//! A page that is drawn on the server cannot tell of a wait while it lasts. So where there is something to show, it is
//! shown at once, with the seconds until Workato may be asked again; where there is nothing, the browser waits as for
//! any page, 20 seconds at most, and the page says afterwards how long it was (`Freshness`); and where it would be
//! longer than that, the answer is 503 with `Retry-After`, and its page names the seconds.

use leptos::prelude::*;
use portal::upstream::Stale;
use time::OffsetDateTime;

use super::Age;
use crate::wording::stale;

/// What can be asked for on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// Nothing that changes anything.
    Nothing,
    /// Changes.
    Changes,
}

/// The notice, where what is shown is stale.
pub fn stale_notice(stale: Option<&Stale>, read_at: OffsetDateTime, offers: Offers) -> Option<AnyView> {
    let copy = stale?;
    let changed = copy.changed_at.map(|at| {
        view! { <p>"The portal has sent a change since, "<Age at=at/>", of which this copy does not know."</p> }
    });
    let offers = (offers == Offers::Changes).then(|| {
        view! { <p>"Changes can be asked for all the same. What cannot be sent fails at once, with nothing changed."</p> }
    });
    let notice = view! {
        <div class="callout notice warn" role="status">
            <p><strong>{stale::heading(&copy.why)}" This is how it was "<Age at=read_at/>"."</strong></p>
            <p>{stale::why(&copy.why)}</p>
            {changed}
            {offers}
        </div>
    };
    Some(notice.into_any())
}
