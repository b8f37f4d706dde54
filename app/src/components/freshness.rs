//! How old what a page shows is, and the button that asks Workato again.

use leptos::prelude::*;
use time::OffsetDateTime;

use super::Age;
use crate::context;

/// "412 · as Workato had it 12 s ago · Refresh". `shown` is what stands before it.
#[component]
pub fn Freshness(
    #[prop(into)] shown: String,
    read_at: OffsetDateTime,
    #[prop(into)] team: String,
    /// Whether it is the list of customers that is asked for anew.
    #[prop(optional)]
    customers: bool,
) -> impl IntoView {
    let what = customers.then(|| view! { <input type="hidden" name="what" value="customers"/> });
    let here = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
    view! {
        <form class="row soft freshness" method="post" action="/api/fn/refresh">
            <span>{shown}" · as Workato had it "<Age at=read_at/></span>
            <input type="hidden" name="team" value=team/>
            <input type="hidden" name="page" value=here/>
            {what}
            <button type="submit" class="button quiet">"Refresh"</button>
        </form>
    }
}
