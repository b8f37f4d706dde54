//! How old the page's copy is, how long its read waited, and the button that reads it again.

use std::time::Duration;

use leptos::prelude::*;
use time::OffsetDateTime;

use super::{Age, Icon, icon};
use crate::context;

/// "412 connections, synced 12 s ago, after 7 s in the queue", and a button that reads again. `shown` is the first part.
/// Waits below one second are not shown.
#[component]
pub fn Freshness(
    #[prop(optional_no_strip)] shown: Option<String>,
    read_at: OffsetDateTime,
    waited: Duration,
    #[prop(into)] team: String,
    /// Whether the button refreshes the list of customers.
    #[prop(optional)]
    customers: bool,
) -> impl IntoView {
    let waited = waited.as_secs();
    let waited = (waited > 0).then(|| format!(", after {waited} s in the queue"));
    let what = customers.then(|| view! { <input type="hidden" name="what" value="customers"/> });
    let here = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
    let synced = match shown {
        Some(shown) => format!("{shown}, synced "),
        None => "Synced ".to_owned(),
    };
    view! {
        <form class="fresh" method="post" action="/api/fn/refresh">
            <span>{synced}<Age at=read_at/>{waited}</span>
            <input type="hidden" name="team" value=team/>
            <input type="hidden" name="page" value=here/>
            {what}
            <button type="submit" class="icon-btn" aria-label="Refresh" title="Refresh">{icon(Icon::Refresh)}</button>
        </form>
    }
}
