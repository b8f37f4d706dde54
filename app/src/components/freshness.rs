//! How old the page's copy is, how long its read waited, and the button that reads it again.

use std::time::Duration;

use leptos::prelude::*;
use time::OffsetDateTime;

use super::Age;
use crate::context;

/// "412 · as Workato had it 12 s ago, after 7 s of waiting for a turn · Refresh". `shown` is the first part. Waits
/// below one second are not shown.
#[component]
pub fn Freshness(
    #[prop(into)] shown: String,
    read_at: OffsetDateTime,
    waited: Duration,
    #[prop(into)] team: String,
    /// Whether the button refreshes the list of customers.
    #[prop(optional)]
    customers: bool,
) -> impl IntoView {
    let waited = waited.as_secs();
    let waited = (waited > 0).then(|| format!(", after {waited} s of waiting for a turn"));
    let what = customers.then(|| view! { <input type="hidden" name="what" value="customers"/> });
    let here = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
    view! {
        <form class="row soft freshness" method="post" action="/api/fn/refresh">
            <span>{shown}" · as Workato had it "<Age at=read_at/>{waited}</span>
            <input type="hidden" name="team" value=team/>
            <input type="hidden" name="page" value=here/>
            {what}
            <button type="submit" class="btn quiet">"Refresh"</button>
        </form>
    }
}
