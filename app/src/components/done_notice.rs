//! Confirms what a form has just done.

use leptos::prelude::*;

use crate::{done::Done, wording::confirmations};

/// The confirmation that the URL names, if any.
#[component]
pub fn DoneNotice(
    /// What the page adds to it.
    #[prop(optional_no_strip)]
    more: Option<String>,
) -> impl IntoView {
    let more = more.map(|more| format!(" {more}"));
    Done::from_url().map(|done| view! { <p class="notice" role="status">{confirmations::sentence(done)}{more}</p> })
}
