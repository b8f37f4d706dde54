//! Says that a page shows an older copy, how old it is and why there is none newer.
//!
//! A page that is drawn on the server cannot tell of a wait while it lasts. So where there is something to show, it is
//! shown at once, with the seconds until Workato may be asked again; where there is nothing, the browser waits as for
//! any page, 20 seconds at most, and the page says afterwards how long it was (`Freshness`); and where it would be
//! longer than that, the answer is 503 with `Retry-After`, and its page names the seconds.

use leptos::prelude::*;
use portal::upstream::{Stale, WhyStale};
use time::OffsetDateTime;

use super::{Age, grouped};

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
    let stale = stale?;
    let changed = stale.changed_at.map(|at| {
        view! { <p>"The portal has sent a change since, "<Age at=at/>", of which this copy does not know."</p> }
    });
    let offers = (offers == Offers::Changes).then(|| {
        view! { <p>"Changes can be asked for all the same. What cannot be sent fails at once, with nothing changed."</p> }
    });
    let notice = view! {
        <div class="callout notice warn" role="status">
            <p><strong>{heading(&stale.why)}" This is how it was "<Age at=read_at/>"."</strong></p>
            <p>{why(&stale.why)}</p>
            {changed}
            {offers}
        </div>
    };
    Some(notice.into_any())
}

fn heading(why: &WhyStale) -> &'static str {
    match why {
        WhyStale::Failed(_) => "Workato was not answering.",
        WhyStale::NotYet => "Workato has not answered yet.",
        WhyStale::LimitUsedUp(_) => "Workato may not be asked just now.",
    }
}

fn why(why: &WhyStale) -> String {
    match why {
        WhyStale::Failed(error) => error.to_string(),
        WhyStale::NotYet => "The portal goes on waiting for it; reload in a moment.".to_owned(),
        WhyStale::LimitUsedUp(wait) => {
            let seconds = usize::try_from(wait.as_secs()).unwrap_or(usize::MAX).saturating_add(1);
            let seconds = grouped(seconds);
            format!("{seconds} s until it may be asked again: this workspace's limit for the call is used up.")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal::upstream::WhyStale;

    use super::why;

    #[test]
    fn a_used_up_limit_tells_the_seconds_and_never_too_few() {
        let says = why(&WhyStale::LimitUsedUp(Duration::from_millis(6_200)));
        assert!(says.starts_with("7 s until it may be asked again"), "{says}");
    }
}
